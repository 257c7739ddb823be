/** The token: a fee that is paid in it, a seat on the exchange, and how much of it there is. */

import type { ApiPromise } from "@polkadot/api";
import { account } from "../../lib/accounts.js";
import { instrumentViews } from "../../lib/clearing.js";
import { gcx, tusd } from "../../lib/money.js";
import type { Node } from "../../lib/node.js";
import { all, succeed } from "../../lib/polkadotjs.js";
import { height } from "../../lib/rpc.js";
import {
  burnedInAll,
  type FeePaidInTokens,
  feesView,
  reconciles,
  rewardsView,
  seatsView,
  token,
  tokenView,
} from "../../lib/token.js";
import { signOrder, take } from "../../lib/trading.js";
import { until } from "../../lib/wait.js";
import { inGcx, inTusd, line, step } from "../print.js";
import { traders } from "./exchange.js";

/** Lots of the trade whose fee is paid in tokens. */
const LOTS = 5;

/** Who takes a seat. Everybody has its key. */
const member = account("//Eve");

/** The buyer pays a fee in tokens, somebody takes a seat; then the token is reconciled. */
export async function showToken(api: ApiPromise, { http }: Node): Promise<void> {
  step("The token: a fee that is paid in it, a seat on the exchange, and how much there is");
  await payInTokens(api, http);
  await takeSeat(api, http);

  const view = await tokenView(http);
  line(`there were ${inGcx(BigInt(view.genesis))}, ${inGcx(BigInt(view.issued))} were issued since`);
  const { trading, chain, performance } = view.burned;
  line(
    `burned: ${inGcx(BigInt(trading))} of trading fees, ${inGcx(BigInt(chain))} of the chain's own, ` +
      `${inGcx(BigInt(performance))} for bad performance, ${inGcx(burnedInAll(view))} in all`,
  );
  line(`there are ${inGcx(BigInt(view.issuance))}; ${inGcx(BigInt(view.staked))} of them answer for somebody`);
  line(`this year ${inGcx(BigInt(view.capLeft))} may still be issued, as far as fees grow beyond the best era's`);
  if (!reconciles(view) || view.burned.other !== "0") throw new Error("the token does not reconcile");
  line("  issued less burned is what there is more than at first, to the unit");
}

async function payInTokens(api: ApiPromise, http: string): Promise<void> {
  const { buyer, seller } = traders();
  await until("a price of GCX", 180, async () => (await tokenView(http)).price !== null);
  const { instrument, mark } = await until("a mark", 120, async () => {
    const [listed] = await instrumentViews(http);
    return listed!.mark !== null && { instrument: listed!.instrument, mark: listed!.mark };
  });
  await succeed(token(api)["payFeesIn"]!("Token"), buyer);
  const expires = (await height(http)) + 1_000;
  const terms = { instrument, side: "Buy" as const, lots: LOTS, limit: mark, maxFeePerLot: tusd(1n) };
  const order = signOrder(api, buyer, { ...terms, expires, salt: 77 });
  const { error, events } = await take(api, seller, order, LOTS, tusd(10n));
  const [paid] = all<FeePaidInTokens>(events, "token", "FeePaidInTokens");
  if (error || !paid) throw new Error(`no fee was paid in tokens: ${error ?? events.map(({ method }) => method)}`);
  const [fee, tokens, burned] = [paid.fee, paid.tokens, paid.burned].map(BigInt) as [bigint, bigint, bigint];
  line(`the buyer chose to pay in GCX: a fee of ${inTusd(fee)} is ${inGcx(tokens)} at a quarter less`);
  line(`  ${inGcx(burned)} of it burned at once; the rest is the pool's, its guarantor's, the treasury's, and rewards`);
  const shares = [paid.pool, paid.rebate, paid.treasury, paid.rewards].map(BigInt);
  if (shares.reduce((sum, share) => sum + share, burned) !== tokens)
    throw new Error("the fee was not shared to the unit");
  const { volume, rates, next } = await feesView(http, buyer.address);
  line(
    `  it traded ${inTusd(BigInt(volume))} in 30 days and pays ${rates.maker} and ${rates.taker} millionths; ` +
      `from ${inTusd(BigInt(next!.from))} on ${next!.maker} and ${next!.taker}`,
  );
}

async function takeSeat(api: ApiPromise, http: string): Promise<void> {
  const { price } = await seatsView(http);
  const { events } = await succeed(token(api)["buySeat"]!(price), member);
  const [bought] = all<{ stake: string }>(events, "token", "SeatBought");
  const { count, taken, price: next } = await seatsView(http);
  line(`a member takes a seat for ${inGcx(BigInt(bought!.stake))}, which are held, not spent`);
  line(`  ${taken} of ${count} are taken; the next one costs ${inGcx(BigInt(next!))} now, and less by the minute`);
  const { rates } = await feesView(http, member.address);
  line(`  it pays ${rates.maker} and ${rates.taker} millionths, and may propose contracts`);
}

/** What the validator of this chain earned by the fee of the buyer: it asks for it itself. */
export async function showRewards(api: ApiPromise, { http }: Node): Promise<void> {
  step("Rewards: what the validator earned by fees");
  const validator = account("//Alice//stash");
  const due = await until("an era to end", 120, async () => {
    const { validator: due } = await rewardsView(http, validator.address);
    return due !== "0" && BigInt(due);
  });
  const { events } = await succeed(token(api)["claim"]!("Validator", validator.address), member);
  const [paid] = all<{ amount: string }>(events, "token", "RewardPaid");
  line(`${inGcx(due)} for the blocks of eras that are over: it is paid when asked for, by whoever asks`);
  if (BigInt(paid!.amount) < due || BigInt(paid!.amount) > due + gcx(1n)) throw new Error("it was paid something else");
}
