/** What a soak counts: operations by kind, with the reasons of those that were refused. */

/** A line of the end: a name without spaces, a value, a unit. */
export const figure = (name: string, value: number | bigint | string, unit: string): string =>
  `${name} ${value} ${unit}`;

export const count = <K>(counts: Map<K, number>, of: K, more = 1): void => {
  counts.set(of, (counts.get(of) ?? 0) + more);
};

const byName = <T>(counts: Map<string, T>): [string, T][] =>
  [...counts].sort(([one], [other]) => (one < other ? -1 : 1));

export class Figures {
  private readonly accepted = new Map<string, number>();
  private readonly refused = new Map<string, Map<string, number>>();
  private readonly fills = new Map<string, number>();
  /** Orders that were signed and shown to the venue. */
  signed = 0;
  /** What went wrong on the way, at our side or between us and the node. */
  private readonly troubles = new Map<string, number>();

  /** An operation that was accepted, or refused for a reason. */
  operation(kind: string, refusal?: string): void {
    if (refusal === undefined) return count(this.accepted, kind);
    const reasons = this.refused.get(kind) ?? new Map<string, number>();
    this.refused.set(kind, reasons);
    count(reasons, refusal);
  }

  /** A fill of a batch that was not taken. */
  fillRefused(reason: string): void {
    count(this.fills, reason);
  }

  trouble(where: string, error: unknown): void {
    count(this.troubles, `${where}.${reasonOf(error)}`);
  }

  get acceptedInAll(): number {
    return total(this.accepted);
  }

  get refusedInAll(): number {
    return [...this.refused.values()].reduce((sum, reasons) => sum + total(reasons), 0);
  }

  lines(): string[] {
    return [
      figure("operations.accepted", this.acceptedInAll, "operations"),
      figure("operations.refused", this.refusedInAll, "operations"),
      ...byName(this.accepted).map(([kind, times]) => figure(`accepted.${kind}`, times, "operations")),
      ...byName(this.refused).flatMap(([kind, reasons]) =>
        byName(reasons).map(([reason, times]) => figure(`refused.${kind}.${reason}`, times, "operations")),
      ),
      figure("orders.signed", this.signed, "orders"),
      ...byName(this.fills).map(([reason, times]) => figure(`fills.refused.${reason}`, times, "fills")),
      ...byName(this.troubles).map(([what, times]) => figure(`trouble.${what}`, times, "times")),
    ];
  }
}

const total = (counts: Map<string, number>): number => [...counts.values()].reduce((sum, times) => sum + times, 0);

/** An error as a short name: without spaces, figures and addresses, which would make each one a kind of its own. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/0x[0-9a-f]+|\b\d+\b|\b5[1-9A-HJ-NP-Za-km-z]{40,}\b/g, "")
    .replace(/[^A-Za-z]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 60);
}

/** The fields of a refusal that are refusals themselves. */
const WITHIN = ["reason", "refusal", "state"];

/** A refusal that has figures and refusals within, as its names alone: `Clearing.PriceOutsideBand`. */
export function namesIn(refusal: unknown): string {
  if (typeof refusal === "string") return capital(refusal);
  if (!isRecord(refusal)) return "";
  const [[name, inner] = ["", null]] = Object.entries(refusal);
  const field = isRecord(inner) ? WITHIN.find((field) => field in inner) : undefined;
  const deeper =
    field === undefined ? (typeof inner === "string" ? inner : "") : (inner as Record<string, unknown>)[field];
  return [capital(name), namesIn(deeper)].filter(Boolean).join(".");
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
