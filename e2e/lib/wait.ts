/** Waiting that always ends: with an answer, or with an error that says what was waited for. */

export const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** Thrown by a probe: what is waited for can no longer happen. */
export class Hopeless extends Error {}

/**
 * Asks `probe` again and again until it gives something other than `undefined` or `false`. A probe that throws counts
 * as "not yet", for nodes that are starting refuse connections, unless it throws {@link Hopeless}.
 */
export async function until<T>(
  what: string,
  limitSeconds: number,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  everyMilliseconds = 500,
): Promise<T> {
  const deadline = Date.now() + limitSeconds * 1000;
  let trouble = "";
  for (;;) {
    try {
      const answer = await within("an answer", limitSeconds, async () => probe());
      if (answer !== undefined && answer !== false) return answer;
      trouble = "";
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      trouble = ` (last error: ${error instanceof Error ? error.message : String(error)})`;
    }
    if (Date.now() >= deadline) throw new Error(`waited ${limitSeconds} s in vain for ${what}${trouble}`);
    await sleep(everyMilliseconds);
  }
}

/** Gives up on `work` after a time. The work itself goes on: give it its own way to stop where that matters. */
export async function within<T>(what: string, limitSeconds: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limitSeconds} s in vain for ${what}`)), limitSeconds * 1000);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
