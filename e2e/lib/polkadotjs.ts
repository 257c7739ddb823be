/** The polkadot.js client: its types come from the chain's metadata at run time. */

import { ApiPromise, WsProvider } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Event, EventRecord } from "@polkadot/types/interfaces";
import type { Codec, ISubmittableResult } from "@polkadot/types/types";
import { sleep, within } from "./wait.js";

/**
 * When a transaction counts as done: once it is final, or, about six seconds earlier, once it is in a block. Blocks of a
 * chain with a single validator never lose to others.
 */
export type Done = "final" | "in a block";

export async function connect(ws: string, done: Done = "final"): Promise<ApiPromise> {
  const provider = new WsProvider(ws);
  try {
    const connecting = () => ApiPromise.create({ provider, noInitWarn: true });
    const api = await within(`polkadot.js to connect to ${ws}`, 30, connecting);
    chains.set(api.registry, { api, done, next: new Map(), turns: new Map() });
    return api;
  } catch (error) {
    await provider.disconnect();
    throw error;
  }
}

/** What became of a transaction, once it is done. */
export interface Outcome {
  /** The reason for which it failed, as `Pallet.Error`; `undefined` if it succeeded. */
  error: string | undefined;
  /** What the sender paid for it, whether it succeeded or not. */
  fee: bigint;
  events: Event[];
  /** The hash of the block that it is in. */
  block: string;
}

/** Signs `call`, submits it and waits until it is done, as the connection says: final, if it says nothing. */
export async function submit(call: SubmittableExtrinsic<"promise">, signer: KeyringPair): Promise<Outcome> {
  const result = await within(`${call.method.section}.${call.method.method} to be done`, 60, () => sent(call, signer));
  const events = result.events.map(({ event }) => event);
  return {
    error: nameOfError(call, result),
    fee: BigInt(field(events, "transactionPayment", "TransactionFeePaid", "actualFee").toString()),
    events,
    block: (result.status.isFinalized ? result.status.asFinalized : result.status.asInBlock).toHex(),
  };
}

/** As {@link submit}, for a call that has to succeed: fails with the reason if it does not. */
export async function succeed(call: SubmittableExtrinsic<"promise">, signer: KeyringPair): Promise<Outcome> {
  const outcome = await submit(call, signer);
  if (outcome.error) throw new Error(`${call.method.section}.${call.method.method} failed: ${outcome.error}`);
  return outcome;
}

/** What each chain is asked by, and the numbers of the transactions to come: the node forgets for a moment what is in its pool. */
const chains = new WeakMap<
  object,
  { api: ApiPromise; done: Done; next: Map<string, number>; turns: Map<string, Promise<unknown>> }
>();

function sent(call: SubmittableExtrinsic<"promise">, signer: KeyringPair): Promise<ISubmittableResult> {
  const { address } = signer;
  const { api, done, next, turns } = chains.get(call.registry)!;
  return new Promise<ISubmittableResult>((resolve, reject) => {
    const send = async (): Promise<void> => {
      const known = (await api.rpc.system.accountNextIndex(address)).toNumber();
      const nonce = Math.max(known, next.get(address) ?? 0);
      next.set(address, nonce + 1);
      await call.signAndSend(signer, { nonce }, (result) => {
        if (result.isFinalized || (done === "in a block" && result.isInBlock)) resolve(result);
        else if (result.isError) fail(new Error(`the node refused the transaction: ${result.status.type}`));
      });
    };
    const fail = (error: unknown): void => {
      // The number is not used: the node knows the next one.
      next.delete(address);
      reject(error);
    };
    // One at a time for each account.
    turns.set(address, (turns.get(address) ?? Promise.resolve()).then(send).catch(fail));
  });
}

function nameOfError(call: SubmittableExtrinsic<"promise">, { dispatchError }: ISubmittableResult): string | undefined {
  if (!dispatchError) return undefined;
  if (!dispatchError.isModule) return dispatchError.toString();
  const { section, name } = call.registry.findMetaError(dispatchError.asModule);
  return `${section}.${name}`;
}

/** The event `section.method` among `events`; fails if there is none. */
export function find(events: Event[], section: string, method: string): Event {
  const event = events.find((event) => event.section === section && event.method === method);
  if (!event) throw new Error(`no event ${section}.${method} in ${events.map((e) => `${e.section}.${e.method}`)}`);
  return event;
}

/** A field of the event `section.method`, by its name. */
export function field(events: Event[], section: string, method: string, name: string): Codec {
  const value = (find(events, section, method).data as unknown as Record<string, Codec | undefined>)[name];
  if (!value) throw new Error(`the event ${section}.${method} has no field ${name}`);
  return value;
}

/** The fields of an event by name, as plain values. Integers that a number does not hold exactly are decimal strings. */
export function fields<T>({ data }: Event): T {
  const names = data.names ?? [];
  return Object.fromEntries(names.map((name, place) => [name, data[place]!.toPrimitive()])) as T;
}

/** The fields of every event `section.method` among `events`. */
export const all = <T>(events: Event[], section: string, method: string): T[] =>
  events.filter((event) => event.section === section && event.method === method).map((event) => fields<T>(event));

/** A final block and all that happened in it. */
export interface Block {
  number: number;
  hash: string;
  parent: string;
  events: Event[];
}

/** Every final block from height `from` on, as soon as it is final. Without end: the caller bounds each wait. */
export async function* finalBlocks(api: ApiPromise, from: number): AsyncGenerator<Block, never> {
  for (let number = from; ; number++) {
    while ((await finalHeight(api)) < number) await sleep(500);
    const hash = await api.rpc.chain.getBlockHash(number);
    const [header, at] = await Promise.all([api.rpc.chain.getHeader(hash), api.at(hash)]);
    const records = (await at.query["system"]!["events"]!()) as unknown as EventRecord[];
    const events = records.map(({ event }) => event);
    yield { number, hash: hash.toHex(), parent: header.parentHash.toHex(), events };
  }
}

async function finalHeight(api: ApiPromise): Promise<number> {
  return (await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead())).number.toNumber();
}
