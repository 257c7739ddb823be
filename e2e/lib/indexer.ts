/** Every margin account's balance, from events alone: what an indexer does. */

import type { ApiPromise } from "@polkadot/api";
import { fields, finalBlocks } from "./polkadotjs.js";
import { until } from "./wait.js";

/** What an account has: cash in the settlement asset's smallest unit, collateral by asset. */
export interface Balance {
  cash: bigint;
  collateral: Record<number, bigint>;
}

/** By owner and sub-account. */
export type Balances = Map<string, Balance>;

const nameOf = (owner: string, sub: number): string => `${owner}/${sub}`;

/** Reads events from the first block on. */
export interface Indexer {
  /** The balances after a block, once all events up to it were read. */
  at(number: number): Promise<Balances>;
  /** How many events told of balances up to now. */
  read(): number;
}

type Told = { number: number; apply: (balances: Balances) => void };

/** Follows every final block from the first. Nothing but events is read; a chain prunes old state, so it has to begin in time. */
export function followBalances(api: ApiPromise): Indexer {
  const told: Told[] = [];
  let done = 0;
  let failure: unknown;
  const work = async (): Promise<void> => {
    for await (const { number, events } of finalBlocks(api, 1)) {
      for (const event of events.filter(({ section }) => section === "clearing")) {
        const apply = changeOf(event.method, fields<Fields>(event));
        if (apply) told.push({ number, apply });
      }
      done = number;
    }
  };
  work().catch((error: unknown) => (failure = error));
  return {
    at: async (number) => {
      await until(`the events up to block ${number}`, 60, () => {
        if (failure) throw failure;
        return done >= number;
      });
      const balances: Balances = new Map();
      for (const { apply } of told.filter((one) => one.number <= number)) apply(balances);
      return balances;
    },
    read: () => told.length,
  };
}

interface Fields {
  owner: string;
  sub: number;
  cash: number | string;
  collateral: number;
  held: number | string;
}

/** What an event says of balances; nothing if it says nothing. */
function changeOf(method: string, said: Fields): Told["apply"] | undefined {
  const name = nameOf(said.owner, said.sub);
  const balanceIn = (balances: Balances): Balance => {
    const known = balances.get(name) ?? { cash: 0n, collateral: {} };
    balances.set(name, known);
    return known;
  };
  switch (method) {
    case "Opened":
      return (balances) => void balanceIn(balances);
    case "CashChanged":
      return (balances) => (balanceIn(balances).cash = BigInt(said.cash));
    case "CollateralChanged":
      return (balances) => {
        const { collateral } = balanceIn(balances);
        collateral[said.collateral] = BigInt(said.held);
        if (collateral[said.collateral] === 0n) delete collateral[said.collateral];
      };
    case "Closed":
      return (balances) => void balances.delete(name);
    default:
      return undefined;
  }
}

/** The balances that the chain has stored after a block. */
export async function storedBalances(api: ApiPromise, hash: string): Promise<Balances> {
  const entries = await (await api.at(hash)).query["clearing"]!["accounts"]!.entries();
  return new Map(
    entries.map(([key, value]) => {
      const [owner, sub] = [key.args[0]!.toString(), Number(key.args[1]!.toString())];
      const account = value.toPrimitive() as {
        cash: number | string;
        collateral: { id: number; amount: number | string }[];
      };
      const collateral = Object.fromEntries(account.collateral.map(({ id, amount }) => [id, BigInt(amount)]));
      return [nameOf(owner, sub), { cash: BigInt(account.cash), collateral }];
    }),
  );
}

/** What events told and the chain does not have, or the other way round, in words; nothing if they agree to the unit. */
export function differences(told: Balances, stored: Balances): string[] {
  const shown = (balance: Balance | undefined): string =>
    balance
      ? [balance.cash, ...Object.entries(balance.collateral).map(([id, held]) => `${held} of ${id}`)].join(", ")
      : "no account";
  return [...new Set([...told.keys(), ...stored.keys()])]
    .filter((name) => shown(told.get(name)) !== shown(stored.get(name)))
    .map((name) => `${name}: events tell ${shown(told.get(name))}, the chain has ${shown(stored.get(name))}`);
}
