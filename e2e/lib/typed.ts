/** The typed client: its types are generated from the metadata of the node under test. */

import { WebSocket } from "@polkadot/x-ws";
import { createClient, type PolkadotClient, type TypedApi } from "polkadot-api";
import { getWsProvider } from "polkadot-api/ws";
import { gcx } from "../.papi/descriptors/dist/index.js";

export type Gcx = typeof gcx;

export interface Typed {
  client: PolkadotClient;
  api: TypedApi<Gcx>;
}

export function connect(ws: string): Typed {
  const client = createClient(getWsProvider(ws, { websocketClass: WebSocket as typeof globalThis.WebSocket }));
  return { client, api: client.getTypedApi(gcx) };
}
