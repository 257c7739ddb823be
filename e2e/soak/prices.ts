/** What compute costs in a soak, and the reporters that say so: random walks, and now and then a collapse or a rush. */

import { Random } from "./random.js";
import type { World } from "./world.js";
import { VINTAGE } from "../lib/delivery.js";
import { CLASSES, commit, indexState, nextDay, quote, reveal, revealing, reporters } from "../lib/reporting.js";

/** How often a reporter forgets a day, and how often it commits to a price and keeps it to itself. */
const [FORGETS, KEEPS_SILENT] = [0.02, 0.005];
/** How far reporters are apart, as a share of the price. */
const APART = 0.002;
/** How much of the way back to where it began a price goes in a day. */
const PULL = 0.08;

/** The classes in which contracts are listed that end in cash. */
export const TRADED = [CLASSES.hpcFp64, CLASSES.aiInfer] as const;

/** How a price begins, in millionths of a dollar, how far it moves on a day, and the days to its first shock, if it has any. */
const WALKS = new Map<number, { first: number; volatility: number; quiet?: number }>([
  [CLASSES.gcx, { first: 500_000, volatility: 0.02 }],
  [CLASSES.hpcFp64, { first: 2_500_000, volatility: 0.025, quiet: 3 }],
  [CLASSES.aiInfer, { first: 3_600_000, volatility: 0.03, quiet: 6 }],
  [VINTAGE, { first: 60_000_000, volatility: 0.05 }],
]);

/** What each class costs before there is a fix. */
export const FIRST = new Map([...WALKS].map(([of, { first }]) => [of, first]));

/**
 * A price from day to day. A shock lasts one to three days: one alone is about what margin is for, and after three of them
 * whoever took over a position on the first may be ruined by the last.
 */
class Walk {
  private price: number;
  private shock = { days: 0, factor: 1 };

  constructor(
    private readonly random: Random,
    private readonly first: number,
    private readonly volatility: number,
    private quiet: number,
  ) {
    this.price = first;
  }

  /** The price of the next day, and whether it is one of a shock. */
  next(): { price: number; isShock: boolean } {
    const { random } = this;
    if (--this.quiet === 0) {
      const factor = random.chance(0.65) ? random.between(0.55, 0.75) : random.between(1.3, 1.6);
      this.shock = { days: random.integer(1, 3), factor };
      this.quiet = random.integer(7, 11);
    }
    const isShock = this.shock.days > 0;
    if (isShock) {
      this.shock.days -= 1;
      this.price *= this.shock.factor;
    } else {
      this.price *= Math.exp(random.normal() * this.volatility + PULL * Math.log(this.first / this.price));
    }
    this.price = Math.min(Math.max(this.price, this.first / 10), this.first * 5);
    return { price: Math.round(this.price), isShock };
  }
}

export class Prices {
  shocks = 0;

  constructor(private readonly world: World) {}

  /** Reporters report all classes from the next day on. */
  begin(): void {
    for (const [of, { first, volatility, quiet = Infinity }] of WALKS) {
      const walk = new Walk(this.world.random.fork(`price-${of}`), first, volatility, quiet);
      this.world.every(`reports-${of}`, [0, 0], (random) => this.report(of, walk, random));
    }
  }

  /** One day of a class. */
  private async report(of: number, walk: Walk, random: Random): Promise<void> {
    const { world } = this;
    const day = await nextDay(world.http, of);
    if (world.stopping) return;
    const { price, isShock } = walk.next();
    if (isShock) this.shocks += 1;
    const quotes = reporters()
      .map((reporter) => quote(reporter, Math.round(price * (1 + random.between(-APART, APART)))))
      .filter(() => !random.chance(FORGETS));
    await Promise.all(quotes.map((quote) => world.record("index.commit", () => commit(world.quick, of, day, quote))));
    await revealing(world.quick, world.http, of, day);
    const spoken = quotes.filter(() => !random.chance(KEEPS_SILENT));
    await Promise.all(spoken.map((quote) => world.record("index.reveal", () => reveal(world.quick, of, quote))));
  }
}

/** The chain's own time, in milliseconds since the Unix epoch. */
export const chainTime = async ({ http }: World): Promise<number> => (await indexState(http, CLASSES.gcx)).now;
