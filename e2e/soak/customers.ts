/** Customers, each of a kind of its own: who sells ahead, who buys ahead, who follows prices, who bets too much. */

import type { KeyringPair } from "@polkadot/keyring/types";
import type { Book } from "./book.js";
import type { Houses } from "./houses.js";
import { isPhysical } from "./listings.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";
import { type AccountView, accountView, type InstrumentView } from "../lib/clearing.js";
import { LIMITS } from "../lib/guarantor.js";
import { gcx, tusd } from "../lib/money.js";
import { succeed } from "../lib/polkadotjs.js";

/** Seconds between two things that a customer does, and that somebody reckless does. */
const [REST, RUSH] = [
  [2, 9],
  [1, 4],
] as const;
/** What a lot needs beside its scan range: the guarantor's multiplier, and what concentration and spreads add. */
const BESIDE = 1.35;
/** The most lots of one order, and of one for a contract that is delivered. */
const [MOST_LOTS, MOST_PHYSICAL] = [60, 4];
/** How likely somebody looks at a contract that is delivered: hardly anybody here has, or wants, what is delivered. */
const WANTS_PHYSICAL = 0.2;
/** What somebody has that is worth so small a share of what it once paid in is as good as nothing. */
const RUINED = 0.08;

/** How somebody trades. */
interface Kind {
  name: string;
  /** How many there are. */
  number: number;
  paysIn: bigint;
  /** The share of its equity that it puts at risk as initial margin. */
  boldness: number;
  /** How likely it buys, by what the price did since it last looked, as a share of it. */
  buys: (moved: number) => number;
  /** Wants the guarantor with the least behind it, and trades in haste. */
  isReckless: boolean;
}

const calm = (name: string, number: number, dollars: bigint, boldness: number, buys: Kind["buys"]): Kind => ({
  name,
  number,
  paysIn: tusd(dollars),
  boldness,
  buys,
  isReckless: false,
});

const KINDS: Kind[] = [
  calm("seller", 3, 600_000n, 0.5, () => 0.15),
  calm("buyer", 2, 300_000n, 0.5, () => 0.85),
  calm("follower", 2, 150_000n, 0.7, (moved) => 0.5 + clamp(20 * moved)),
  calm("contrarian", 2, 150_000n, 0.7, (moved) => 0.5 - clamp(20 * moved)),
  { name: "gambler", number: 3, paysIn: tusd(250_000n), boldness: 0.97, buys: () => 0.8, isReckless: true },
];

const clamp = (lean: number): number => Math.min(0.4, Math.max(-0.4, lean));

/** All customers. */
export class Customers {
  readonly all: Customer[];

  constructor(world: World, houses: Houses, book: Book) {
    this.all = KINDS.flatMap((kind) =>
      Array.from({ length: kind.number }, (_, place) => {
        const name = `${kind.name}-${place + 1}`;
        return new Customer(world, houses, book, kind, name);
      }),
    );
  }

  begin(): void {
    this.all.forEach((customer) => customer.begin());
  }
}

/** Somebody who is with a guarantor and trades. */
export abstract class Member {
  readonly key: KeyringPair;

  constructor(
    protected readonly world: World,
    private readonly houses: Houses,
    protected readonly book: Book,
    readonly name: string,
    protected readonly paysIn: bigint,
    protected readonly isReckless = false,
  ) {
    this.key = world.account(name);
  }

  /** Comes to a guarantor and pays in. It has to succeed. */
  async enter(random: Random): Promise<void> {
    const { guarantor, clearing } = this.world.api.tx;
    const house = this.houses.choose(this.isReckless, random);
    await succeed(guarantor!["request"]!(house.address), this.key);
    await succeed(guarantor!["accept"]!(this.key.address, LIMITS), house);
    await succeed(clearing!["deposit"]!(0, this.paysIn), this.key);
  }

  begin(): void {
    this.world.every(this.name, this.isReckless ? RUSH : REST, (random) => this.turn(random));
  }

  private async turn(random: Random): Promise<void> {
    const { world, key } = this;
    if (!(await this.hasAccount())) return this.deposit(this.paysIn);
    const view = await accountView(world.http, key.address);
    if (!this.houses.stands(view.guarantor)) return this.port(random);
    if (Number(view.margin.equity) < Number(this.paysIn) * RUINED && random.chance(0.5)) {
      return this.deposit(random.share(this.paysIn, 0.5, 1));
    }
    await this.act(view, random);
  }

  /** What somebody does who has a guarantor, and money left. */
  protected abstract act(view: AccountView, random: Random): Promise<void>;

  private async hasAccount(): Promise<boolean> {
    const { api } = this.world;
    const stored = await api.query["clearing"]!["accounts"]!(this.key.address, 0);
    return !stored.isEmpty;
  }

  /** Signs an order that lowers a position, by a part of it or by all. */
  protected async lower(view: AccountView, random: Random, part = random.between(0.1, 0.7)): Promise<void> {
    const held = random.pick(view.positions);
    const contract = this.world.contracts.find(({ instrument }) => instrument === held?.instrument);
    if (!held || !contract) return;
    const side = held.lots > 0 ? "Sell" : "Buy";
    const lots = Math.max(1, Math.floor(Math.abs(held.lots) * part));
    const limit = limitOf(side, contract.mark ?? contract.settlement, random.between(0.005, 0.04));
    this.book.place(this.key, { instrument: held.instrument, side, lots, limit, reduceOnly: true }, random);
  }

  protected async deposit(amount: bigint): Promise<void> {
    await this.world.act("clearing.deposit", this.world.api.tx["clearing"]!["deposit"]!(0, amount), this.key);
  }

  /** Asks another guarantor, which may decline. */
  protected async port(random: Random): Promise<void> {
    const { world, key, houses } = this;
    const { request, cancelRequest } = world.api.tx["guarantor"]!;
    const { accept, decline } = world.quick.tx["guarantor"]!;
    const house = houses.choose(this.isReckless && random.chance(0.7), random);
    const asked = await world.act("guarantor.request", request!(house.address), key);
    if (!asked || asked.error) {
      // What it asked before stands in the way.
      if (random.chance(0.5)) await world.act("guarantor.cancelRequest", cancelRequest!(), key);
      return;
    }
    if (random.chance(0.85)) await world.act("guarantor.accept", accept!(key.address, LIMITS), house);
    else await world.act("guarantor.decline", decline!(key.address), house);
  }
}

export class Customer extends Member {
  /** Prices when it last looked. */
  private readonly seen = new Map<number, number>();

  constructor(
    world: World,
    houses: Houses,
    book: Book,
    private readonly kind: Kind,
    name: string,
  ) {
    super(world, houses, book, name, kind.paysIn, kind.isReckless);
  }

  protected override async act(view: AccountView, random: Random): Promise<void> {
    await random.weighted<() => Promise<void>>([
      [50, () => this.open(view, random)],
      [14, () => this.lower(view, random)],
      [5, () => this.lower(view, random, 1)],
      [10, () => this.book.takeOne(this.key, random)],
      [3, () => this.book.cancelOne(this.key, random)],
      [4, () => this.deposit(random.share(this.paysIn, 0.01, 0.2))],
      [7, () => this.withdraw(view, random)],
      [3, () => this.collateral("depositCollateral", random)],
      [2, () => this.collateral("withdrawCollateral", random)],
      [2, () => this.port(random)],
    ])();
  }

  /** Signs an order that puts more at risk. */
  private async open(view: AccountView, random: Random): Promise<void> {
    const isOfInterest = (contract: InstrumentView) => !isPhysical(contract) || random.chance(WANTS_PHYSICAL);
    const contract = random.pick(this.world.contracts.filter((it) => isTrading(it) && isOfInterest(it)));
    if (!contract) return;
    const { instrument, mark, scanRange, terms } = contract;
    const price = mark ?? contract.settlement;
    const before = this.seen.get(instrument) ?? price;
    this.seen.set(instrument, price);
    const side = random.chance(this.kind.buys((price - before) / before)) ? "Buy" : "Sell";
    const free = Number(view.margin.equity) * this.kind.boldness - Number(view.margin.initialMargin);
    const most = Math.floor(free / (scanRange * terms.multiplier * BESIDE));
    // Who has no margin for it tries now and then all the same.
    if (most < 1 && !random.chance(0.1)) return this.lower(view, random);
    const largest = isPhysical(contract) ? MOST_PHYSICAL : MOST_LOTS;
    const lots = Math.max(1, Math.min(largest, Math.ceil(most * random.between(0.3, 1))));
    // Some limits cross at once, some wait, a few are outside the band.
    const eager = random.chance(0.03) ? 0.15 : random.between(this.isReckless ? 0.01 : -0.005, 0.03);
    this.book.place(this.key, { instrument, side, lots, limit: limitOf(side, price, eager) }, random);
  }

  /** Takes out a little, or much of what margin leaves it, which the fuse may hold back, or more than it has. */
  private async withdraw({ withdrawable }: AccountView, random: Random): Promise<void> {
    const free = BigInt(withdrawable);
    const amount = random.weighted([
      [5, tusd(BigInt(random.integer(20, 300)))],
      [3, random.share(free, 0.05, 0.8)],
      [2, 2n * free + tusd(1_000n)],
    ]);
    if (amount <= 0n) return;
    await this.world.act("clearing.withdraw", this.world.api.tx["clearing"]!["withdraw"]!(0, amount), this.key);
  }

  private async collateral(call: "depositCollateral" | "withdrawCollateral", random: Random): Promise<void> {
    const amount = gcx(BigInt(random.integer(100, 10_000)));
    await this.world.act(`clearing.${call}`, this.world.api.tx["clearing"]![call]!(0, 0, amount), this.key);
  }
}

export const isTrading = ({ contract }: InstrumentView): boolean =>
  contract !== null && /^trading$/i.test(contract.state);

/** A limit that is better for who trades with it, the more eager somebody is. */
export function limitOf(side: "Buy" | "Sell", price: number, eager: number): number {
  return Math.round(price * (side === "Buy" ? 1 + eager : 1 - eager));
}
