/** Who trades contracts that are delivered: a provider with a machine and a seller without, buyers who meter, are out of reach or never come. */

import type { Book } from "./book.js";
import { type Compute, REGION } from "./chaos.js";
import { isTrading, limitOf, Member } from "./customers.js";
import type { Houses } from "./houses.js";
import { isPhysical } from "./listings.js";
import { chainTime } from "./prices.js";
import type { Random } from "./random.js";
import { Failure, type World } from "./world.js";
import { type Buyer, startBuyer } from "../lib/buyer.js";
import type { AccountView, InstrumentView } from "../lib/clearing.js";
import {
  dealsOf,
  type DealView,
  delivery,
  deliveryPosition,
  type DeliveryPositionView,
  deliveryViews,
} from "../lib/delivery.js";
import { tusd } from "../lib/money.js";
import type { Trade } from "../lib/trading.js";

/** A day, in milliseconds. */
const DAY = 60_000;
/** The lots that somebody wants of a contract, and the most of one order. */
const [WANTED, MOST_LOTS] = [[3, 7], 3] as const;
/** How likely somebody gets rid of some of what it has, at a look. */
const LOWERS = 0.08;
/** How likely somebody offers, at a look, to settle a deal between the two parties, and how likely the other agrees. */
const [OFFERS, AGREES] = [0.001, 0.3];
/** How likely a buyer objects to a day's delivery. */
const OBJECTS = 0.2;
/** The region of a buyer to whom nobody delivers nearby: the United States, in UN M49. */
const ELSEWHERE = 840;
/** Where nobody gives vouchers, in as many ways. */
const DEAD_ENDS = ["http://127.0.0.1:9", "http://127.0.0.1:9750/v1", "somewhere", ""];

/** Everybody who trades these contracts and nothing else. */
export class Deliveries {
  readonly all: Party[];
  private readonly metering: MeteringBuyer;

  constructor(world: World, houses: Houses, book: Book, compute: Compute) {
    this.metering = new MeteringBuyer(world, houses, book, "metering", tusd(60_000n));
    this.all = [
      new Supplier(world, houses, book, compute),
      new EmptyHanded(world, houses, book, "empty-handed", tusd(60_000n), "Sell"),
      this.metering,
      // Its cash does not always pay for what it bought.
      new UnreachableBuyer(world, houses, book, "unreachable", tusd(6_000n)),
      new AbsentBuyer(world, houses, book, "absent", tusd(60_000n)),
    ];
  }

  begin(): void {
    this.all.forEach((party) => party.begin());
  }

  async leave(): Promise<void> {
    await this.metering.leave();
  }
}

/** Somebody who wants some lots of each contract, all on one side. */
abstract class Party extends Member {
  private readonly wanted = new Map<number, number>();

  constructor(
    world: World,
    houses: Houses,
    book: Book,
    name: string,
    paysIn: bigint,
    protected readonly side: Trade,
  ) {
    super(world, houses, book, name, paysIn);
  }

  protected override async act(view: AccountView, random: Random): Promise<void> {
    const { http, contracts } = this.world;
    const { address } = this.key;
    for (const { instrument, stage } of await deliveryViews(http)) {
      if (stage.stage !== "nominating") continue;
      const position = await deliveryPosition(http, address, instrument);
      if (position && position.lots !== 0) await this.prepare(instrument, position, random);
    }
    for (const deal of await dealsOf(http, address)) await this.attend(deal, random);
    const contract = contracts.find((contract) => isPhysical(contract) && isTrading(contract));
    if (contract) await this.trade(contract, view, random);
  }

  /** Signs an order for what is left of what it wants, or for the opposite. */
  protected async trade(contract: InstrumentView, view: AccountView, random: Random): Promise<void> {
    const { instrument } = contract;
    const held = heldOf(view, instrument);
    if (held > 0 && random.chance(LOWERS)) return this.lower(view, random);
    const wanted = this.wanted.get(instrument) ?? random.integer(...WANTED);
    this.wanted.set(instrument, wanted);
    if (wanted <= held) return;
    const limit = limitOf(this.side, contract.mark ?? contract.settlement, random.between(0, 0.02));
    const lots = Math.min(MOST_LOTS, wanted - held);
    this.book.place(this.key, { instrument, side: this.side, lots, limit }, random);
  }

  /** What it does about a position that was taken over, until nominations are closed. */
  protected abstract prepare(instrument: number, position: DeliveryPositionView, random: Random): Promise<void>;

  /** What it does about a deal: now and then both settle it between themselves. */
  protected async attend(deal: DealView, random: Random): Promise<void> {
    const isOffered = deal.agreed !== null && deal.agreed !== this.side;
    if (random.chance(isOffered ? AGREES : deal.agreed === null ? OFFERS : 0)) {
      await this.call("agreeAlternative", deal.deal);
    }
  }

  protected async call(name: string, ...args: unknown[]): Promise<void> {
    await this.world.act(`delivery.${name}`, delivery(this.world.api)[name]!(...args), this.key);
  }
}

/** The provider: covers what it sold, and nominates its resource for it, but for what it forgets. */
class Supplier extends Party {
  private readonly shares = new Map<number, number>();

  constructor(
    world: World,
    houses: Houses,
    book: Book,
    private readonly compute: Compute,
  ) {
    super(world, houses, book, compute.name, tusd(60_000n), "Sell");
  }

  protected override async trade(contract: InstrumentView, view: AccountView, random: Random): Promise<void> {
    const { instrument } = contract;
    const held = heldOf(view, instrument);
    const covered = (await deliveryPosition(this.world.http, this.key.address, instrument))?.covered ?? 0;
    if (covered > held) await this.call("uncover", 0, instrument, covered - held);
    else if (covered < held && random.chance(0.7)) await this.call("cover", 0, instrument, held - covered);
    await super.trade(contract, view, random);
  }

  protected override async prepare(
    instrument: number,
    { lots, nominated }: DeliveryPositionView,
    random: Random,
  ): Promise<void> {
    const drawn = (): number =>
      random.weighted([
        [7, 1],
        [2, 0.5],
        [1, 0],
      ]);
    const share = this.shares.get(instrument) ?? drawn();
    this.shares.set(instrument, share);
    const more = Math.floor(Math.abs(lots) * share) - nominated;
    if (more > 0) await this.call("nominate", 0, instrument, this.compute.resource, more);
  }
}

/** Sells what it does not have. */
class EmptyHanded extends Party {
  protected override prepare(): Promise<void> {
    return Promise.resolve();
  }
}

/** Objects now and then, rightly or not. */
abstract class BuyingParty extends Party {
  private readonly looked = new Set<string>();

  constructor(world: World, houses: Houses, book: Book, name: string, paysIn: bigint) {
    super(world, houses, book, name, paysIn, "Buy");
  }

  protected override async prepare(
    instrument: number,
    { region }: DeliveryPositionView,
    random: Random,
  ): Promise<void> {
    if (region === null) await this.ask(instrument, random.chance(0.8) ? REGION : ELSEWHERE, random);
  }

  /** Says where it wants its lots, if it does. */
  protected abstract ask(instrument: number, region: number, random: Random): Promise<void>;

  protected override async attend(deal: DealView, random: Random): Promise<void> {
    await super.attend(deal, random);
    if (deal.backing.backing !== "resource") return;
    const now = await chainTime(this.world);
    const window = deal.windows.find(({ opens }) => opens <= now && now < opens + DAY);
    if (!window || this.looked.has(`${deal.deal}/${window.day}`)) return;
    this.looked.add(`${deal.deal}/${window.day}`);
    if (random.chance(OBJECTS)) await this.call("object", deal.deal, window.day);
  }
}

/** Runs the buyer's program. */
class MeteringBuyer extends BuyingParty {
  private program: Buyer | undefined;

  override async enter(random: Random): Promise<void> {
    await super.enter(random);
    this.program = await startBuyer(this.world.witness.ws, this.world.path(this.name));
  }

  protected override async act(view: AccountView, random: Random): Promise<void> {
    const ended = this.program?.ended();
    if (ended !== undefined) throw new Failure(`the buyer's program has ended with ${ended}`);
    await super.act(view, random);
  }

  protected override async ask(instrument: number, region: number): Promise<void> {
    await this.program?.request(instrument, region);
    this.world.figures.operation("buyer.request");
  }

  async leave(): Promise<void> {
    await this.program?.end();
  }
}

/** Names an endpoint where nobody answers. */
class UnreachableBuyer extends BuyingParty {
  protected override async ask(instrument: number, region: number, random: Random): Promise<void> {
    const key = random.chance(0.7) ? this.key.address : null;
    await this.call("request", 0, instrument, region, key, random.pick(DEAD_ENDS));
  }
}

/** Never asks for what it bought. */
class AbsentBuyer extends BuyingParty {
  protected override ask(): Promise<void> {
    return Promise.resolve();
  }
}

/** Lots of a contract, without sign. */
const heldOf = ({ positions }: AccountView, of: number): number =>
  Math.abs(positions.find(({ instrument }) => instrument === of)?.lots ?? 0);
