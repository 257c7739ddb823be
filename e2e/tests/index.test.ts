import type { ApiPromise } from "@polkadot/api";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { account } from "../lib/accounts.js";
import { gcx } from "../lib/money.js";
import { connect } from "../lib/polkadotjs.js";
import {
  CLASSES,
  commit,
  fixPrice,
  indexState,
  nextDay,
  quote,
  reporters,
  reveal,
  revealing,
} from "../lib/reporting.js";
import { rpc } from "../lib/rpc.js";
import { until } from "../lib/wait.js";

const { aiInfer, gemmInt8 } = CLASSES;
let api: ApiPromise;
let http: string;

beforeAll(async () => {
  http = inject("http");
  api = await connect(inject("ws"));
});

afterAll(() => api.disconnect());

describe("gcx_index", () => {
  test("class_without_fixes_says_that_there_are_none", async () => {
    const state = await indexState(http, CLASSES.hpcFp64);
    expect(state).toMatchObject({ class: 1, floor: 10_000, latest: null, age: null, statistics: null, fixes: [] });
    expect(Math.abs(state.now - Date.now())).toBeLessThan(60_000);
  });

  test("unknown_class_is_refused_by_its_number", async () => {
    await expect(indexState(http, 99)).rejects.toThrow("class 99 has no index");
  });

  test("unknown_block_is_refused", async () => {
    const nowhere = `0x${"00".repeat(32)}`;
    await expect(rpc(http, "gcx_index", [1, null, null, nowhere])).rejects.toThrow("the runtime did not answer");
  });
});

describe("a day of the index", () => {
  test("three_reporters_of_three_owners_agree_on_a_fix", async () => {
    const prices = [2_490_000, 2_510_000, 2_530_000];
    const quotes = reporters().map((reporter, place) => quote(reporter, prices[place]!));
    const fix = await fixPrice(api, http, aiInfer, quotes);
    expect(fix.price).toBe(2_510_000);

    const state = await indexState(http, aiInfer);
    expect(state.fixes).toEqual([fix]);
    expect(state.age).toBe(state.now - fix.time);
    expect(state.statistics).toEqual({ meanSize: 2_510_000, variance: 0, largestMove: 0 });
  }, 180_000);

  test("commitments_and_reports_are_refused_by_name_and_silence_is_slashed", async () => {
    const [speaks, silent] = reporters();
    const day = await nextDay(http, gemmInt8);
    const mine = quote(speaks!, 1_000_000);
    const [stranger, committed, kept] = await Promise.all([
      commit(api, gemmInt8, day, quote(account("//Charlie//stash"), 1_000_000)),
      commit(api, gemmInt8, day, mine),
      commit(api, gemmInt8, day, quote(silent!, 1_000_000)),
    ]);
    expect(stranger.error).toBe("index.NotReporter");
    expect([committed.error, kept.error]).toEqual([undefined, undefined]);
    expect(committed.fee).toBe(0n);
    await revealing(api, http, gemmInt8, day);
    // In this order, but at once: the time to reveal is short.
    const [wrong, right] = await Promise.all([
      reveal(api, gemmInt8, { ...mine, price: 1_000_001 }),
      reveal(api, gemmInt8, mine),
    ]);
    expect([wrong.error, right.error]).toEqual(["index.WrongReveal", undefined]);

    const bond = async (): Promise<bigint> => {
      const reporter = (await api.query["index"]!["reporters"]!(silent!.address)).toJSON() as { bond: string };
      return BigInt(reporter.bond);
    };
    const closed = async (): Promise<boolean> => (await indexState(http, gemmInt8)).round.stage === "closed";
    await until("the round to be closed", 60, closed);
    expect(await bond()).toBe(gcx(100_000n - 100n));
    expect((await indexState(http, gemmInt8)).latest).toBeNull();
  }, 240_000);
});
