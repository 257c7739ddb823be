/** A venue's book, off the chain: signed orders that wait, and what of them crosses. */

import type { KeyringPair } from "@polkadot/keyring/types";
import { namesIn } from "./figures.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";
import { tusd } from "../lib/money.js";
import { cancel, type Fill, signOrder, type SignedOrder, submitFills, take, type Trade } from "../lib/trading.js";

/** Seconds between two batches, and the fills that are in one at most. */
const [EVERY, MOST_FILLS] = [4, 12];
/** More than a lot costs at any price here. */
const MAX_FEE_PER_LOT = tusd(40n);

interface Resting {
  owner: KeyringPair;
  instrument: number;
  side: Trade;
  limit: number;
  left: number;
  expires: number;
  /** Names no venue: anybody may take it. */
  isOpen: boolean;
  signed: SignedOrder;
}

/** What somebody wants. */
export interface Wish {
  instrument: number;
  side: Trade;
  lots: number;
  limit: number;
  reduceOnly?: boolean;
}

export class Book {
  private orders: Resting[] = [];
  private salt = 0;

  constructor(
    private readonly world: World,
    readonly venue: KeyringPair,
  ) {}

  begin(): void {
    this.world.every("venue", [EVERY, EVERY], (random) => this.match(random));
  }

  /** An order is signed and shown to the venue. */
  place(owner: KeyringPair, wish: Wish, random: Random): void {
    const isOpen = random.chance(0.3);
    const expires = this.world.best + random.integer(5, 60);
    const terms = {
      ...wish,
      maxFeePerLot: MAX_FEE_PER_LOT,
      expires,
      salt: ++this.salt,
      ...(isOpen ? {} : { venue: this.venue.address }),
    };
    const { instrument, side, limit, lots: left } = wish;
    const signed = signOrder(this.world.api, owner, terms);
    this.orders.push({ owner, instrument, side, limit, left, expires, isOpen, signed });
    this.world.figures.signed += 1;
  }

  /** Somebody takes some of another's order that names no venue. */
  async takeOne(taker: KeyringPair, random: Random): Promise<void> {
    // Now and then one that names a venue: it is refused.
    const fit = this.orders.filter((order) => order.owner !== taker && (order.isOpen || random.chance(0.02)));
    const order = random.pick(fit);
    if (!order) return;
    const lots = random.integer(1, order.left);
    const maxFee = MAX_FEE_PER_LOT * BigInt(lots);
    const traded = await this.world.record("market.take", () =>
      take(this.world.api, taker, order.signed, lots, maxFee),
    );
    if (traded && !traded.error) this.lower(order, lots);
    else if (random.chance(0.5)) this.drop(order);
  }

  /** Somebody takes back an order, if it has one that waits. */
  async cancelOne(owner: KeyringPair, random: Random): Promise<void> {
    const order = random.pick(this.orders.filter((order) => order.owner === owner));
    if (!order) return;
    await this.world.record("market.cancel", () => cancel(this.world.api, owner, order.signed));
    // The venue does not always hear of it.
    if (random.chance(0.8)) this.drop(order);
  }

  private lower(order: Resting, lots: number): void {
    order.left -= lots;
    if (order.left <= 0) this.drop(order);
  }

  private drop(order: Resting): void {
    this.orders = this.orders.filter((other) => other !== order);
  }

  /** Brings together what crosses, at the limit of the order that came first. */
  private async match(random: Random): Promise<void> {
    const { world } = this;
    // Some are submitted too late.
    this.orders = this.orders.filter(({ expires }) => expires >= world.best - 1);
    const pairs = this.crossing(random);
    if (pairs.length === 0) return;
    const orders = [...new Set(pairs.flatMap(({ maker, taker }) => [maker, taker]))];
    const fills: Fill[] = pairs.map(({ maker, taker, lots }) => ({
      maker: orders.indexOf(maker),
      taker: orders.indexOf(taker),
      lots,
      price: maker.limit,
    }));
    const signed = orders.map((order) => order.signed);
    const traded = await world.record("market.submitFills", () => submitFills(world.api, this.venue, signed, fills));
    if (!traded || traded.error) return;
    const refused = new Map(traded.refused.map(({ index, reason }) => [index, reason]));
    pairs.forEach(({ maker, taker, lots }, place) => {
      const reason = refused.get(place);
      if (reason === undefined) {
        for (const order of [maker, taker]) this.lower(order, lots);
      } else {
        world.figures.fillRefused(namesIn(reason));
        // Which of both was at fault is not looked into: one of them goes.
        this.drop(random.chance(0.5) ? maker : taker);
      }
    });
  }

  private crossing(random: Random): { maker: Resting; taker: Resting; lots: number }[] {
    const pairs: { maker: Resting; taker: Resting; lots: number }[] = [];
    const left = new Map(this.orders.map((order) => [order, order.left]));
    for (const [place, taker] of this.orders.entries()) {
      for (const maker of this.orders.slice(0, place)) {
        if (pairs.length === MOST_FILLS) return pairs;
        const lots = Math.min(left.get(maker)!, left.get(taker)!);
        if (lots === 0 || !crosses(maker, taker)) continue;
        // Nobody trades with itself, but the venue tries now and then.
        if (maker.owner === taker.owner && !random.chance(0.02)) continue;
        left.set(maker, left.get(maker)! - lots);
        left.set(taker, left.get(taker)! - lots);
        pairs.push({ maker, taker, lots });
      }
    }
    return pairs;
  }
}

function crosses(one: Resting, other: Resting): boolean {
  if (one.instrument !== other.instrument || one.side === other.side) return false;
  const [buyer, seller] = one.side === "Buy" ? [one, other] : [other, one];
  return buyer.limit >= seller.limit;
}
