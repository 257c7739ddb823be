/** Every final block of a soak, from the first on: how often what happened, and what money came in and went out. */

import type { Event } from "@polkadot/types/interfaces";
import { count, figure } from "./figures.js";
import type { World } from "./world.js";
import { allMoney } from "../lib/badday.js";
import type { Closed } from "../lib/compute.js";
import { type Block, fields, finalBlocks } from "../lib/polkadotjs.js";
import { sleep, within } from "../lib/wait.js";

/** The amount by which an event changes what is in custody and with the insurance pool together. All other money moves within. */
const MOVES: Record<string, (said: Record<string, number | string>) => bigint> = {
  "clearing.Deposited": ({ amount }) => BigInt(amount!),
  "clearing.Withdrawn": ({ amount }) => -BigInt(amount!),
  "clearing.PenaltyPaid": ({ toCaller }) => -BigInt(toCaller!),
  "insurance.SkinFunded": ({ amount }) => BigInt(amount!),
  "insurance.Contributed": ({ amount }) => BigInt(amount!),
  "insurance.ContributionWithdrawn": ({ amount }) => -BigInt(amount!),
  "insurance.Deposited": ({ amount }) => BigInt(amount!),
  "insurance.Collected": ({ amount }) => -BigInt(amount!),
  "insurance.Bought": ({ cost }) => BigInt(cost!),
};

/** What the end tells of events, by their names. */
const TOLD: [event: string, name: string, unit: string][] = [
  ["market.Filled", "fills", "fills"],
  ["market.FillRefused", "fills.refused", "fills"],
  ["market.Listed", "contracts.listed", "contracts"],
  ["market.FinalPriceSet", "contracts.final_price_set", "contracts"],
  ["market.AveragingExtended", "contracts.extended", "times"],
  ["market.FinalPriceUndecided", "contracts.undecided", "contracts"],
  ["clearing.InstrumentEnded", "contracts.paid_out", "contracts"],
  ["clearing.RunSettled", "settlement_runs", "runs"],
  ["clearing.LiquidationBegun", "liquidations.begun", "accounts"],
  ["clearing.Liquidated", "liquidations.taken", "times"],
  ["clearing.HandedOver", "liquidations.handed_over", "times"],
  ["clearing.CollateralSold", "liquidations.collateral_sold", "times"],
  ["clearing.LossPassedOn", "liquidations.loss_passed_on", "accounts"],
  ["clearing.Recovered", "liquidations.recovered", "accounts"],
  ["clearing.MarginCalled", "margin_calls", "calls"],
  ["clearing.MarginCallMissed", "margin_calls.missed", "calls"],
  ["clearing.Borrowed", "pool.loans", "loans"],
  ["clearing.Defaulted", "defaults.begun", "guarantors"],
  ["clearing.DefaultSettled", "defaults.settled", "guarantors"],
  ["clearing.Ported", "ported", "accounts"],
  ["clearing.GainsTaken", "gains_cut", "runs"],
  ["clearing.TornUp", "torn_up", "contracts"],
  ["clearing.Quarantined", "quarantined", "contracts"],
  ["delivery.Begun", "deliveries.begun", "deliveries"],
  ["delivery.DeliveryClosed", "deliveries.closed", "deliveries"],
  ["delivery.Covered", "deliveries.covers", "times"],
  ["delivery.Nominated", "deliveries.nominations", "times"],
  ["delivery.Requested", "deliveries.requests", "times"],
  ["delivery.Matched", "deliveries.deals", "deals"],
  ["delivery.DealClosed", "deliveries.deals_closed", "deals"],
  ["delivery.WindowSettled", "deliveries.windows", "windows"],
  ["delivery.Posted", "deliveries.posts", "times"],
  ["delivery.Vouchered", "deliveries.vouchers", "vouchers"],
  ["delivery.MadeWhole", "deliveries.made_whole", "windows"],
  ["delivery.Fined", "deliveries.fines", "windows"],
  ["delivery.StakeShared", "deliveries.slashes", "windows"],
  ["delivery.Late", "deliveries.late", "times"],
  ["delivery.AlternativeAgreed", "deliveries.alternatives", "deals"],
  ["delivery.Objected", "objections", "objections"],
  ["delivery.Decided", "objections.decided", "objections"],
  ["index.Fixed", "fixes", "fixes"],
  ["index.NotFixed", "fixes.missing", "days"],
  ["attestation.Slashed", "attestors.slashed", "times"],
  ["attestation.Outlier", "attestors.outliers", "times"],
  ["session.NewSession", "sessions", "sessions"],
];

export class Follower {
  /** The last final block that was read. */
  last: Pick<Block, "number" | "hash"> = { number: 0, hash: "" };
  /** When it was read. */
  since = Date.now();
  private readonly events = new Map<string, number>();
  private readonly rounds = new Map<string, number>();
  private readonly listeners: ((event: Event) => void)[] = [];
  private paidIn = 0n;
  private moneyAtFirst = 0n;

  private constructor(private readonly world: World) {}

  /** Follows the chain from its first block on. It has to be young: the state of genesis is not kept for long. */
  static async begin(world: World): Promise<Follower> {
    const follower = new Follower(world);
    follower.moneyAtFirst = await allMoney(world.api, world.api.genesisHash.toHex());
    void follower.work();
    return follower;
  }

  on(name: string, tell: (event: Event) => void): void {
    this.listeners.push((event) => {
      if (nameOf(event) === name) tell(event);
    });
  }

  times(event: string): number {
    return this.events.get(event) ?? 0;
  }

  private async work(): Promise<never> {
    for (;;) {
      try {
        const blocks = finalBlocks(this.world.api, this.last.number + 1);
        for (;;) {
          const { value } = await within("a final block", 600, () => blocks.next());
          this.read(value);
        }
      } catch (error) {
        // What was not read is asked for again.
        this.world.figures.trouble("final-blocks", error);
        await sleep(2_000);
      }
    }
  }

  private read({ number, hash, events }: Block): void {
    for (const event of events) {
      const name = nameOf(event);
      count(this.events, name);
      const moves = MOVES[name];
      if (moves) this.paidIn += moves(fields(event));
      if (name === "attestation.Closed") count(this.rounds, Object.keys(fields<Closed>(event).outcome)[0]!);
      if (name === "market.StateChanged" && fields<{ to: string }>(event).to === "Settled") {
        count(this.events, "contracts settled");
      }
      for (const tell of this.listeners) tell(event);
    }
    this.last = { number, hash };
    this.since = Date.now();
  }

  /** What is wrong with all money at the last block; nothing if what was paid in, less what was paid out, is there. */
  async missingMoney(): Promise<string | undefined> {
    const { hash } = this.last;
    const expected = this.moneyAtFirst + this.paidIn;
    const found = await allMoney(this.world.api, hash);
    if (this.last.hash !== hash) return this.missingMoney();
    return found === expected ? undefined : `custody and pool have ${found}, and what was paid in comes to ${expected}`;
  }

  lines(): string[] {
    return [
      figure("blocks.final", this.last.number, "blocks"),
      ...TOLD.map(([event, name, unit]) => figure(name, this.times(event), unit)),
      figure("contracts.settled", this.times("contracts settled"), "contracts"),
      ...[...this.rounds].sort().map(([outcome, times]) => figure(`rounds.${outcome}`, times, "rounds")),
      figure("money.paid_in", this.paidIn, "millionths_of_tUSD"),
    ];
  }

  get roundsClosed(): number {
    return this.times("attestation.Closed");
  }

  get settled(): number {
    return this.times("contracts settled");
  }
}

const nameOf = ({ section, method }: Event): string => `${section}.${method}`;
