/** Governance lists contracts: a long one of each class, and again and again short ones that expire and are paid out, or delivered. */

import type { Compute } from "./chaos.js";
import { chainTime, FIRST, TRADED } from "./prices.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";
import { type InstrumentView, instrumentViews } from "../lib/clearing.js";
import { deliveryViews, VINTAGE } from "../lib/delivery.js";
import { indexState } from "../lib/reporting.js";
import { monthOf, physicalDays, shortMonth, type ContractTerms } from "../lib/trading.js";

/** Compute Hours in a lot: large, so that positions are of few lots. */
const LOT = 5_000;
/** Short contracts that trade at a time, and all contracts that there may be: those that wait for their end are among them. */
const [SHORT_ONES, MOST] = [3, 12];
/** Physical contracts at a time, from the listing of each to the end of its delivery. One of them trades. */
const PHYSICAL_ONES = 4;
/** Days by which delivery begins later than it might: a day without a fix is a day without a final price, and without time left to nominate a contract ends in cash. */
const LATER = [0, 2] as const;
/** Compute Hours in a lot of these, and the most lots of an owner before that comes down to a quarter of what the class delivers. */
const [PHYSICAL_LOT, PHYSICAL_LOTS] = [12, 40];
/** A mark may go as far in a day as a shock takes it. */
const BANDS = { priceBand: 100_000, markBand: 1_000_000 };

export const isPhysical = ({ contract }: InstrumentView): boolean =>
  contract !== null && contract.settlement !== "Cash";

export class Listings {
  constructor(
    private readonly world: World,
    private readonly provider: Compute,
  ) {}

  /** Lists what is missing, one after the other. */
  begin(): void {
    this.world.every("listings", [3, 6], (random) => this.look(random));
    this.world.every("physical-listings", [3, 6], (random) => this.lookAtPhysical(random));
    this.world.every("restrictions", [60, 120], (random) => this.restrict(random));
  }

  private async look(random: Random): Promise<void> {
    const now = await chainTime(this.world);
    const contracts = await instrumentViews(this.world.http);
    for (const of of TRADED) {
      const hasLong = contracts.some(({ terms, contract }) => terms.class === of && contract && isLong(contract, now));
      if (!hasLong) return this.list(monthOf(of, now), LOT);
    }
    const inCash = contracts.filter((contract) => !isPhysical(contract));
    const short = inCash.filter(({ contract }) => contract && contract.expires > now && !isLong(contract, now));
    if (short.length >= SHORT_ONES || contracts.length >= MOST) return;
    const of = random.pick(TRADED)!;
    await this.list(shortMonth(of, now, random.integer(1, 3)), LOT);
  }

  /** Lists another physical contract once the one before has expired, somebody can deliver it, and few enough others are under way. */
  private async lookAtPhysical(random: Random): Promise<void> {
    const { http } = this.world;
    const now = await chainTime(this.world);
    const [contracts, deliveries] = await Promise.all([instrumentViews(http), deliveryViews(http)]);
    const listed = contracts.filter(isPhysical);
    const underWay = new Set([...listed, ...deliveries].map(({ instrument }) => instrument));
    const isTraded = listed.some(({ contract }) => contract!.expires > now);
    if (isTraded || underWay.size >= PHYSICAL_ONES || !(await this.provider.canDeliver())) return;
    const terms = physicalDays(VINTAGE, now, PHYSICAL_LOT, random.integer(1, 2));
    const later = random.integer(...LATER);
    const delivery = { first: terms.delivery.first + later, last: terms.delivery.last + later };
    await this.list({ ...terms, delivery }, PHYSICAL_LOT, {
      maxAccountLots: PHYSICAL_LOTS,
      maxOwnerLots: PHYSICAL_LOTS,
    });
  }

  /** Lists a contract at the newest fix of its class. */
  private async list(
    terms: ContractTerms,
    multiplier: number,
    limits: Partial<ContractTerms["instrument"]> = {},
  ): Promise<void> {
    const { class: of } = terms.instrument;
    const whole = { ...terms, instrument: { ...terms.instrument, ...BANDS, ...limits, multiplier } };
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
