/** JSON-RPC over HTTP, one request at a time: what remains when a node may die between two questions. */

export async function rpc<T>(url: string, method: string, params: unknown[] = []): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(5_000),
  });
  const answer = (await response.json()) as { result?: T; error?: { message: string; data?: unknown } };
  if (answer.error) throw new Error([answer.error.message, answer.error.data].filter(Boolean).join(": "));
  return answer.result as T;
}

/** Height of the block with `hash`, or of the best block. */
export async function height(url: string, hash?: string): Promise<number> {
  const header = await rpc<{ number: string }>(url, "chain_getHeader", hash === undefined ? [] : [hash]);
  return Number(header.number);
}

export async function finalizedHeight(url: string): Promise<number> {
  return height(url, await rpc<string>(url, "chain_getFinalizedHead"));
}

/** Hash of the block at `number` of the node's best chain; `null` if the node does not have one. */
export function blockHash(url: string, number: number): Promise<string | null> {
  return rpc<string | null>(url, "chain_getBlockHash", [number]);
}

/** Session keys and the proof that whoever made them knows their secrets, both hexadecimal. */
export interface SessionKeys {
  keys: string;
  proof: string;
}

/** Has the node make new session keys for the account `owner`. Nodes answer this on loopback only. */
export function rotateKeys(url: string, owner: Uint8Array): Promise<SessionKeys> {
  return rpc<SessionKeys>(url, "author_rotateKeysWithOwner", [hex(owner)]);
}

/** Bytes in hexadecimal, as JSON has them. */
export const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;

/** The bytes that hexadecimal text says. */
export const bytesOf = (text: string): Buffer => Buffer.from(text.replace(/^0x/, ""), "hex");
