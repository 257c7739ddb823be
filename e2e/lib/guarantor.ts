/** Guarantors and their customers: what each signs to come together. */

import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import { gcx, TUSD, tusd } from "./money.js";
import { find, type Outcome, succeed } from "./polkadotjs.js";

/** What a guarantor of test chains bonds, and what it puts into its house: the least of both. */
export const BOND = gcx(100_000n);
export const HOUSE_FUNDS = tusd(100_000n);

/** What a customer may do unless its guarantor says otherwise. */
export const LIMITS = {
  maxInitialMargin: tusd(1_000_000n),
  maxLots: 1_000,
  marginMultiplier: 1_200_000,
  suspended: false,
};

/** Gives each account a million GCX and a million dollars, from an account that has the one and one that has the other. */
export async function fund(
  api: ApiPromise,
  native: KeyringPair,
  settlement: KeyringPair,
  to: KeyringPair[],
): Promise<void> {
  const { balances, assets, utility } = api.tx;
  const batch = (calls: SubmittableExtrinsic<"promise">[]): SubmittableExtrinsic<"promise"> =>
    utility!["batchAll"]!(calls);
  await Promise.all([
    succeed(batch(to.map(({ address }) => balances!["transferKeepAlive"]!(address, gcx(1_000_000n)))), native),
    succeed(batch(to.map(({ address }) => assets!["transferKeepAlive"]!(TUSD, address, tusd(1_000_000n)))), settlement),
  ]);
}

/** Each applies with the smallest bond and funds its house; then governance, which is `sudo` here, admits all. */
export async function becomeGuarantors(api: ApiPromise, sudo: KeyringPair, who: KeyringPair[]): Promise<void> {
  const { clearing, guarantor, sudo: governance, utility } = api.tx;
  const apply = () => utility!["batchAll"]!([guarantor!["apply"]!(BOND), clearing!["deposit"]!(0, HOUSE_FUNDS)]);
  await Promise.all(who.map((guarantor) => succeed(apply(), guarantor)));
  const admit = utility!["batchAll"]!(who.map(({ address }) => guarantor!["admit"]!(address)));
  // `sudo` itself succeeds even where the call within fails: the event tells.
  const { events } = await succeed(governance!["sudo"]!(admit), sudo);
  find(events, "guarantor", "Admitted");
}

/** Each customer asks, then the guarantor accepts all. Who is another guarantor's customer is ported. */
export async function becomeCustomers(api: ApiPromise, guarantor: KeyringPair, who: KeyringPair[]): Promise<Outcome> {
  const { guarantor: calls, utility } = api.tx;
  await Promise.all(who.map((customer) => succeed(calls!["request"]!(guarantor.address), customer)));
  return succeed(utility!["batchAll"]!(who.map(({ address }) => calls!["accept"]!(address, LIMITS))), guarantor);
}

/** Cash of an owner's first margin account, in the smallest unit of the settlement asset. */
export async function cashOf(api: ApiPromise, owner: KeyringPair): Promise<bigint> {
  const entry = (await api.query["clearing"]!["accounts"]!(owner.address, 0)).toJSON() as { cash: string } | null;
  return BigInt(entry?.cash ?? 0);
}
