import type { KeyringPair } from "@polkadot/keyring/types";
import { MultiAddress } from "../.papi/descriptors/dist/index.js";
import { Binary, type Transaction, type TxFinalizedPayload } from "polkadot-api";
import { filter, firstValueFrom } from "rxjs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { account, freshAccount, typedSigner } from "../lib/accounts.js";
import { gcx, TUSD, tusd } from "../lib/money.js";
import { rotateKeys } from "../lib/rpc.js";
import { connect, type Typed } from "../lib/typed.js";
import { within } from "../lib/wait.js";

let typed: Typed;

beforeAll(() => {
  typed = connect(inject("ws"));
});

afterAll(() => typed.client.destroy());

const send = (signer: KeyringPair, transaction: Transaction): Promise<TxFinalizedPayload> =>
  within("the transaction to be final", 60, () => transaction.signAndSubmit(typedSigner(signer)));

const to = (who: KeyringPair) => MultiAddress.Id(who.address);

const freeGcx = async (who: KeyringPair): Promise<bigint> =>
  (await typed.api.query.System.Account.getValue(who.address)).data.free;

const freeTusd = async (who: KeyringPair): Promise<bigint> =>
  (await typed.api.query.Assets.Account.getValue(TUSD, who.address))?.balance ?? 0n;

const minBond = async (): Promise<bigint> => (await typed.api.query.Validators.Parameters.getValue()).min_bond;

/** What the sender of a transaction paid for it. */
function feeOf({ events }: TxFinalizedPayload): bigint {
  const [paid] = typed.api.event.TransactionPayment.TransactionFeePaid.filter(events);
  if (!paid) throw new Error("the block has no fee event for the transaction");
  return paid.payload.actual_fee;
}

/** Why a transaction failed, as `Pallet.Error`; `undefined` if it succeeded. */
function errorOf(result: TxFinalizedPayload): string | undefined {
  if (result.ok) return undefined;
  const error = result.dispatchError as { type: string; value?: { type: string; value?: { type: string } } };
  return error.type === "Module" ? `${error.value?.type}.${error.value?.value?.type}` : error.type;
}

describe("connection", () => {
  test("chain_presents_itself_with_its_name_and_token", async () => {
    const { name, properties } = await typed.client.getChainSpecData();
    expect(name).toBe("GCX Development");
    expect(properties).toEqual({ ss58Format: 42, tokenDecimals: 12, tokenSymbol: "GCX" });
  });

  test("chain_finalizes_blocks", async () => {
    const before = await typed.client.getFinalizedBlock();
    const after = await firstValueFrom(
      typed.client.finalizedBlock$.pipe(filter(({ number }) => number > before.number)),
    );
    expect(after.number).toBeGreaterThan(before.number);
  });
});

describe("metadata", () => {
  test("constants_give_the_economics_that_clients_rely_on", async () => {
    expect(await typed.api.constants.Balances.ExistentialDeposit()).toBe(gcx(1n) / 1000n);
    expect(await typed.api.constants.System.SS58Prefix()).toBe(42);
    expect(await typed.api.constants.Babe.ExpectedBlockTime()).toBe(3_000n);
  });

  test("settlement_asset_is_sufficient_and_has_its_symbol", async () => {
    expect(await typed.api.query.Assets.Asset.getValue(TUSD)).toMatchObject({ is_sufficient: true });
    const { symbol, decimals } = await typed.api.query.Assets.Metadata.getValue(TUSD);
    expect([Binary.toText(symbol), decimals]).toEqual(["tUSD", 6]);
  });
});

describe("transfers", () => {
  test("gcx_transfer_moves_the_exact_amount_and_costs_the_fee_of_its_event", async () => {
    const [from, target, value] = [account("//Charlie"), freshAccount(), gcx(7n)];
    const before = await freeGcx(from);

    const result = await send(from, typed.api.tx.Balances.transfer_keep_alive({ dest: to(target), value }));

    expect(errorOf(result)).toBeUndefined();
    expect(typed.api.event.Balances.Transfer.filter(result.events).map(({ payload }) => payload)).toEqual([
      { from: from.address, to: target.address, amount: value },
    ]);
    expect(await freeGcx(target)).toBe(value);
    expect(await freeGcx(from)).toBe(before - value - feeOf(result));
  });

  // Not exactly: the price of weight follows the load of the chain, block by block.
  test("estimated_fee_is_within_a_thousandth_of_the_fee_that_is_paid", async () => {
    const [from, target] = [account("//Charlie"), freshAccount()];
    const transfer = typed.api.tx.Balances.transfer_keep_alive({ dest: to(target), value: gcx(1n) });
    const estimate = await transfer.getEstimatedFees(from.address);
    const paid = feeOf(await send(from, transfer));
    expect(paid).toBeGreaterThan((estimate * 999n) / 1000n);
    expect(paid).toBeLessThan((estimate * 1001n) / 1000n);
  });

  test("settlement_asset_transfer_moves_the_exact_amount", async () => {
    const [from, target, amount] = [account("//Charlie"), freshAccount(), tusd(40n)];
    const before = await freeTusd(from);

    const result = await send(from, typed.api.tx.Assets.transfer({ id: TUSD, target: to(target), amount }));

    expect(errorOf(result)).toBeUndefined();
    expect(await freeTusd(target)).toBe(amount);
    expect(await freeTusd(from)).toBe(before - amount);
  });
});

describe("validators", () => {
  test("bond_is_held_under_its_own_reason", async () => {
    const [who, value] = [account("//Ferdie"), await minBond()];
    const before = await freeGcx(who);

    const result = await send(who, typed.api.tx.Validators.bond({ value }));

    expect(errorOf(result)).toBeUndefined();
    expect(typed.api.event.Validators.Bonded.filter(result.events).map(({ payload }) => payload)).toEqual([
      { who: who.address, bond: value },
    ]);
    expect(await typed.api.query.Balances.Holds.getValue(who.address)).toEqual([
      { id: { type: "Validators", value: { type: "ValidatorBond", value: undefined } }, amount: value },
    ]);
    expect(await freeGcx(who)).toBe(before - value - feeOf(result));
    expect((await typed.api.query.Validators.Candidates.getValue()).map(([candidate]) => candidate)).toContain(
      who.address,
    );
  });

  test("bond_below_the_minimum_is_refused_by_name", async () => {
    const value = (await minBond()) - 1n;
    const result = await send(account("//Charlie"), typed.api.tx.Validators.bond({ value }));
    expect(errorOf(result)).toBe("Validators.BondTooSmall");
  });

  test("second_unbonding_is_refused_by_name", async () => {
    expect(errorOf(await send(account("//Ferdie"), typed.api.tx.Validators.unbond()))).toBeUndefined();
    const again = await send(account("//Ferdie"), typed.api.tx.Validators.unbond());
    expect(errorOf(again)).toBe("Validators.AlreadyUnbonding");
  });

  test("session_keys_are_refused_when_the_proof_names_another_owner", async () => {
    const made = await rotateKeys(inject("http"), account("//Bob").publicKey);
    const [babe, grandpa] = [made.keys.slice(0, 66), `0x${made.keys.slice(66)}`];
    const setKeys = typed.api.tx.Session.set_keys({ keys: { babe, grandpa }, proof: Binary.fromHex(made.proof) });
    expect(errorOf(await send(account("//Charlie"), setKeys))).toBe("Session.InvalidProof");
  });
});
