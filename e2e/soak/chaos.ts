/** Nodes that are killed and come back, and gateways that lie. */

import type { ServerResponse } from "node:http";
import { figure } from "./figures.js";
import type { Random } from "./random.js";
import { Failure, type World } from "./world.js";
import { account } from "../lib/accounts.js";
import { type Agent, startAgent } from "../lib/agent.js";
import { compute, registerResources, type ResourceView, resourceView } from "../lib/compute.js";
import { VINTAGE } from "../lib/delivery.js";
import {
  type Asked,
  type Behaviour,
  flattering,
  Gateway,
  hangingUp,
  honest,
  saying,
  type Source,
  withStatus,
} from "../lib/gateways.js";
import { gcx } from "../lib/money.js";
import { succeed } from "../lib/polkadotjs.js";
import { CLASSES } from "../lib/reporting.js";
import { height } from "../lib/rpc.js";
import { sleep } from "../lib/wait.js";

/** Seconds between two restarts, how long a node is away, and within how many it has to have caught up. */
const [QUIET, AWAY, CATCH_UP] = [[45, 120], [15, 40], 240] as const;
/** A node is in sync when it is no further behind than this. */
const IN_SYNC_BLOCKS = 2;

/** Ends a validator now and then, never the first and never two at a time: three of four go on. */
export class Restarts {
  private down: string | undefined;
  private times = 0;
  private longestCatchUp = 0;

  constructor(private readonly world: World) {}

  begin(): void {
    this.world.every("restarts", QUIET, (random) => this.restart(random));
  }

  isDown(name: string): boolean {
    return this.down === name;
  }

  get count(): number {
    return this.times;
  }

  private async restart(random: Random): Promise<void> {
    const { world } = this;
    const victim = random.pick(world.network.nodes.slice(1))!;
    this.down = victim.name;
    try {
      if (random.chance(0.6)) await victim.kill();
      else await victim.stop().catch(() => victim.kill());
      await world.rest(random.between(...AWAY));
      await victim.restart();
      this.times += 1;
      const began = Date.now();
      while (!(await this.isInSync(victim.http))) {
        // The end does not wait for it: the last blocks become final by the others.
        if (world.stopping) return;
        if (Date.now() - began > CATCH_UP * 1_000) {
          throw new Failure(`${victim.name} did not catch up within ${CATCH_UP} s: its log is ${victim.command.log}`);
        }
        await sleep(1_000);
      }
      this.longestCatchUp = Math.max(this.longestCatchUp, Date.now() - began);
    } finally {
      this.down = undefined;
    }
  }

  private async isInSync(http: string): Promise<boolean> {
    try {
      const [own, best] = await Promise.all([height(http), height(this.world.http)]);
      return own >= best - IN_SYNC_BLOCKS;
    } catch {
      return false;
    }
  }

  lines(): string[] {
    return [
      figure("restarts", this.times, "restarts"),
      figure("restarts.longest_catch_up", (this.longestCatchUp / 1_000).toFixed(1), "s"),
    ];
  }
}

/** Where the definition of the network has the attestors' gateways. */
const PORTS = [9750, 9751, 9752, 9753];
/** Where its resources are: Germany, in UN M49. */
export const REGION = 276;
/** Order of the agent's solve: small, because the machine has other things to do. */
const ORDER = 512;
/** Seconds between two lies, and for how long one is told: a resource is drawn every two minutes. */
const [TRUTH, LIE] = [
  [45, 120],
  [90, 150],
] as const;

/** Seconds for which the agent works, and for which it is stalled: at times long enough to miss a round, or much of a delivery day. */
const [WORKS, STALLS] = [
  [240, 480],
  [20, 90],
] as const;

/**
 * A provider with an agent that measures this machine, and a gateway for each attestor. One at a time of them may lie. It has two
 * resources: of one it pledges capacity, with the other it delivers.
 */
export class Compute {
  /** The provider's account, by name. */
  readonly name = "provider";
  private agent: Agent | undefined;
  private gateways: Gateway[] = [];
  private pledging = 0;
  private delivering = 0;
  private liar: { place: number; lie: (source: Source) => Behaviour } | undefined;
  private spells = 0;
  private told = 0;
  private stalled = 0;

  constructor(private readonly world: World) {}

  async enter(): Promise<void> {
    const { world } = this;
    const { api } = world;
    const [provider, key] = [this.provider, world.path("agent")];
    await world.endow([provider, account(key)], gcx(50_000n), 1_000_000n);
    await succeed(compute(api)["registerProvider"]!(gcx(20_000n)), provider);
    const classes = [CLASSES.hpcFp64, VINTAGE];
    const terms = classes.map((of) => ({ class: of, agent: account(key).address, region: REGION }));
    const resources = await registerResources(api, provider, terms);
    [this.pledging, this.delivering] = resources as [number, number];
    this.agent = await startAgent({ node: world.witness.ws, resources, key, order: ORDER });
    const { source } = this.agent;
    this.gateways = await Promise.all(PORTS.map((port, place) => Gateway.open(this.answering(place, source), port)));
  }

  begin(): void {
    this.world.every("lies", TRUTH, (random) => this.lie(random));
    this.world.every("agent", WORKS, (random) => this.stall(random));
    this.world.every("provider", [15, 40], (random) => this.turn(random));
  }

  private get provider() {
    return this.world.account(this.name);
  }

  /** What it delivers with. */
  get resource(): number {
    return this.delivering;
  }

  /** Whether capacity of that was found. */
  async canDeliver(): Promise<boolean> {
    return this.agent !== undefined && Number((await this.view(this.delivering)).capacity.sellable) > 0;
  }

  private view(resource: number): Promise<ResourceView> {
    return resourceView(this.world.http, resource);
  }

  /** Tells the truth, unless it is this one's turn to lie. */
  private answering(place: number, source: Source): Behaviour {
    return (response: ServerResponse, asked: Asked) => {
      if (this.liar?.place !== place) return honest(source)(response, asked);
      this.told += 1;
      return this.liar.lie(source)(response, asked);
    };
  }

  private async lie(random: Random): Promise<void> {
    const lie = random.weighted<(source: Source) => Behaviour>([
      [5, flattering],
      [2, () => saying("<html>It works!</html>")],
      [1, () => hangingUp],
      [1, () => withStatus(500)],
    ]);
    this.liar = { place: random.integer(0, PORTS.length - 1), lie };
    this.spells += 1;
    try {
      await this.world.rest(random.between(...LIE));
    } finally {
      this.liar = undefined;
    }
  }

  private async stall(random: Random): Promise<void> {
    this.agent?.freeze();
    this.stalled += 1;
    try {
      await this.world.rest(random.between(...STALLS));
    } finally {
      this.agent?.thaw();
    }
  }

  /** The provider puts some of its capacity aside, takes it back, and gets its resources out of jail. */
  private async turn(random: Random): Promise<void> {
    const { world, provider, pledging: resource } = this;
    if (this.agent?.ended() !== undefined) throw new Failure(`the agent has ended with ${this.agent?.ended()}`);
    const calls = compute(world.api);
    const act = (name: string, ...args: unknown[]) =>
      world.act(`compute.${name}`, calls[name]!(...args), provider).then(() => undefined);
    for (const jailed of [resource, this.delivering]) {
      if (/jailed/i.test((await this.view(jailed)).state)) return act("unjail", jailed);
    }
    const view = await this.view(resource);
    const day = view.capacity.day + random.integer(1, 5);
    const days = { first: day, last: day + random.integer(0, 2) };
    const perDay = random.share(BigInt(view.capacity.capacity), 0.05, 0.6);
    await random.weighted<() => Promise<void>>([
      [40, () => act("pledge", resource, days, perDay)],
      [25, () => act("unpledge", resource, days, perDay)],
      [10, () => act("bondExtra", gcx(1n))],
      [5, () => act("prune", 10)],
    ])();
  }

  async leave(): Promise<void> {
    await Promise.all([this.agent?.end(), ...this.gateways.map((gateway) => gateway.close())]);
  }

  lines(): string[] {
    return [
      figure("lies.spells", this.spells, "spells"),
      figure("lies.told", this.told, "answers"),
      figure("agent.stalls", this.stalled, "times"),
    ];
  }
}
