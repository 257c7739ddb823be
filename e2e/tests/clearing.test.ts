import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { account, freshAccount } from "../lib/accounts.js";
import { becomeCustomers, becomeGuarantors, cashOf, fund, HOUSE_FUNDS } from "../lib/guarantor.js";
import { gcx, TUSD, tusd } from "../lib/money.js";
import { connect, find, type Outcome, submit } from "../lib/polkadotjs.js";

let api: ApiPromise;
const [guarantor, customer, stranger] = [freshAccount(), freshAccount(), freshAccount()];

beforeAll(async () => {
  api = await connect(inject("ws"));
  await fund(api, account("//Bob//stash"), account("//Alice"), [guarantor, customer, stranger]);
});

afterAll(() => api.disconnect());

const send = (signer: KeyringPair, pallet: string, call: string, ...args: unknown[]): Promise<Outcome> =>
  submit(api.tx[pallet]![call]!(...args), signer);

const dollars = async (who: KeyringPair): Promise<bigint> => {
  const entry = (await api.query["assets"]!["account"]!(TUSD, who.address)).toJSON() as { balance: string } | null;
  return BigInt(entry?.balance ?? 0);
};

describe("a guarantor and its customer", () => {
  test("who_has_no_guarantor_cannot_deposit", async () => {
    expect((await send(stranger, "clearing", "deposit", 0, tusd(500n))).error).toBe("clearing.NoGuarantor");
  });

  test("guarantor_is_admitted_with_a_bond_and_a_funded_house", async () => {
    const parameters = (await api.query["guarantor"]!["parameters"]!()).toJSON() as { minBond: string };
    expect(BigInt(parameters.minBond)).toBe(gcx(100_000n));
    expect((await send(guarantor, "guarantor", "apply", gcx(1n))).error).toBe("guarantor.BondTooSmall");
    await becomeGuarantors(api, account("//Alice"), [guarantor]);
    expect(await cashOf(api, guarantor)).toBe(HOUSE_FUNDS);
    const record = (await api.query["guarantor"]!["guarantors"]!(guarantor.address)).toJSON() as { state: string };
    expect(record.state).toBe("Active");
  }, 180_000);

  test("customer_joins_with_consent_of_both_and_deposits", async () => {
    const before = await dollars(customer);
    await becomeCustomers(api, guarantor, [customer]);
    const { error, events } = await send(customer, "clearing", "deposit", 0, tusd(5_000n));
    expect(error).toBeUndefined();
    find(events, "clearing", "CustodyOpened");
    expect(await cashOf(api, customer)).toBe(tusd(5_000n));
    // A cent more: the minimum balance of the segment's custody account.
    expect(before - (await dollars(customer))).toBe(tusd(5_000n) + tusd(1n) / 100n);
  }, 180_000);

  test("withdrawal_passes_the_fuse_up_to_the_accounts_reserve_and_no_further", async () => {
    expect((await send(customer, "clearing", "withdraw", 0, tusd(5_001n))).error).toBe("clearing.InsufficientCash");
    expect((await send(customer, "clearing", "withdraw", 0, tusd(1_000n))).error).toBeUndefined();
    expect(await cashOf(api, customer)).toBe(tusd(4_000n));
    expect((await send(customer, "clearing", "close", 0)).error).toBe("clearing.AccountNotEmpty");
    expect((await send(customer, "guarantor", "leave")).error).toMatch(/^guarantor\./);
  }, 180_000);

  test("house_keeps_its_minimum_while_it_has_customers", async () => {
    expect((await send(guarantor, "clearing", "withdraw", 0, tusd(1n))).error).toBe("clearing.HouseFundsLocked");
  });
});
