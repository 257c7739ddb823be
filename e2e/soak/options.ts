/** What `scripts/soak` is told. */

import { randomInt } from "node:crypto";

export interface Options {
  minutes: number;
  seed: string;
}

const USAGE = "scripts/soak [--minutes N] [--seed S]";
/** A day. */
const MOST_MINUTES = 1_440;

/** Reads the arguments; ends the process with a plain sentence if they make no sense. */
export function readOptions(args: string[]): Options {
  const options: Options = { minutes: 10, seed: String(randomInt(1_000_000)) };
  for (let place = 0; place < args.length; place += 2) {
    const [name, value] = [args[place]!, args[place + 1]];
    if (name !== "--minutes" && name !== "--seed") return refuse(`unknown argument ${name}`);
    if (value === undefined) return refuse(`${name} lacks its value`);
    if (name === "--seed") {
      // It becomes part of the paths of keys.
      if (!/^\w{1,32}$/.test(value)) return refuse(`the seed ${value} is not of up to 32 letters and digits`);
      options.seed = value;
    } else {
      options.minutes = Number(value);
      if (!/^\d+$/.test(value) || options.minutes < 1 || options.minutes > MOST_MINUTES) {
        return refuse(`the minutes are a whole number from 1 to ${MOST_MINUTES}, not ${value}`);
      }
    }
  }
  return options;
}

function refuse(why: string): never {
  console.error(`\nerror: ${why}: ${USAGE}`);
  process.exit(1);
}
