/** Every margin account's balance, from the events of the whole demo. */

import type { ApiPromise } from "@polkadot/api";
import { sum } from "../../lib/clearing.js";
import { differences, type Indexer, storedBalances } from "../../lib/indexer.js";
import { inTusd, line, step } from "../print.js";

/** Holds what events told against what the chain has. */
export async function showAudit(api: ApiPromise, indexer: Indexer): Promise<void> {
  step("Every margin account's balance, from events alone");
  const hash = (await api.rpc.chain.getFinalizedHead()).toHex();
  const number = (await api.rpc.chain.getHeader(hash)).number.toNumber();
  const [told, stored] = [await indexer.at(number), await storedBalances(api, hash)];
  const wrong = differences(told, stored);
  if (wrong.length > 0) throw new Error(wrong.join("; "));
  const cash = sum([...told.values()].map((balance) => balance.cash));
  line(
    `${indexer.read()} events of ${number} blocks tell of ${told.size} accounts, which have ${inTusd(cash)} together`,
  );
  line("  the chain has the same of each, to the unit");
}
