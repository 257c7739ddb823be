import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Event } from "@polkadot/types/interfaces";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { account, freshAccount } from "../lib/accounts.js";
import { becomeCustomers, becomeGuarantors, fund } from "../lib/guarantor.js";
import { gcx, tusd } from "../lib/money.js";
import { type Node, startDevelopmentNode } from "../lib/node.js";
import { all, connect, finalBlocks, type Outcome, submit, succeed } from "../lib/polkadotjs.js";
import { CLASSES, indexState, quote, reportEveryDay, type Reporting, reporters } from "../lib/reporting.js";
import { height } from "../lib/rpc.js";
import { type FeePaidInTokens, feesView, reconciles, rewardsView, seatsView, token, tokenView } from "../lib/token.js";
import { listContract, monthOf, MULTIPLIER, signOrder, take, type Traded } from "../lib/trading.js";
import { until } from "../lib/wait.js";

// These tests have a chain of their own: they count all tokens there are, and wait for eras, which are days. They build on each other.
let node: Node;
let api: ApiPromise;
let reporting: Reporting[];
let blocks: AsyncGenerator<{ events: Event[] }, never>;

const sudo = account("//Alice");
const validator = account("//Alice//stash");
const guarantor = freshAccount();
const [buyer, seller] = [freshAccount(), freshAccount()];
const [member, successor, stranger] = [account("//Eve"), account("//Ferdie"), account("//Dave")];

/** Prices of the index: a Compute Hour, and a GCX, in millionths of a dollar. */
const [PRICE, GCX_PRICE] = [2_500_000, 500_000];
/** Lots of each trade, and its fee in cash: two hundredths of a per cent. */
const LOTS = 10;
const FEE = (BigInt(LOTS * MULTIPLIER * PRICE) * 200n) / 1_000_000n;

beforeAll(async () => {
  node = await startDevelopmentNode({ chain: inject("chain") });
  api = await connect(node.ws);
  const around = (price: number) => () =>
    reporters().map((reporter, place) => quote(reporter, price + (place - 1) * 1_000));
  reporting = [
    reportEveryDay(api, node.http, CLASSES.aiInfer, around(PRICE)),
    reportEveryDay(api, node.http, CLASSES.gcx, around(GCX_PRICE)),
  ];
  await fund(api, account("//Charlie"), sudo, [guarantor, buyer, seller]);
  await becomeGuarantors(api, sudo, [guarantor]);
  const { now } = await indexState(node.http, CLASSES.aiInfer);
  await Promise.all([
    listContract(api, sudo, monthOf(CLASSES.aiInfer, now), PRICE),
    becomeCustomers(api, guarantor, [buyer, seller]),
  ]);
  await Promise.all([buyer, seller].map((who) => succeed(api.tx["clearing"]!["deposit"]!(0, tusd(50_000n)), who)));
  await Promise.all(reporting.map((reports) => reports.next()));
  blocks = finalBlocks(api, (await height(node.http)) + 1);
}, 300_000);

afterAll(async () => {
  reporting?.forEach((reports) => reports.stop());
  await api?.disconnect();
  await node?.end();
});

const free = async ({ address }: { address: string }): Promise<bigint> =>
  (
    (await api.query["system"]!["account"]!(address)) as unknown as { data: { free: { toBigInt(): bigint } } }
  ).data.free.toBigInt();

let salt = 0;
/** The seller takes an order of the buyer's: the buyer pays no fee of the chain. */
async function trade(): Promise<Traded> {
  const expires = (await height(node.http)) + 1_000;
  const terms = {
    instrument: 0,
    side: "Buy" as const,
    lots: LOTS,
    limit: PRICE,
    maxFeePerLot: tusd(1n),
    expires,
    salt: salt++,
  };
  const traded = await take(api, seller, signOrder(api, buyer, terms), LOTS, tusd(100n));
  expect(traded.error).toBeUndefined();
  return traded;
}

/** The next event of a kind, of a block that was not looked at yet. */
async function nextEvent<E>(section: string, method: string, is: (event: E) => boolean = () => true): Promise<E> {
  for (;;) {
    const { events } = (await blocks.next()).value;
    const found = all<E>(events, section, method).find(is);
    if (found) return found;
  }
}

const refused = async (call: Parameters<typeof submit>[0], who: KeyringPair): Promise<string | undefined> =>
  (await submit(call, who)).error;

describe("the token", () => {
  test("reconciles_to_the_unit_and_half_of_a_fee_of_the_chain_burns", async () => {
    const before = await tokenView(node.http);
    expect(reconciles(before)).toBe(true);
    expect(before.burned.other).toBe("0");
    expect(before).toMatchObject({ issued: "0", capLeft: `${gcx(2_400_000n)}` });
    expect(BigInt(before.staked)).toBeGreaterThan(gcx(100_000n));
    expect(BigInt(before.held)).toBeLessThan(BigInt(before.issuance));
    const remark = api.tx["system"]!["remark"]!("0x00");
    const { block, fee } = await succeed(remark, stranger);
    const parent = (await api.rpc.chain.getHeader(block)).parentHash.toHex();
    const [then, now] = [await tokenView(node.http, parent), await tokenView(node.http, block)];
    const burned = BigInt(now.burned.chain) - BigInt(then.burned.chain);
    // Reporters may have paid in the same block, but mostly they pay nothing.
    expect(burned).toBeGreaterThanOrEqual(fee / 2n);
    expect(reconciles(now)).toBe(true);
  });
});

describe("a seat", () => {
  let stake = 0n;

  test("is_bought_at_a_falling_price_that_is_held_and_gives_the_best_tier", async () => {
    const { buySeat, offerSeat, surrenderSeat } = token(api);
    expect(await refused(offerSeat!(1, null), member)).toBe("token.NoSeat");
    expect(await refused(surrenderSeat!(), member)).toBe("token.NoSeat");
    expect(await refused(buySeat!(1), member)).toBe("token.PriceTooHigh");
    const { count, taken, price } = await seatsView(node.http);
    expect({ count, taken }).toEqual({ count: 100, taken: 0 });
    const later = await until("the price to fall", 30, async () => {
      const { price: now } = await seatsView(node.http);
      return BigInt(now!) < BigInt(price!) && now!;
    });
    expect(BigInt(later)).toBeLessThanOrEqual(gcx(1_000_000n));
    const before = await free(member);
    const { events, fee } = await succeed(buySeat!(price), member);
    const [bought] = all<{ stake: string }>(events, "token", "SeatBought");
    stake = BigInt(bought!.stake);
    expect(stake).toBeLessThan(BigInt(price!));
    expect(await free(member)).toBe(before - stake - fee);
    expect(await feesView(node.http, member.address)).toMatchObject({
      hasSeat: true,
      tier: 3,
      next: null,
      rates: { maker: 50 },
    });
    expect(await feesView(node.http, stranger.address)).toMatchObject({
      hasSeat: false,
      tier: 0,
      rates: { maker: 200 },
    });
    expect(await refused(buySeat!(price), member)).toBe("token.AlreadySeated");
    // The next one begins at twice as much.
    const next = await seatsView(node.http);
    expect(next.taken).toBe(1);
    expect(BigInt(next.price!)).toBeGreaterThan(stake);
  }, 60_000);

  test("changes_hands_for_a_price_and_a_share_of_its_stake_burns", async () => {
    const { offerSeat, takeSeat } = token(api);
    const price = gcx(5n);
    await succeed(offerSeat!(price, successor.address), member);
    expect(await refused(takeSeat!(member.address, price), stranger)).toBe("token.NotOffered");
    expect(await refused(takeSeat!(member.address, price - 1n), successor)).toBe("token.PriceTooHigh");
    const [had, paid] = [await free(member), await free(successor)];
    const { events, fee } = await succeed(takeSeat!(member.address, price), successor);
    const [moved] = all<{ burned: string }>(events, "token", "SeatTransferred");
    const burned = BigInt(moved!.burned);
    expect(burned).toBe((stake + 9n) / 10n);
    expect(await free(member)).toBe(had + price + stake - burned);
    expect(await free(successor)).toBe(paid - price - stake - fee);
    const view = await tokenView(node.http);
    expect(BigInt(view.burned.seats)).toBe(burned);
  });

  test("lets_its_holder_propose_a_contract_which_governance_lists", async () => {
    const { proposeListing, approveProposal } = api.tx["market"]!;
    const { now } = await indexState(node.http, CLASSES.hpcFp64);
    const terms = monthOf(CLASSES.aiInfer, now);
    expect(await refused(proposeListing!(terms, PRICE), member)).toBe("market.NoSeat");
    const { events } = await succeed(proposeListing!(terms, PRICE), successor);
    const [proposed] = all<{ proposal: number }>(events, "market", "ListingProposed");
    const approved = await succeed(api.tx["sudo"]!["sudo"]!(approveProposal!(proposed!.proposal)), sudo);
    expect(all(approved.events, "market", "Listed")).toMatchObject([{ instrument: 1 }]);
  });
});

describe("a fee", () => {
  test("is_paid_in_tokens_by_who_chose_it_and_burns_at_once", async () => {
    const { payFeesIn } = token(api);
    expect(await refused(payFeesIn!("Token"), stranger)).toBe("token.NotMember");
    await succeed(payFeesIn!("Token"), buyer);
    expect(await refused(payFeesIn!("Token"), buyer)).toBe("token.AlreadyChosen");
    const before = await free(buyer);
    const { events, filled } = await trade();
    const [paid] = all<FeePaidInTokens>(events, "token", "FeePaidInTokens");
    expect(paid).toMatchObject({ who: buyer.address, guarantor: guarantor.address });
    const [fee, worth, tokens] = [paid!.fee, paid!.worth, paid!.tokens].map(BigInt) as [bigint, bigint, bigint];
    // A quarter less, at half a dollar for a GCX.
    expect({ fee, worth }).toEqual({ fee: FEE, worth: (FEE * 3n) / 4n });
    expect(tokens).toBe((worth * gcx(1n)) / BigInt(GCX_PRICE));
    const parts = [paid!.pool, paid!.rebate, paid!.treasury, paid!.rewards, paid!.burned].map(BigInt);
    expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(tokens);
    expect(await free(buyer)).toBe(before - tokens);
    expect([filled[0]!.receipt.buyer.fee, filled[0]!.receipt.seller.fee]).toEqual([0n, FEE]);
    const { volume, paysInTokens } = await feesView(node.http, buyer.address);
    expect({ volume, paysInTokens }).toEqual({ volume: `${LOTS * MULTIPLIER * PRICE}`, paysInTokens: true });
    const { burned } = await tokenView(node.http);
    expect(BigInt(burned.trading)).toBe(BigInt(paid!.burned));
  });

  test("lets_validators_and_traders_claim_their_part_of_it_when_the_era_is_over", async () => {
    const { claim } = token(api);
    await nextEvent<{ ofFees: string }>("token", "EraEnded", ({ ofFees }) => BigInt(ofFees) > 0n);
    const due = BigInt((await rewardsView(node.http, validator.address)).validator);
    expect(due).toBeGreaterThan(0n);
    const before = await free(validator);
    const { events } = await succeed(claim!("Validator", validator.address), stranger);
    expect(all(events, "token", "RewardPaid")).toMatchObject([{ who: validator.address, role: "Validator" }]);
    expect(await free(validator)).toBeGreaterThanOrEqual(before + due);
    expect(await refused(claim!("Validator", validator.address), stranger)).toBe("token.NothingToClaim");
    expect(await refused(claim!("Operator", validator.address), stranger)).toBe("token.NothingToClaim");
    const view = await tokenView(node.http);
    expect([reconciles(view), view.burned.other]).toEqual([true, "0"]);
  }, 180_000);

  test("falls_back_to_the_settlement_asset_where_tokens_are_too_few", async () => {
    // A tenth of a GCX is left, less what the chain takes for this; the fee would be three quarters of one.
    const away = (await free(buyer)) - gcx(1n) / 10n;
    await succeed(api.tx["balances"]!["transferKeepAlive"]!(stranger.address, away), buyer);
    const { events, filled } = await trade();
    const [fell] = all<{ who: string; reason: { tooFewTokens: unknown } }>(events, "token", "FeeFellBack");
    expect(fell).toMatchObject({ who: buyer.address });
    expect(Object.keys(fell!.reason)).toEqual(["tooFewTokens"]);
    expect(filled[0]!.receipt.buyer.fee).toBe(FEE);
  });

  test("in_the_settlement_asset_is_shared_by_the_next_run_and_buys_tokens_that_burn", async () => {
    const shared = await nextEvent<Record<"amount" | "pool" | "rebate" | "treasury" | "buyBack", string>>(
      "token",
      "FeesShared",
    );
    const { amount, pool, rebate, treasury, buyBack } = shared;
    expect([pool, rebate, treasury, buyBack].map(BigInt).reduce((sum, part) => sum + part, 0n)).toBe(BigInt(amount));
    const { cashRebate } = await rewardsView(node.http, guarantor.address);
    expect(BigInt(cashRebate)).toBeGreaterThanOrEqual(BigInt(rebate));
    const { claimRebate, sellTokens } = token(api);
    const claimed: Outcome = await succeed(claimRebate!(guarantor.address), stranger);
    expect(all(claimed.events, "token", "RebatePaid")).toHaveLength(1);
    // An offer of a hundred dollars would take long: governance lets it begin at once.
    const parameters = (await api.query["token"]!["parameters"]!()).toJSON() as { buyBack: object };
    const changed = { ...parameters, buyBack: { ...parameters.buyBack, minOffer: 1 } };
    await succeed(api.tx["sudo"]!["sudo"]!(api.tx["token"]!["setParameters"]!(changed)), sudo);
    await nextEvent("token", "BuyBackBegun");
    expect(await refused(sellTokens!(gcx(1n), 10 * GCX_PRICE), stranger)).toBe("token.PriceTooLow");
    const { events } = await succeed(sellTokens!(gcx(1_000n), 1), stranger);
    const [sold] = all<{ tokens: string; paid: string; price: number }>(events, "token", "BoughtBack");
    expect(BigInt(sold!.paid)).toBe((BigInt(sold!.tokens) * BigInt(sold!.price)) / gcx(1n));
    expect(sold!.price).toBeGreaterThanOrEqual((GCX_PRICE * 9) / 10);
    const view = await tokenView(node.http);
    expect(BigInt(view.burned.boughtBack)).toBe(BigInt(sold!.tokens));
    expect([reconciles(view), view.burned.other]).toEqual([true, "0"]);
  }, 240_000);
});
