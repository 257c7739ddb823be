/** `scripts/soak`: four validators under random load for a time, with invariants checked all the while. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Book } from "./book.js";
import { Compute, Restarts } from "./chaos.js";
import { Customers } from "./customers.js";
import { Deliveries } from "./deliveries.js";
import { Escrow } from "./escrow.js";
import { figure } from "./figures.js";
import { Follower } from "./follow.js";
import { Houses } from "./houses.js";
import { Invariants, Watchdog } from "./invariants.js";
import { Listings } from "./listings.js";
import { Measure } from "./measure.js";
import { readOptions } from "./options.js";
import { Passersby } from "./passersby.js";
import { Prices } from "./prices.js";
import { World } from "./world.js";
import { admitVintage } from "../lib/delivery.js";
import { gcx, tusd } from "../lib/money.js";
import { killAll } from "../lib/process.js";
import { registerVenue } from "../lib/trading.js";
import { seconds, sleep } from "../lib/wait.js";
import { Network } from "../testnet/network.js";

/** What the network's start, the way in of all parties and the end may take beside the time that was asked for, in minutes. */
const BESIDE = 10;
/** Seconds for which the end waits for what is under way. */
const LAST_WORDS = 40;

const { minutes, seed } = readOptions(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "gcx-soak-"));

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => void interrupt());

/** What runs, once everybody is in. */
let running: Soak | undefined;
let isInterrupted = false;

/** Says what there is to say so far, without the last checks. */
async function interrupt(): Promise<never> {
  isInterrupted = true;
  if (running) {
    const { measure, follower, provider, deliveries } = running;
    measure.end(follower.last.number);
    for (const line of lines(running)) console.log(line);
    await Promise.allSettled([provider.leave(), deliveries.leave()]);
  }
  finish(130);
}

/** Ends every process, and deletes their files unless something failed: then the logs may say why. */
function finish(code: number): never {
  killAll();
  if (code === 1) console.log(`The logs are in ${folder}`);
  // The processes may write for a moment longer.
  else rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  process.exit(code);
}

/** All that takes part. */
interface Soak {
  /** When everybody began to come in. */
  began: number;
  world: World;
  follower: Follower;
  escrow: Escrow;
  invariants: Invariants;
  watchdog: Watchdog;
  restarts: Restarts;
  provider: Compute;
  deliveries: Deliveries;
  prices: Prices;
  measure: Measure;
}

async function run(): Promise<void> {
  const began = Date.now();
  setTimeout(
    () => {
      console.log(`FAILED  not done after ${minutes + BESIDE} minutes`);
      finish(1);
    },
    (minutes + BESIDE) * 60_000,
  );
  console.log(`A soak of ${minutes} minutes with the seed ${seed}; its files are in ${folder}`);
  const network = await Network.start(folder);
  console.log(`Four validators are up in ${seconds(Date.now() - began)}`);
  const up = Date.now();
  const end = up + minutes * 60_000;
  const soak = (running = await begin(await World.enter(network, seed)));
  console.log(`All parties are in ${seconds(Date.now() - up)} later`);
  while (!soak.world.stopping && Date.now() < end) {
    await soak.world.rest(Math.min(60_000, end - Date.now()) / 1_000);
    if (isInterrupted) return;
    console.log(progress(soak, (Date.now() - up) / 60_000));
  }
  console.log(`Everybody stops; the books are looked at once more`);
  const reconciled = await wrapUp(soak);
  if (isInterrupted) return;
  for (const line of lines(soak)) console.log(line);
  console.log(
    soak.world.failure
      ? `FAILED  ${soak.world.failure.message}`
      : `The network held: all books reconcile to the unit at block ${reconciled}`,
  );
  finish(soak.world.failure ? 1 : 0);
}

/** Everybody comes in, and begins. */
async function begin(world: World): Promise<Soak> {
  const began = Date.now();
  const follower = await Follower.begin(world);
  const escrow = new Escrow(world, follower);
  if (!(await world.govern("compute.admitClass", admitVintage(world.api)))) {
    throw new Error("the class that is delivered was not admitted");
  }
  const prices = new Prices(world);
  prices.begin();
  const [restarts, measure] = [new Restarts(world), new Measure(world)];
  const watchdog = new Watchdog(world, (name) => restarts.isDown(name));
  const invariants = new Invariants(world, follower, escrow);
  watchdog.begin();
  invariants.begin();

  const book = new Book(world, world.account("venue"));
  const houses = new Houses(world, book);
  const customers = new Customers(world, houses, book);
  const [passersby, provider] = [new Passersby(world), new Compute(world)];
  const deliveries = new Deliveries(world, houses, book, provider);
  const members = [...customers.all, ...deliveries.all];
  const listings = new Listings(world, provider);
  listings.begin();
  await world.watch();
  const others = [book.venue, passersby.anyone, ...passersby.outsiders];
  await world.endow([...members.map(({ key }) => key), ...others], gcx(100_000n), tusd(10_000_000n));
  await Promise.all([
    houses.enter().then(() => Promise.all(members.map((member) => member.enter(world.random.fork(member.name))))),
    registerVenue(world.api, book.venue, gcx(10_000n)),
    provider.enter(),
  ]);
  for (const party of [book, customers, deliveries, passersby, provider, restarts]) party.begin();
  houses.begin(follower);
  measure.begin(follower.last.number);
  return { began, world, follower, escrow, invariants, watchdog, restarts, provider, deliveries, prices, measure };
}

function progress({ world, follower, escrow, invariants, restarts, prices, measure }: Soak, minutes: number): string {
  const { figures } = world;
  return [
    `${minutes.toFixed(1)} minutes: block ${follower.last.number} final`,
    `${figures.acceptedInAll} accepted and ${figures.refusedInAll} refused`,
    `${follower.times("market.Filled")} fills`,
    `${prices.shocks} days of shocks`,
    `${follower.times("clearing.LiquidationBegun")} liquidations`,
    `${follower.times("clearing.Defaulted")} defaults`,
    `${follower.settled} contracts settled`,
    `${follower.times("delivery.DeliveryClosed")} deliveries closed`,
    `${escrow.delivered} CH delivered`,
    `${follower.roundsClosed} rounds`,
    `${restarts.count} restarts`,
    `${invariants.times} checks`,
    `${measure.now} MiB`,
  ].join(", ");
}

/** Everybody stops; then the last checks, unless one has failed already. Gives the block of the last one. */
async function wrapUp({ world, follower, invariants, measure, provider, deliveries }: Soak): Promise<string> {
  await world.stop(LAST_WORDS);
  // What was sent last becomes final.
  await sleep(12_000);
  measure.end(follower.last.number);
  let reconciled = "";
  if (!world.failure) {
    reconciled = await invariants.reconcile().catch((error: unknown) => {
      world.fail(error instanceof Error ? error.message : String(error));
      return "";
    });
  }
  await Promise.all([provider.leave(), deliveries.leave()]);
  await world.leave();
  return reconciled;
}

function lines(soak: Soak): string[] {
  const { world, follower, escrow, invariants, watchdog, restarts, provider, prices, measure } = soak;
  return [
    figure("minutes", ((Date.now() - soak.began) / 60_000).toFixed(1), "minutes"),
    ...follower.lines(),
    ...escrow.lines(),
    ...world.figures.lines(),
    figure("prices.shocks", prices.shocks, "days"),
    ...invariants.lines(),
    ...watchdog.lines(),
    ...restarts.lines(),
    ...provider.lines(),
    ...measure.lines(),
  ];
}

run().catch((error: unknown) => {
  // Whoever is cut off by the end has nothing to say.
  if (isInterrupted) return;
  console.error(`FAILED  ${error instanceof Error ? error.message : String(error)}`);
  finish(1);
});
