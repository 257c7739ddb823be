/** What became of every delivery by events alone, held against what the chain says of it, to the unit. */

import { figure } from "./figures.js";
import type { Follower } from "./follow.js";
import type { World } from "./world.js";
import { sum } from "../lib/clearing.js";
import { deliveryViews } from "../lib/delivery.js";
import { fields } from "../lib/polkadotjs.js";

/** What became of quantity, in millionths of a Compute Hour, and of money, in the settlement asset's smallest unit. */
const QUANTITIES = ["delivered", "compensated", "released"] as const;
const MONEY = ["escrowed", "paid", "returned", "forfeited"] as const;
const ALL = [...QUANTITIES, ...MONEY];
type Sums = Record<(typeof ALL)[number], bigint>;

type Said = Record<string, number | string | boolean>;

/** What an event adds. */
const ADDS: Record<string, (said: Record<string, bigint>, raw: Said) => Partial<Sums>> = {
  TakenOver: ({ escrowed }) => ({ escrowed: escrowed! }),
  Objected: ({ bond }) => ({ escrowed: bond! }),
  Nominated: ({ returned }) => ({ returned: returned! }),
  Late: ({ quantity, price, deposit }) => ({ released: quantity!, returned: price! + deposit! }),
  WindowSettled: ({ quantity, delivered, paid, returned, depositReturned }, { compensated }) => ({
    delivered: delivered!,
    [compensated ? "compensated" : "released"]: quantity! - delivered!,
    paid: paid!,
    returned: returned! + depositReturned!,
  }),
  MadeWhole: ({ deposit }) => ({ paid: deposit! }),
  Fined: ({ deposit }) => ({ forfeited: deposit! }),
  BondPaid: ({ amount }, { to }) => ({ [to === "Sell" ? "paid" : "returned"]: amount! }),
  AlternativeAgreed: ({ quantity, returned, depositReturned }) => ({
    released: quantity!,
    returned: returned! + depositReturned!,
  }),
};

const nothing = (): Sums => Object.fromEntries(ALL.map((name) => [name, 0n])) as Sums;

const shown = (sums: Sums): string => ALL.map((name) => `${name} ${sums[name]}`).join(", ");

/** A delivery that began and is not closed. */
interface Told {
  /** The open interest, in millionths of a Compute Hour. */
  quantity: bigint;
  sums: Sums;
}

export class Escrow {
  private readonly multipliers = new Map<number, bigint>();
  private readonly deals = new Map<number, number>();
  private readonly open = new Map<number, Told>();
  /** Of all deliveries together. */
  private readonly total = nothing();
  private slashed = 0n;
  private fined = 0n;
  private checked = 0;
  /** What was wrong with deliveries as they were closed. */
  private readonly wrong: string[] = [];

  constructor(
    private readonly world: World,
    private readonly follower: Follower,
  ) {
    type Listed = { instrument: number; terms: { instrument: { multiplier: number } } };
    follower.on("market.Listed", (event) => {
      const { instrument, terms } = fields<Listed>(event);
      this.multipliers.set(instrument, BigInt(terms.instrument.multiplier));
    });
    follower.on("delivery.Begun", (event) => {
      const { instrument, openInterest } = fields<{ instrument: number; openInterest: number }>(event);
      const quantity = BigInt(openInterest) * this.multipliers.get(instrument)! * 1_000_000n;
      this.open.set(instrument, { quantity, sums: nothing() });
    });
    follower.on("delivery.Matched", (event) => {
      const { deal, instrument } = fields<{ deal: number; instrument: number }>(event);
      this.deals.set(deal, instrument);
    });
    for (const name of Object.keys(ADDS)) follower.on(`delivery.${name}`, (event) => this.add(name, fields(event)));
    follower.on("delivery.Fined", (event) => {
      const { deposit, account } = fields<Record<string, number | string>>(event);
      this.fined += BigInt(deposit!) + BigInt(account!);
    });
    follower.on("delivery.StakeShared", (event) => {
      this.slashed += BigInt(fields<{ taken: number | string }>(event).taken);
    });
    follower.on("delivery.DeliveryClosed", (event) => this.close(fields(event)));
  }

  private add(name: string, raw: Said): void {
    const instrument = (raw["instrument"] as number | undefined) ?? this.deals.get(raw["deal"] as number)!;
    const exact = Object.entries(raw).filter(([, value]) => /^\d+$/.test(String(value)));
    const added = ADDS[name]!(Object.fromEntries(exact.map(([field, value]) => [field, BigInt(String(value))])), raw);
    const told = this.open.get(instrument);
    if (!told) return void this.wrong.push(`${name} tells of a delivery of ${instrument}, which is not open`);
    for (const sums of [told.sums, this.total]) {
      for (const key of ALL) sums[key] += added[key] ?? 0n;
    }
  }

  /** At its end all of the open interest was delivered, compensated or released, and nothing is left in escrow. */
  private close(event: { instrument: number; tally: Said; money: Said }): void {
    const { quantity, sums } = this.open.get(event.instrument) ?? { quantity: 0n, sums: nothing() };
    this.open.delete(event.instrument);
    const said = exactOf({ ...event.tally, ...event.money });
    if (shown(said) !== shown(sums)) this.differ(event.instrument, sums, said);
    if (quantityOf(sums) !== quantity || heldOf(sums) !== 0n) {
      this.wrong.push(`the delivery of ${event.instrument} ended with ${shown(sums)} of ${quantity}`);
    }
  }

  private differ(instrument: number, told: Sums, said: Sums): void {
    this.wrong.push(`of the delivery of ${instrument} events tell ${shown(told)}, and the chain says ${shown(said)}`);
  }

  /** What is wrong with deliveries up to the last final block that was read, in words; nothing if all is right. */
  async whatIsWrong(): Promise<string[]> {
    const { world, follower, wrong } = this;
    const { hash } = follower.last;
    // Events of later blocks are not in it.
    const told = structuredClone(this.open);
    const [views, escrow] = await Promise.all([deliveryViews(world.http, hash), this.escrowAt(hash)]);
    const names = (instruments: Iterable<number>) => [...instruments].sort((one, other) => one - other).join(" ");
    const known = views.map(({ instrument }) => instrument);
    if (names(known) !== names(told.keys())) {
      wrong.push(`deliveries of ${names(told.keys())} began, and the chain has those of ${names(known)}`);
    }
    for (const view of views) {
      const { quantity, sums } = told.get(view.instrument) ?? { quantity: 0n, sums: nothing() };
      const said = exactOf(view as unknown as Said);
      if (shown(said) !== shown(sums)) this.differ(view.instrument, sums, said);
      if (quantityOf(said) > quantity || heldOf(said) < 0n) {
        wrong.push(`the delivery of ${view.instrument} has come to ${shown(said)} of ${quantity}`);
      }
    }
    const held = sum([...told.values()].map(({ sums }) => heldOf(sums)));
    if (held !== escrow) wrong.push(`deliveries have ${held} in escrow, and clearing holds ${escrow}`);
    this.checked += 1;
    return wrong;
  }

  /** What all segments have in escrow at a block. */
  private async escrowAt(hash: string): Promise<bigint> {
    const ledgers = await (await this.world.api.at(hash)).query["clearing"]!["ledgers"]!.entries();
    return sum(ledgers.map(([, ledger]) => BigInt((ledger.toPrimitive() as { escrow: number | string }).escrow)));
  }

  /** Compute Hours that were delivered. */
  get delivered(): string {
    return hours(this.total.delivered);
  }

  lines(): string[] {
    return [
      ...QUANTITIES.map((name) => figure(`deliveries.${name}`, hours(this.total[name]), "CH")),
      ...MONEY.map((name) => figure(`deliveries.${name}`, this.total[name], "millionths_of_tUSD")),
      figure("deliveries.slashed", (Number(this.slashed) / 1e12).toFixed(3), "GCX"),
      figure("deliveries.fined", this.fined, "millionths_of_tUSD"),
      figure("deliveries.open", this.open.size, "deliveries"),
      figure("escrow.checked", this.checked, "blocks"),
    ];
  }
}

const exactOf = (said: Said): Sums => Object.fromEntries(ALL.map((name) => [name, BigInt(said[name]!)])) as Sums;

const quantityOf = (sums: Sums): bigint => sum(QUANTITIES.map((name) => sums[name]));

/** What is still in escrow. */
const heldOf = ({ escrowed, paid, returned, forfeited }: Sums): bigint => escrowed - paid - returned - forfeited;

const hours = (capacity: bigint): string => (Number(capacity) / 1e6).toFixed(1);
