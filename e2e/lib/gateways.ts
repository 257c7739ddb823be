/**
 * Gateways between attestors and agents, on loopback: an honest one passes on what an agent serves, the others do what a
 * hostile one might. Each resource has its own behaviour, and it can change at any time.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Document } from "./evidence.js";

/** What an attestor asks for. */
export interface Asked {
  resource: number;
  round: number;
  /** What it asks for beside: devices whose solutions are to be opened. */
  query?: string;
}

/** How a gateway answers. */
export type Behaviour = (response: ServerResponse, asked: Asked) => Promise<void> | void;

/** What an agent serves: the body of a document, as it stands. Throws where there is none. */
export type Source = (asked: Asked) => Promise<string>;

const pathOf = ({ resource, round, query = "" }: Asked): string =>
  `/v1/resources/${resource}/benchmarks/${round}${query}`;

/** What an agent serves at its address, by HTTP. */
export const agentAt =
  (url: string): Source =>
  async (asked) => {
    const response = await fetch(`${url}${pathOf(asked)}`, { signal: AbortSignal.timeout(20_000) });
    if (!response.ok) throw new Error(`the agent answered ${response.status}`);
    return response.text();
  };

const answer = (response: ServerResponse, status: number, body = ""): void => {
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
};

/** Passes on what the agent serves; 404 if it serves nothing. */
export const honest =
  (source: Source): Behaviour =>
  async (response, asked) => {
    const body = await source(asked).catch(() => undefined);
    if (body === undefined) answer(response, 404);
    else answer(response, 200, body);
  };

/** Passes on something else than the agent serves. */
export const edited = (source: Source, edit: (body: string) => string): Behaviour =>
  honest(async (asked) => edit(await source(asked)));

/** Passes on a document that was changed after the agent signed it. */
export const altered = (source: Source, change: (document: Document) => void): Behaviour =>
  edited(source, (body) => {
    const document = JSON.parse(body) as Document;
    change(document);
    return JSON.stringify(document);
  });

/** Claims a tenth more than the agent signed, for every benchmark and, where there is none, one device more. */
export const flattering = (source: Source): Behaviour =>
  altered(source, ({ content }) => {
    content.benchmarks.forEach((benchmark) => (benchmark.claimed = Math.floor(benchmark.claimed * 1.1)));
    if (content.benchmarks.length === 0) content.devices += 1;
  });

/** Passes on what the agent served for another round. */
export const ofRound = (source: Source, round: (asked: number) => number): Behaviour =>
  honest((asked) => source({ ...asked, round: round(asked.round) }));

/** Says what it likes. */
export const saying = (body: string): Behaviour => honest(() => Promise.resolve(body));

/** Answers with a status and nothing else. */
export const withStatus =
  (status: number): Behaviour =>
  (response) =>
    answer(response, status);

/** Sends its reader elsewhere: to an address that only the reader's machine can reach. */
export const redirecting =
  (to: string): Behaviour =>
  (response) => {
    response.writeHead(302, { location: to });
    response.end();
  };

/** Breaks the connection off without an answer. */
export const hangingUp: Behaviour = (response) => {
  response.destroy();
};

/** Takes the request and never answers. */
export const silent: Behaviour = () => undefined;

/** Begins an answer and sends a byte of it now and then, without end. */
export const dripping =
  (everyMilliseconds: number): Behaviour =>
  (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const dripper = setInterval(() => response.write(" "), everyMilliseconds);
    response.once("close", () => clearInterval(dripper));
  };

/** Sends without end, as fast as its reader takes it. Gives what it sent to `count`. */
export const endless =
  (count: (bytes: number) => void = () => undefined): Behaviour =>
  (response) => {
    const piece = Buffer.alloc(64 * 1024, " ");
    response.writeHead(200, { "content-type": "application/json" });
    const send = (): void => {
      while (!response.destroyed) {
        count(piece.length);
        if (!response.write(piece)) return void response.once("drain", send);
      }
    };
    send();
  };

/** A gateway that listens on a port of this machine. */
export class Gateway {
  private readonly behaviours = new Map<number, Behaviour>();
  /** All that was asked of it, in order. */
  readonly asked: Asked[] = [];
  private server: Server | undefined;

  private constructor(
    readonly port: number,
    /** How it answers about resources that nothing else is said of. */
    private readonly usual: Behaviour,
  ) {}

  /** Opens a gateway on a port: any free one where none is named. */
  static async open(usual: Behaviour, port = 0): Promise<Gateway> {
    const server = createServer();
    await listen(server, port);
    const gateway = new Gateway((server.address() as AddressInfo).port, usual);
    gateway.serve(server);
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** How it answers about a resource from now on. */
  behave(resource: number, behaviour: Behaviour): void {
    this.behaviours.set(resource, behaviour);
  }

  /** Stops listening: whoever comes is refused the connection. */
  async close(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = new Promise((done) => server.close(done));
    server.closeAllConnections();
    await closed;
  }

  /** Listens again, on the same port. */
  async reopen(): Promise<void> {
    const server = createServer();
    await listen(server, this.port);
    this.serve(server);
  }

  private serve(server: Server): void {
    server.on("request", (request, response) => void this.respond(request, response));
    this.server = server;
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = /^\/v1\/resources\/(\d+)\/benchmarks\/(\d+)(\?.*)?$/.exec(request.url ?? "");
    response.on("error", () => undefined);
    if (!found) return answer(response, 404);
    const [, resource, round, query = ""] = found;
    const asked = { resource: Number(resource), round: Number(round), query };
    this.asked.push(asked);
    try {
      await (this.behaviours.get(asked.resource) ?? this.usual)(response, asked);
    } catch {
      response.destroy();
    }
  }
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
