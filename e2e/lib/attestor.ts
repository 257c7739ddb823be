/** An attestor without a worker: what it signs to commit to a finding and to reveal it, and how it can contradict itself. */

import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Codec } from "@polkadot/types/types";
import { blake2AsHex, blake2AsU8a, randomAsU8a } from "@polkadot/util-crypto";
import { attestation, type Round } from "./compute.js";
import { type Content, digestOf, LLAMA_SYSTEM } from "./evidence.js";
import { type Outcome, submit } from "./polkadotjs.js";
import { bytesOf, hex } from "./rpc.js";

/** What an attestor found, by the names of the chain's metadata. */
export type Finding =
  | {
      Attested: {
        run: string;
        evidence: string;
        declared: { metric: string; value: number }[];
        milliwatts: number | null;
      };
    }
  | { Refused: string }
  | { Abstained: string };

/** What an attestor finds in the results of the published system of {@link LLAMA_SYSTEM}. */
export const llamaFinding = (content: Content): Finding => ({
  Attested: {
    run: content.run,
    evidence: hex(digestOf(content)),
    declared: [{ metric: "MlperfLlama2Offline", value: Math.floor(LLAMA_SYSTEM.claimed / LLAMA_SYSTEM.devices) }],
    milliwatts: LLAMA_SYSTEM.milliwatts,
  },
});

/** A finding that an attestor keeps to itself until it reveals it. */
export interface Kept {
  resource: number;
  round: Round;
  attestor: KeyringPair;
  finding: Finding;
  salt: Uint8Array;
}

export const keep = (resource: number, round: Round, attestor: KeyringPair, finding: Finding): Kept => ({
  resource,
  round,
  attestor,
  finding,
  salt: randomAsU8a(32),
});

const number = (value: number, bytes: 2 | 4): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
};

/** What it commits to: domain, chain, resource, round, version, finding, attestor and salt in SCALE, hashed with BLAKE2b-256. */
export function commitmentTo(api: ApiPromise, { resource, round, attestor, finding, salt }: Kept): string {
  const layout = api.tx["attestation"]!["reveal"]!.meta.args[2]!.type.toString();
  return blake2AsHex(
    Buffer.concat([
      Buffer.from("gcx/attestation/1"),
      api.genesisHash.toU8a(),
      number(resource, 4),
      number(round.id, 4),
      number(round.version, 2),
      api.registry.createType(layout, finding).toU8a(),
      attestor.publicKey,
      salt,
    ]),
  );
}

export const commitFinding = (api: ApiPromise, kept: Kept): Promise<Outcome> =>
  submit(attestation(api)["commit"]!(kept.resource, kept.round.id, commitmentTo(api, kept)), kept.attestor);

export const revealFinding = (api: ApiPromise, { resource, round, attestor, finding, salt }: Kept): Promise<Outcome> =>
  submit(attestation(api)["reveal"]!(resource, round.id, finding, hex(salt)), attestor);

/** What tells a round from one of the same number on another fork: statements of attestors are bound to it. */
async function digestOfRound(api: ApiPromise, resource: number): Promise<Uint8Array> {
  const entry = (await api.query["attestation"]!["rounds"]!(resource)) as unknown as { unwrap(): Map<string, Codec> };
  const round = entry.unwrap();
  const encoded = ["id", "nonce", "answer", "draw"].map((field) => round.get(field)!.toU8a());
  return blake2AsU8a(Buffer.concat([Buffer.from("gcx/round/1"), ...encoded]));
}

/** A commitment as a worker sends it: its key signs the content of a general transaction. */
export async function signedCommitment(api: ApiPromise, resource: number, attestor: KeyringPair, committed: string) {
  const round = (await api.query["attestation"]!["rounds"]!(resource)) as unknown as { unwrap(): Map<string, Codec> };
  const id = Number(round.unwrap().get("id")!.toString());
  const drawn = await digestOfRound(api, resource);
  const domain = Buffer.from("gcx/attestation/commit/1");
  const signed = Buffer.concat([
    // A text of unknown length has its length in front.
    Buffer.from([4 * domain.length]),
    domain,
    api.genesisHash.toU8a(),
    number(resource, 4),
    number(id, 4),
    drawn,
    attestor.publicKey,
    bytesOf(committed),
  ]);
  const payload = {
    genesis: api.genesisHash.toHex(),
    resource,
    round: id,
    drawn: hex(drawn),
    attestor: hex(attestor.publicKey),
    statement: committed,
  };
  return [payload, hex(attestor.sign(signed))] as const;
}
