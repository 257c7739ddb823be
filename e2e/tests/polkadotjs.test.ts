import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { account, freshAccount, SS58_FORMAT } from "../lib/accounts.js";
import { gcx, TUSD, tusd } from "../lib/money.js";
import { connect, field, type Outcome, submit } from "../lib/polkadotjs.js";
import { rotateKeys } from "../lib/rpc.js";

let api: ApiPromise;

beforeAll(async () => {
  api = await connect(inject("ws"));
});

afterAll(() => api.disconnect());

// This client learns the chain's types at run time, so the compiler knows neither pallets nor fields.
const read = async (pallet: string, item: string, ...keys: unknown[]): Promise<any> =>
  (await api.query[pallet]![item]!(...keys)).toJSON();

const send = (signer: KeyringPair, pallet: string, call: string, ...args: unknown[]): Promise<Outcome> =>
  submit(api.tx[pallet]![call]!(...args), signer);

const freeGcx = async (who: KeyringPair): Promise<bigint> =>
  BigInt((await read("system", "account", who.address)).data.free);

const freeTusd = async (who: KeyringPair): Promise<bigint> =>
  BigInt((await read("assets", "account", TUSD, who.address))?.balance ?? 0);

const minBond = async (): Promise<bigint> => BigInt((await read("validators", "parameters")).minBond);

describe("connection", () => {
  test("chain_presents_itself_with_its_name_token_and_address_format", async () => {
    expect((await api.rpc.system.chain()).toString()).toBe("GCX Development");
    expect(api.registry.chainTokens).toEqual(["GCX"]);
    expect(api.registry.chainDecimals).toEqual([12]);
    expect(api.registry.chainSS58).toBe(SS58_FORMAT);
  });

  test("chain_finalizes_blocks", async () => {
    const before = (await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead())).number.toNumber();
    const after = await new Promise<number>((resolve) => {
      const subscription = api.rpc.chain.subscribeFinalizedHeads((header) => {
        if (header.number.toNumber() <= before) return;
        void subscription.then((unsubscribe) => unsubscribe());
        resolve(header.number.toNumber());
      });
    });
    expect(after).toBeGreaterThan(before);
  });
});

describe("metadata", () => {
  test("metadata_names_every_pallet_that_clients_build_on", () => {
    const pallets = api.runtimeMetadata.asLatest.pallets.map(({ name }) => name.toString());
    expect(pallets).toEqual(
      expect.arrayContaining([
        "System",
        "Babe",
        "Grandpa",
        "Balances",
        "Assets",
        "AssetsHolder",
        "Validators",
        "Session",
      ]),
    );
  });

  test("transactions_carry_the_extension_that_checks_the_metadata_hash", () => {
    expect(api.registry.signedExtensions).toContain("CheckMetadataHash");
  });

  test("errors_of_validators_are_documented_in_the_metadata", () => {
    for (const error of Object.values(api.errors["validators"]!)) expect(error.meta.docs.join("")).not.toBe("");
  });
});

describe("transfers", () => {
  test("gcx_transfer_moves_the_exact_amount_and_costs_the_fee_of_its_event", async () => {
    const [from, to, amount] = [account("//Bob"), freshAccount(), gcx(5n)];
    const before = await freeGcx(from);

    const { error, fee, events } = await send(from, "balances", "transferKeepAlive", to.address, amount);

    expect(error).toBeUndefined();
    expect(field(events, "balances", "Transfer", "amount").toString()).toBe(amount.toString());
    expect(fee).toBeGreaterThan(0n);
    expect(await freeGcx(to)).toBe(amount);
    expect(await freeGcx(from)).toBe(before - amount - fee);
  });

  test("settlement_asset_transfer_moves_the_exact_amount_to_an_account_without_gcx", async () => {
    const [from, to, amount] = [account("//Bob"), freshAccount(), tusd(250n)];
    const [gcxBefore, tusdBefore] = [await freeGcx(from), await freeTusd(from)];

    const { error, fee } = await send(from, "assets", "transferKeepAlive", TUSD, to.address, amount);

    expect(error).toBeUndefined();
    expect(await freeTusd(to)).toBe(amount);
    expect(await freeTusd(from)).toBe(tusdBefore - amount);
    expect(await freeGcx(from)).toBe(gcxBefore - fee);
  });

  test("failed_transfer_changes_nothing_but_the_fee", async () => {
    const [from, to] = [account("//Bob"), freshAccount()];
    const before = await freeTusd(from);

    const { error, fee } = await send(from, "assets", "transferKeepAlive", TUSD, to.address, before + 1n);

    expect(error).toBe("assets.BalanceLow");
    expect(fee).toBeGreaterThan(0n);
    expect(await freeTusd(from)).toBe(before);
    expect(await freeTusd(to)).toBe(0n);
  });
});

describe("validators", () => {
  test("bond_is_held_under_its_own_reason_until_it_is_withdrawn", async () => {
    const [who, bond] = [account("//Dave"), await minBond()];
    const before = await freeGcx(who);

    const { error, fee, events } = await send(who, "validators", "bond", bond);

    expect(error).toBeUndefined();
    expect(field(events, "validators", "Bonded", "bond").toString()).toBe(bond.toString());
    expect((await api.query["balances"]!["holds"]!(who.address)).toHuman()).toEqual([
      { id: { Validators: "ValidatorBond" }, amount: BigInt(bond).toLocaleString("en") },
    ]);
    expect(await freeGcx(who)).toBe(before - bond - fee);
  });

  test("second_bond_is_refused_by_name", async () => {
    const { error } = await send(account("//Dave"), "validators", "bond", await minBond());
    expect(error).toBe("validators.AlreadyBonded");
  });

  test("bond_below_the_minimum_is_refused_by_name", async () => {
    const { error } = await send(account("//Eve"), "validators", "bond", (await minBond()) - 1n);
    expect(error).toBe("validators.BondTooSmall");
  });

  test("second_unbonding_is_refused_by_name", async () => {
    expect((await send(account("//Dave"), "validators", "unbond")).error).toBeUndefined();
    expect((await send(account("//Dave"), "validators", "unbond")).error).toBe("validators.AlreadyUnbonding");
  });

  test("bond_stays_while_its_owner_is_leaving", async () => {
    const { error } = await send(account("//Dave"), "validators", "withdrawUnbonded");
    expect(error).toBe("validators.StillUnbonding");
  });

  test("last_validator_may_not_leave", async () => {
    const { error } = await send(account("//Alice//stash"), "validators", "unbond");
    expect(error).toBe("validators.TooFewValidators");
  });

  test("session_keys_are_refused_when_the_proof_names_another_owner", async () => {
    const { keys, proof } = await rotateKeys(inject("http"), account("//Bob").publicKey);
    const { error } = await send(account("//Eve"), "session", "setKeys", keys, proof);
    expect(error).toBe("session.InvalidProof");
  });
});
