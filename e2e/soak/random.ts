/** Chance that follows from a seed. What a soak decides can be repeated; when it happens, on a busy machine, cannot. */

export class Random {
  private state: number;

  constructor(readonly seed: string) {
    // FNV-1a: seeds that are alike begin far from each other.
    this.state = 2_166_136_261;
    for (const byte of Buffer.from(seed)) this.state = Math.imul(this.state ^ byte, 16_777_619);
  }

  /** Another one that follows from the same seed: what one party draws changes nothing for the others. */
  fork(name: string): Random {
    return new Random(`${this.seed}/${name}`);
  }

  /** From 0 up to, and without, 1: mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** A whole number from `low` to `high`, both of them included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Normally distributed, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  pick<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.next() * choices.length)];
  }

  /** One of the choices, as often as its weight says. */
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let left = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, choice] of choices) if ((left -= weight) < 0) return choice;
    return choices.at(-1)![1];
  }

  /** A share of an amount, between two bounds. */
  share(amount: bigint, low: number, high: number): bigint {
    return (amount * BigInt(Math.floor(this.between(low, high) * 1_000_000))) / 1_000_000n;
  }
}
