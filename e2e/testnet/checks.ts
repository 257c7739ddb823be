/**
 * What the network has to survive, in an order that lets each check build on the one before: the fifth node syncs, then
 * becomes a validator, then stops and comes back with the others.
 */

import type { ApiPromise } from "@polkadot/api";
import { attestorsAgree } from "./attestation.js";
import type { Network, NetworkNode } from "./network.js";
import { cheatIsFound } from "./proof.js";
import { account } from "../lib/accounts.js";
import { connect, submit } from "../lib/polkadotjs.js";
import { blockHash, finalizedHeight, height, rotateKeys, rpc } from "../lib/rpc.js";
import { Hopeless, seconds, sleep, until, within } from "../lib/wait.js";

export interface Check {
  name: string;
  /** Gives the figures to print, or throws what is wrong. */
  run(network: Network): Promise<string>;
}

/** Blocks to watch for authors and finality: each of four validators has five of them on average. */
const BLOCKS_WATCHED = 20;
/** GRANDPA votes for blocks two below the best one; a healthy network is at most this far behind, on average. */
const FINALITY_LAG_ALLOWED = 4;
/** A node is in sync when it is no further behind the others than this. */
const IN_SYNC_BLOCKS = 2;
/** Blocks that must become final while a validator is missing. */
const BLOCKS_WITHOUT_VALIDATOR = 8;

const FIFTH = "eve";

export const CHECKS: Check[] = [
  { name: "every validator authors", run: everyValidatorAuthors },
  { name: "finality follows", run: finalityFollows },
  { name: "finality goes on without one validator, which then catches up", run: survivesTheLossOfOne },
  { name: "a new node joins by warp sync", run: joinsByWarpSync },
  { name: "a validator bonds in and authors", run: bondsIn },
  { name: "a new node warps past the change of validators", run: warpsPastTheChange },
  { name: "attestors agree, whatever one gateway lies and another is dead", run: attested },
  { name: "who commits to what it did not compute is found", run: cheatFound },
  { name: "the network comes back after all have been down", run: comesBack },
  { name: "nobody was slashed on the way", run: nobodyWasSlashed },
];

/** Who the validators are, by the address of the account that bonded. */
const NAMES = new Map(
  ["alice", "bob", "charlie", "dave", FIFTH].map((name) => {
    const path = `//${name[0]!.toUpperCase()}${name.slice(1)}//stash`;
    return [account(path).address, name];
  }),
);

async function everyValidatorAuthors({ nodes }: Network): Promise<string> {
  const blocks = new Map(nodes.map(({ name }) => [name, 0]));
  const seen = await withApi(nodes[0]!, async (api) => {
    let count = 0;
    const unsubscribe = await api.derive.chain.subscribeNewHeads(({ author, number }) => {
      if (number.toNumber() === 0) return;
      const name = NAMES.get(author?.toString() ?? "") ?? "unknown";
      blocks.set(name, (blocks.get(name) ?? 0) + 1);
      count += 1;
    });
    const done = () => count >= BLOCKS_WATCHED && [...blocks.values()].every((count) => count > 0);
    await until(`blocks by all of ${[...blocks.keys()]}`, 180, () => done() && count);
    unsubscribe();
    return count;
  });
  return `${[...blocks].map(([name, count]) => `${name} ${count}`).join(", ")} of ${seen} blocks`;
}

async function finalityFollows({ nodes }: Network): Promise<string> {
  const lags: number[] = [];
  const delays: number[] = [];
  await withApi(nodes[0]!, async (api) => {
    const arrived = new Map<number, number>();
    let finalized = await finalizedHeight(nodes[0]!.http);
    const newHeads = await api.rpc.chain.subscribeNewHeads((header) => {
      const number = header.number.toNumber();
      if (!arrived.has(number)) lags.push(number - finalized);
      arrived.set(number, Date.now());
    });
    const finalizedHeads = await api.rpc.chain.subscribeFinalizedHeads((header) => {
      finalized = header.number.toNumber();
      const at = arrived.get(finalized);
      if (at !== undefined) delays.push(Date.now() - at);
    });
    await until(`${BLOCKS_WATCHED} blocks to be final`, 180, () => delays.length >= BLOCKS_WATCHED);
    newHeads();
    finalizedHeads();
  });
  const lag = `${mean(lags).toFixed(1)} blocks behind the best (at most ${Math.max(...lags)})`;
  if (mean(lags) > FINALITY_LAG_ALLOWED) throw new Error(`finality is ${lag}`);
  return `${lag}; a block is final after ${seconds(mean(delays))} (at most ${seconds(Math.max(...delays))})`;
}

async function survivesTheLossOfOne({ nodes }: Network): Promise<string> {
  const [witness, victim] = [nodes[0]!, nodes[1]!];
  await victim.kill();
  const before = await finalizedHeight(witness.http);
  const killed = Date.now();
  await until(
    `${BLOCKS_WITHOUT_VALIDATOR} blocks to become final without ${victim.name}`,
    120,
    async () => (await finalizedHeight(witness.http)) >= before + BLOCKS_WITHOUT_VALIDATOR,
  );
  const without = Date.now() - killed;
  await victim.restart();
  const missed = (await height(witness.http)) - before;
  const catchUp = await inSync(victim, witness, 90);
  return (
    `${BLOCKS_WITHOUT_VALIDATOR} blocks final in ${seconds(without)} without ${victim.name}; ` +
    `back, it was in sync, ${missed} blocks on, in ${seconds(catchUp)}`
  );
}

async function joinsByWarpSync(network: Network): Promise<string> {
  const { node, figures } = await warp(network, FIFTH, ["--validator"]);
  const first = await blockHash(network.nodes[0]!.http, 1);
  await until("the blocks before the warp", 120, async () => (await blockHash(node.http, 1)) === first);
  return `${figures}; the earlier blocks followed`;
}

/**
 * The proof that the node warps by has to hand over from the validators of genesis to the present ones. It has the header of the
 * block with the change; a node whose target is the block right after that one finds a parent without ancestors, and cannot import
 * it (see the operators' chapter). So finality has to be a block further.
 */
async function warpsPastTheChange(network: Network): Promise<string> {
  const changes = await withApi(network.nodes[0]!, async (api) => {
    const changesBy = async (hash: string) =>
      (await (await api.at(hash)).query["grandpa"]!["currentSetId"]!()).toString();
    return until("a change of validators to be final, and two blocks after it", 60, async () => {
      const finalized = await finalizedHeight(network.nodes[0]!.http);
      const [before, now] = await Promise.all(
        [finalized - 2, finalized].map(async (number) => changesBy((await blockHash(network.nodes[0]!.http, number))!)),
      );
      return now !== "0" && before === now && now;
    });
  });
  const { node, figures } = await warp(network, "ferdie", []);
  await network.remove(node);
  return `${figures}, with ${changes} change of validators on the way`;
}

/**
 * Adds a node that has to join by warp sync. What proves that it did: its log names the two stages, and it has no state
 * of block 1, which a node that imported every block would still have (states are kept for 256 blocks, and the network
 * is younger than that).
 */
async function warp(network: Network, name: string, args: string[]): Promise<{ node: NetworkNode; figures: string }> {
  const witness = network.nodes[0]!;
  const first = await blockHash(witness.http, 1);
  const hasFirstState = (node: NetworkNode) =>
    rpc(node.http, "state_getRuntimeVersion", [first]).then(
      () => true,
      (error: unknown) => {
        if (/discarded|not found|unknown block/i.test(String(error))) return false;
        throw error;
      },
    );
  if (!(await hasFirstState(witness)))
    throw new Error(`${witness.name} is too old for this: it dropped the first state`);

  const began = Date.now();
  const node = await network.add(name, ["--sync=warp", ...args]);
  for (const stage of ["Warp sync is complete", "State sync is complete"]) {
    await until(`"${stage}" in the log of ${name}`, 120, () => {
      if (!node.isRunning()) throw new Hopeless(`${name} has ended: its log is ${node.command.log}`);
      return node.logSays(stage);
    });
  }
  await inSync(node, witness, 120);
  const took = seconds(Date.now() - began);
  if (await hasFirstState(node)) throw new Error(`${name} has the state of block 1, so it did not warp`);
  return { node, figures: `at block ${await height(node.http)} in ${took}, with no state of block 1` };
}

async function bondsIn(network: Network): Promise<string> {
  const node = fifth(network);
  const owner = account("//Eve//stash");
  return withApi(network.nodes[0]!, async (api) => {
    const parameters = (await api.query["validators"]!["parameters"]!()).toJSON() as { minBond: string | number };
    const { keys, proof } = await rotateKeys(node.http, owner.publicKey);
    const began = Date.now();
    for (const call of [
      api.tx["validators"]!["bond"]!(BigInt(parameters.minBond)),
      api.tx["session"]!["setKeys"]!(keys, proof),
    ]) {
      const { error } = await submit(call, owner);
      if (error) throw new Error(`${call.method.method} failed: ${error}`);
    }

    await until("the new validator to be seated", 300, async () => {
      const seated = (await api.query["session"]!["validators"]!()).toJSON() as string[];
      return seated.includes(owner.address);
    });
    const seated = Date.now() - began;
    const [block, authored] = await firstBlockOf(api, owner.address, 120);
    return `seated ${seconds(seated)} after its bond, authored block ${block} ${seconds(authored - began)} after it`;
  });
}

/** The first block that arrives by the validator with `address`, and when. */
async function firstBlockOf(api: ApiPromise, address: string, limit: number): Promise<[number, number]> {
  let found: [number, number] | undefined;
  const unsubscribe = await api.derive.chain.subscribeNewHeads(({ author, number }) => {
    if (author?.toString() === address) found ??= [number.toNumber(), Date.now()];
  });
  try {
    return await until(`a block by ${NAMES.get(address)}`, limit, () => found, 100);
  } finally {
    unsubscribe();
  }
}

function attested(network: Network): Promise<string> {
  return withApi(network.nodes[0]!, (api) => attestorsAgree(network, api));
}

function cheatFound(network: Network): Promise<string> {
  return withApi(network.nodes[0]!, (api) => cheatIsFound(network, api));
}

/** Down for two epochs and a bit, so that at least one whole epoch passes without a block and is skipped. */
async function comesBack(network: Network): Promise<string> {
  const nodes = [...network.nodes, ...network.added];
  const witness = nodes[0]!;
  const epoch = await withApi(witness, async (api) => {
    const slots = Number(api.consts["babe"]!["epochDuration"]!.toString());
    return slots * Number(api.consts["babe"]!["expectedBlockTime"]!.toString());
  });
  if (epoch > 300_000) throw new Error(`epochs of ${seconds(epoch)} are too long to wait for: build with fast-epochs`);

  const before = await finalizedHeight(witness.http);
  await Promise.all(nodes.map((node) => node.stop()));
  const down = Date.now();
  await sleep(2 * epoch + 5_000);
  const outage = Date.now() - down;

  const up = Date.now();
  for (const node of nodes) await node.restart();
  const beyond = before + 2 * IN_SYNC_BLOCKS;
  await until(
    `a new block to be final after the outage`,
    180,
    async () => (await finalizedHeight(witness.http)) > beyond,
  );
  const recovered = Date.now() - up;
  for (const node of nodes) await inSync(node, witness, 60);

  const skipped = await withApi(witness, async (api) => (await api.query["babe"]!["skippedEpochs"]!()).toJSON());
  const epochs = (skipped as unknown[]).length;
  if (epochs === 0) throw new Error("the outage skipped no epoch");
  return (
    `all ${nodes.length} down for ${seconds(outage)}, ${epochs} epoch skipped, ` +
    `new blocks final ${seconds(recovered)} after the restart`
  );
}

/** A validator that signed twice, as one that restarts carelessly does, would have lost a part of its bond. */
async function nobodyWasSlashed({ nodes }: Network): Promise<string> {
  return withApi(nodes[0]!, async (api) => {
    const slashes = await api.query["validators"]!["slashes"]!.entries();
    if (slashes.length > 0) throw new Error(`${slashes.length} slashes: ${JSON.stringify(slashes)}`);
    return `no slash up to block ${await height(nodes[0]!.http)}`;
  });
}

/** Waits until `node` is as far as `witness`, and gives the milliseconds that took. */
async function inSync(node: NetworkNode, witness: NetworkNode, limit: number): Promise<number> {
  const began = Date.now();
  await until(`${node.name} to be in sync with ${witness.name}`, limit, async () => {
    if (!node.isRunning()) throw new Hopeless(`${node.name} has ended: its log is ${node.command.log}`);
    const [own, best] = await Promise.all([height(node.http), height(witness.http)]);
    return own >= best - IN_SYNC_BLOCKS;
  });
  return Date.now() - began;
}

function fifth({ added }: Network): NetworkNode {
  const [node] = added;
  if (!node) throw new Error("there is no fifth node");
  return node;
}

async function withApi<T>(node: NetworkNode, work: (api: ApiPromise) => Promise<T>): Promise<T> {
  const api = await connect(node.ws);
  try {
    return await within(`work on ${node.name}`, 600, () => work(api));
  } finally {
    await api.disconnect();
  }
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
