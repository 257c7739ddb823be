/**
 * The network of `zombienet/local.toml`.
 *
 * zombienet generates keys, chain spec and command lines and starts the nodes, each once. It would end the whole network
 * when it misses a node, so we tell it not to look (`--node-verifier none`), and start a node that we have stopped
 * ourselves, by the command line that zombienet wrote down for it.
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeBinary } from "../lib/node.js";
import { freePorts, isFree, isRunning, signal, start, type Started, tail } from "../lib/process.js";
import { height } from "../lib/rpc.js";
import { Hopeless, until } from "../lib/wait.js";

const DEFINITION = fileURLToPath(new URL("../../zombienet/local.toml", import.meta.url));

/** What zombienet writes down about a network, as far as we need it. */
interface ZombieJson {
  relay: {
    nodes: {
      name: string;
      multiaddr: string;
      ws_uri: string;
      prometheus_uri: string;
      inner: { args: string[]; base_dir: string; log_path: string; process_handle: number };
    }[];
  };
}

/** How a node is started. */
interface Command {
  program: string;
  args: string[];
  cwd: string;
  log: string;
}

export class NetworkNode {
  constructor(
    readonly name: string,
    /** JSON-RPC, by HTTP and by WebSocket. */
    readonly http: string,
    readonly ws: string,
    readonly metrics: string,
    readonly command: Command,
    private pid: number,
  ) {}

  /** The id of its process, which another restart changes. */
  get processId(): number {
    return this.pid;
  }

  isRunning(): boolean {
    return isRunning(this.pid);
  }

  /** Ends the process without warning. */
  kill(): Promise<void> {
    return this.endBy("SIGKILL");
  }

  /** Has the process shut down. */
  stop(): Promise<void> {
    return this.endBy("SIGTERM");
  }

  private async endBy(name: NodeJS.Signals): Promise<void> {
    signal(this.pid, name);
    await until(`${this.name} to end`, 60, () => !this.isRunning(), 100);
  }

  /** Starts the process again, with the same database and keys. */
  async restart(): Promise<void> {
    const { program, args, cwd, log } = this.command;
    this.pid = (await start(program, args, { cwd, log })).pid;
  }

  logSays(text: string): boolean {
    return readFileSync(this.command.log, "utf8").includes(text);
  }
}

export class Network {
  /** Nodes that joined later, in order. */
  readonly added: NetworkNode[] = [];

  private constructor(
    private readonly folder: string,
    /** The validators of genesis, in the order of the definition. */
    readonly nodes: NetworkNode[],
    private readonly addresses: string[],
  ) {}

  /** Has zombienet start the network, with all its files in `folder`, and waits until every node answers. */
  static async start(folder: string): Promise<Network> {
    const program = nodeBinary();
    const ports = /^\w+_port = (\d+)|--benchmark-gateway=http:\/\/127\.0\.0\.1:(\d+)/gm;
    for (const [, ofNode, ofGateway] of readFileSync(DEFINITION, "utf8").matchAll(ports)) {
      const port = ofNode ?? ofGateway;
      if (!(await isFree(Number(port)))) throw new Error(`port ${port} is in use: is another test network running?`);
    }
    const zombie = await start(
      "zombie-cli",
      ["spawn", "--provider", "native", "--node-verifier", "none", "--dir", folder, DEFINITION],
      {
        log: join(folder, "zombienet.log"),
        env: { ...process.env, PATH: `${join(program, "..")}:${process.env["PATH"]}` },
        leadsGroup: true,
      },
    );
    const { relay } = await until("zombienet to start the nodes", 300, () => description(zombie, folder));
    const nodes = relay.nodes.map(({ name, ws_uri, prometheus_uri, inner }) => {
      const { args, base_dir, log_path, process_handle } = inner;
      const command = { program, args, cwd: base_dir, log: log_path };
      return new NetworkNode(name, ws_uri.replace("ws:", "http:"), ws_uri, prometheus_uri, command, process_handle);
    });
    for (const node of nodes) await until(`${node.name} to answer`, 60, async () => (await height(node.http)) >= 0);
    return new Network(
      folder,
      nodes,
      relay.nodes.map(({ multiaddr }) => multiaddr),
    );
  }

  /** Starts one more node, with an empty database, that knows the others' addresses. */
  async add(name: string, args: string[]): Promise<NetworkNode> {
    const [rpcPort, metricsPort, peerPort] = await freePorts(3);
    const command: Command = {
      program: nodeBinary(),
      args: [
        `--name=${name}`,
        // Validators insist on a network key that they are given. zombienet derives its nodes' keys in the same way.
        `--node-key=${createHash("sha256").update(name).digest("hex")}`,
        `--chain=${join(this.folder, "local.json")}`,
        `--base-path=${join(this.folder, name)}`,
        `--rpc-port=${rpcPort}`,
        `--prometheus-port=${metricsPort}`,
        `--listen-addr=/ip4/127.0.0.1/tcp/${peerPort}/ws`,
        "--no-telemetry",
        "--no-mdns",
        "--bootnodes",
        ...this.addresses,
        ...args,
      ],
      cwd: this.folder,
      log: join(this.folder, `${name}.log`),
    };
    const { pid } = await start(command.program, command.args, { cwd: command.cwd, log: command.log });
    const address = `127.0.0.1:${rpcPort}`;
    const metrics = `http://127.0.0.1:${metricsPort}/metrics`;
    const node = new NetworkNode(name, `http://${address}`, `ws://${address}`, metrics, command, pid);
    this.added.push(node);
    return node;
  }

  /** Stops a node that joined later; it takes no further part. */
  async remove(node: NetworkNode): Promise<void> {
    await node.stop();
    this.added.splice(this.added.indexOf(node), 1);
  }
}

/** What zombienet has written down, once it has started all nodes. */
function description(zombie: Started, folder: string): ZombieJson | undefined {
  if (zombie.ended() !== undefined) throw new Hopeless(`zombienet ended with ${zombie.ended()}:\n${tail(zombie.log)}`);
  const file = join(folder, "zombie.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as ZombieJson) : undefined;
}
