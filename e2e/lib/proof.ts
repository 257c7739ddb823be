/** Proof of compute from a client's side: roll-calls, and what they came to for a resource. */

import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import { rpc } from "./rpc.js";
import { until } from "./wait.js";

/** An element of the answer of `gcx_rollCalls`. Slots are counted from the Unix epoch. */
export interface RollCallView {
  rollCall: number;
  class: number;
  /** The one resource that it calls, if it is a challenge. */
  challenged: number | null;
  phase: "committing" | "drawing" | "opening" | "reckoning";
  parameters: { rows: number; columns: number; depth: number; rounds: number; openings: number };
  nonce: string;
  seedSlot: number;
  commitUntil: number;
  randomness: string | null;
  openUntil: number | null;
  called: number;
  committed: number;
}

/** What a roll-call came to for a resource. */
export interface Passage {
  rollCall: number;
  at: number;
  outcome: "proven" | "undrawn" | "absent" | "unshown";
  /** 8-bit integer operations per second and device, if it was proven. */
  operations?: number;
}

/** The answer of `gcx_proof`. */
export interface ProofView {
  resource: number;
  class: number;
  devices: number;
  exempt: boolean;
  slot: number;
  slotMillis: number;
  /** The roll-calls that are going on: of its class, and challenges of it. */
  current: {
    rollCall: RollCallView;
    called: boolean;
    committed: {
      devices: number;
      rounds: number;
      commitment: string;
      drawn: number | null;
      shown: number[];
    } | null;
  }[];
  history: Passage[];
}

export const rollCallViews = (http: string, at: string | null = null): Promise<RollCallView[]> =>
  rpc(http, "gcx_rollCalls", [at]);

export const proofView = (http: string, resource: number, at: string | null = null): Promise<ProofView> =>
  rpc(http, "gcx_proof", [resource, at]);

/** The calls of who answers roll-calls. */
export const proof = (api: ApiPromise): Record<string, (...args: unknown[]) => SubmittableExtrinsic<"promise">> =>
  api.tx["proof"] as unknown as ReturnType<typeof proof>;

/** The roll-call of a resource's class, once one takes commitments for so many slots more. */
export const nextRollCall = (http: string, resource: number, slots: number): Promise<RollCallView> =>
  until("the class to be called", 240, async () => {
    const { current, slot } = await proofView(http, resource);
    const ofClass = current.find(({ rollCall }) => rollCall.challenged === null);
    const called = ofClass?.rollCall;
    return called?.phase === "committing" && called.commitUntil - slot >= slots && called;
  });

/** What a resource's roll-calls came to, once one came to what is wanted. */
export const passageOf = (http: string, resource: number, wanted: Passage["outcome"], limit = 300): Promise<Passage> =>
  until(`resource ${resource} to be ${wanted}`, limit, async () => {
    const { history } = await proofView(http, resource);
    return history.find(({ outcome }) => outcome === wanted);
  });
