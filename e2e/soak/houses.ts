/** Guarantors: some see to it that their house can pay, the weak ones do not, and when one fails another takes its place. */

import type { KeyringPair } from "@polkadot/keyring/types";
import type { Book } from "./book.js";
import { limitOf } from "./customers.js";
import type { Follower } from "./follow.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";
import { accountView, guarantorView } from "../lib/clearing.js";
import { BOND, HOUSE_FUNDS } from "../lib/guarantor.js";
import { insurance, liquidatable, poolView } from "../lib/insurance.js";
import { gcx, tusd } from "../lib/money.js";
import { fields, succeed } from "../lib/polkadotjs.js";

/** Seconds between two things that a house does, and between two looks for what is for sale. */
const [REST, LOOKS] = [
  [8, 16],
  [3, 5],
] as const;
/** The most that is bid for at a look. */
const MOST_BIDS = 2;
/** All that is offered, in parts per million. */
const WHOLE = 1_000_000;

/** What a guarantor stands with. */
interface Means {
  house: bigint;
  contribution: bigint;
  /** It pays in when it is called, and gets rid of what was handed over to it. */
  isCareful: boolean;
}

const STRONG: Means = { house: tusd(2_000_000n), contribution: tusd(150_000n), isCareful: true };
const WEAK: Means = { house: HOUSE_FUNDS + tusd(50_000n), contribution: tusd(80_000n), isCareful: false };

interface House {
  key: KeyringPair;
  means: Means;
  hasFailed: boolean;
}

export class Houses {
  private readonly houses: House[] = [];
  private founded = 0;

  constructor(
    private readonly world: World,
    private readonly book: Book,
  ) {}

  /** The first four come in. */
  async enter(): Promise<void> {
    await Promise.all([STRONG, STRONG, STRONG, WEAK].map((means) => this.found(means)));
  }

  begin(follower: Follower): void {
    follower.on("clearing.Defaulted", (event) => this.hasFailed(fields<{ guarantor: string }>(event).guarantor));
    for (const house of this.houses) this.keep(house);
    this.world.every("bids", LOOKS, (random) => this.bid(random));
  }

  /** Whom a customer asks: who has most to lose with it goes where the least is behind it. */
  choose(isReckless: boolean, random: Random): KeyringPair {
    const standing = this.houses.filter(({ hasFailed }) => !hasFailed);
    const wanted = standing.filter(({ means }) => means.isCareful !== isReckless);
    return (random.pick(wanted) ?? random.pick(standing) ?? this.houses[0]!).key;
  }

  /** Whether a guarantor has not failed, as far as final blocks tell. */
  stands(address: string): boolean {
    return !this.houses.some(({ key, hasFailed }) => hasFailed && key.address === address);
  }

  /** Somebody becomes a guarantor: it bonds, fills its house, is admitted, and contributes to the pool. */
  private async found(means: Means): Promise<House> {
    const { world } = this;
    const { api } = world;
    const { clearing, guarantor, utility } = api.tx;
    const house: House = { key: world.account(`guarantor-${++this.founded}`), means, hasFailed: false };
    await world.endow([house.key], 3n * BOND, 10n * (means.house + means.contribution));
    await succeed(
      utility!["batchAll"]!([guarantor!["apply"]!(BOND), clearing!["deposit"]!(0, means.house)]),
      house.key,
    );
    if (!(await world.govern("guarantor.admit", guarantor!["admit"]!(house.key.address)))) {
      throw new Error("a guarantor was not admitted");
    }
    this.houses.push(house);
    await world.act("insurance.contribute", insurance(api)["contribute"]!(means.contribution), house.key);
    return house;
  }

  private hasFailed(address: string): void {
    const house = this.houses.find(({ key }) => key.address === address);
    if (!house || house.hasFailed) return;
    house.hasFailed = true;
    this.found(house.means).then(
      (successor) => this.keep(successor),
      (error: unknown) => this.world.figures.trouble("successor", error),
    );
  }

  private keep(house: House): void {
    this.world.every(`guarantor-${this.houses.indexOf(house) + 1}`, REST, (random) => this.turn(house, random));
  }

  private async turn({ key, means, hasFailed }: House, random: Random): Promise<void> {
    if (hasFailed) return;
    const { world } = this;
    // All that a house signs goes through one connection, or its transactions get in each other's way.
    const { quick: api } = world;
    const { clearing, guarantor } = api.tx;
    const { contribute, withdrawContribution } = insurance(api);
    const { marginCall } = await guarantorView(world.http, key.address);
    if (marginCall !== null) {
      if (!means.isCareful) return;
      const needed = (BigInt(marginCall) * 11n) / 10n + tusd(1_000n);
      await world.act("clearing.deposit", clearing!["deposit"]!(0, needed), key);
      return;
    }
    const small = () => tusd(BigInt(random.integer(500, 20_000)));
    await random.weighted<() => Promise<unknown>>([
      [means.isCareful ? 50 : 5, () => this.lower(key, random)],
      [5, () => world.act("insurance.contribute", contribute!(small()), key)],
      [5, () => world.act("insurance.withdrawContribution", withdrawContribution!(small()), key)],
      [5, () => world.act("clearing.withdraw", clearing!["withdraw"]!(0, small()), key)],
      [2, () => world.act("clearing.deposit", clearing!["deposit"]!(0, small()), key)],
      [1, () => world.act("guarantor.bondExtra", guarantor!["bondExtra"]!(gcx(10n)), key)],
      [1, () => world.act("guarantor.unbond", guarantor!["unbond"]!(gcx(10n)), key)],
      [27, () => Promise.resolve()],
    ])();
  }

  /** Signs an order that gets rid of some of what its house holds. */
  private async lower(key: KeyringPair, random: Random): Promise<void> {
    const held = random.pick((await accountView(this.world.http, key.address)).positions);
    const contract = this.world.contracts.find(({ instrument }) => instrument === held?.instrument);
    if (!held || !contract) return;
    const side = held.lots > 0 ? "Sell" : "Buy";
    const lots = Math.max(1, Math.floor(Math.abs(held.lots) * random.between(0.2, 1)));
    const limit = limitOf(side, contract.mark ?? contract.settlement, random.between(0.01, 0.05));
    this.book.place(key, { instrument: held.instrument, side, lots, limit, reduceOnly: true }, random);
  }

  /** Bids on accounts that are for sale, and on failed houses. Careful houses do; what is not taken is handed over. */
  private async bid(random: Random): Promise<void> {
    const { world } = this;
    const [accounts, pool] = await Promise.all([liquidatable(world.http), poolView(world.http)]);
    const failed = pool.defaults.filter(({ stage }) => typeof stage === "object" && "Auction" in stage);
    const forSale = [
      ...accounts.map(({ owner, sub }) => [owner, sub] as const),
      ...failed.map(({ guarantor }) => [guarantor, 0] as const),
    ];
    for (const [owner, sub] of forSale.slice(0, MOST_BIDS)) {
      const bidder = random.pick(this.houses.filter(({ means, hasFailed }) => means.isCareful && !hasFailed));
      if (!bidder || random.chance(0.4)) continue;
      const part = random.chance(0.5) ? WHOLE : random.integer(200_000, WHOLE);
      // What is for sale is so for seconds.
      const call = world.quick.tx["clearing"]!["bid"]!(0, owner, sub, part, 0);
      await world.act("clearing.bid", call, bidder.key);
    }
  }
}
