/** Blocks, finality and transfers. */

import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { TUSD } from "../../lib/money.js";
import type { Node } from "../../lib/node.js";
import { succeed } from "../../lib/polkadotjs.js";
import { finalizedHeight, height } from "../../lib/rpc.js";
import { seconds, until } from "../../lib/wait.js";
import { inGcx, inTusd, line, step } from "../print.js";

/** Blocks to show before anything is sent. */
const BLOCKS_SHOWN = 3;

export async function showBlocks({ http }: Node): Promise<void> {
  step("Blocks, and how far they are final");
  let shown = await height(http);
  for (let count = 0; count < BLOCKS_SHOWN; count++) {
    const best = await until("the next block", 30, async () => {
      const best = await height(http);
      return best > shown && best;
    });
    shown = best;
    line(`best block ${best}, final up to ${await finalizedHeight(http)}`);
  }
  const final = await until("a final block", 60, async () => (await finalizedHeight(http)) || undefined);
  line(`block ${final} is final`);
}

/** Sends `value`, shows what both have before and after, and fails if a unit is missing anywhere. */
export async function showTransfer(
  api: ApiPromise,
  from: KeyringPair,
  to: KeyringPair,
  asset: "gcx" | "settlement",
  value: bigint,
): Promise<void> {
  const isGcx = asset === "gcx";
  const print = isGcx ? inGcx : inTusd;
  const balance = async (who: KeyringPair): Promise<bigint> => {
    // The client learns the chain's types at run time.
    const entry = isGcx
      ? await api.query["system"]!["account"]!(who.address)
      : await api.query["assets"]!["account"]!(TUSD, who.address);
    const json = entry.toJSON() as { data?: { free: string | number }; balance?: string | number } | null;
    return BigInt(json?.data?.free ?? json?.balance ?? 0);
  };
  const call = isGcx
    ? api.tx["balances"]!["transferKeepAlive"]!(to.address, value)
    : api.tx["assets"]!["transferKeepAlive"]!(TUSD, to.address, value);

  const before = [await balance(from), await balance(to)] as const;
  const sent = Date.now();
  const { fee } = await succeed(call, from);
  const after = [await balance(from), await balance(to)] as const;

  line(`${print(value)}, final ${seconds(Date.now() - sent)} after it was sent, for a fee of ${inGcx(fee)}`);
  line(`  sender     ${print(before[0])} -> ${print(after[0])}`);
  line(`  recipient  ${print(before[1])} -> ${print(after[1])}`);
  const paid = value + (isGcx ? fee : 0n);
  if (before[0] - after[0] !== paid || after[1] - before[1] !== value) throw new Error("the balances do not reconcile");
  line("  reconciled to the unit");
}
