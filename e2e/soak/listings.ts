/** Governance lists contracts: a long one of each class, and again and again short ones that expire and are paid out. */

import { chainTime, FIRST, TRADED } from "./prices.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";
import { instrumentViews } from "../lib/clearing.js";
import { indexState } from "../lib/reporting.js";
import { monthOf, shortMonth, type ContractTerms } from "../lib/trading.js";

/** Compute Hours in a lot: large, so that positions are of few lots. */
export const LOT = 5_000;
/** Short contracts that trade at a time, and all contracts that there may be: those that wait for their end are among them. */
const [SHORT_ONES, MOST] = [3, 12];
/** A mark may go as far in a day as a shock takes it. */
const BANDS = { multiplier: LOT, priceBand: 100_000, markBand: 1_000_000 };

export class Listings {
  constructor(private readonly world: World) {}

  /** Lists what is missing, one after the other. */
  begin(): void {
    this.world.every("listings", [3, 6], (random) => this.look(random));
    this.world.every("restrictions", [60, 120], (random) => this.restrict(random));
  }

  private async look(random: Random): Promise<void> {
    const now = await chainTime(this.world);
    const contracts = await instrumentViews(this.world.http);
    for (const of of TRADED) {
      const hasLong = contracts.some(({ terms, contract }) => terms.class === of && contract && isLong(contract, now));
      if (!hasLong) return this.list(of, monthOf(of, now));
    }
    const short = contracts.filter(({ contract }) => contract && contract.expires > now && !isLong(contract, now));
    if (short.length >= SHORT_ONES || contracts.length >= MOST) return;
    const of = random.pick(TRADED)!;
    await this.list(of, shortMonth(of, now, random.integer(1, 3)));
  }

  private async list(of: number, terms: ContractTerms): Promise<void> {
    const whole = { ...terms, instrument: { ...terms.instrument, ...BANDS } };
    const { latest } = await indexState(this.world.http, of);
    const { list } = this.world.api.tx["market"]!;
    await this.world.govern("market.list", list!(whole, latest?.price ?? FIRST.get(of)));
  }

  /** A contract is reduce-only for a while. */
  private async restrict(random: Random): Promise<void> {
    const { world } = this;
    const instrument = random.pick(world.contracts)?.instrument;
    if (instrument === undefined) return;
    const { restrict, lift } = world.api.tx["market"]!;
    if (!(await world.govern("market.restrict", restrict!(instrument)))) return;
    await world.rest(random.between(5, 20));
    await world.govern("market.lift", lift!(instrument));
  }
}

const isLong = ({ expires }: { expires: number }, now: number): boolean => expires > now + 100 * 60_000;
