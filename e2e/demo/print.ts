/** What the demo prints, and how it writes amounts. */

import { gcx, tusd } from "../lib/money.js";

export const line = (text: string): void => console.log(`    ${text}`);
export const step = (text: string): void => console.log(`\n==> ${text}`);

/** An amount in its smallest unit as a decimal number, exactly. */
function amount(value: bigint, unit: bigint, symbol: string): string {
  const digits = unit.toString().length - 1;
  const [sign, size] = value < 0n ? ["-", -value] : ["", value];
  const fraction = (size % unit).toString().padStart(digits, "0").replace(/0+$/, "");
  return `${sign}${(size / unit).toLocaleString("en")}${fraction && `.${fraction}`} ${symbol}`;
}

export const inGcx = (value: bigint): string => amount(value, gcx(1n), "GCX");
export const inTusd = (value: bigint): string => amount(value, tusd(1n), "tUSD");

/** A price, which is in millionths of a dollar. */
export const inDollars = (price: number): string => `${(price / 1_000_000).toFixed(4)} dollars`;

/** Rows under a heading, the first column to the left and the others to the right. */
export function table(rows: string[][]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows) {
    line(row.map((cell, column) => (column ? cell.padStart(widths[column]!) : cell.padEnd(widths[0]!))).join("   "));
  }
}
