/** The well-known accounts of test chains, able to sign for both clients. */

import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import { cryptoWaitReady, randomAsHex } from "@polkadot/util-crypto";
import type { PolkadotSigner } from "polkadot-api";
import { getPolkadotSigner } from "polkadot-api/signer";

/** The address format of GCX, the generic one of Substrate. */
export const SS58_FORMAT = 42;

await cryptoWaitReady();
const keyring = new Keyring({ type: "sr25519", ss58Format: SS58_FORMAT });

/** The account of a derivation path, such as `//Alice//stash`. */
export const account = (path: string): KeyringPair => keyring.addFromUri(path);

/** An account that nobody has used before, with a key of the scheme that most wallets use or of another. */
export const freshAccount = (scheme: "sr25519" | "ed25519" = "sr25519"): KeyringPair =>
  keyring.addFromUri(randomAsHex(32), {}, scheme);

/** `pair` as a signer for the typed client. */
export const typedSigner = (pair: KeyringPair): PolkadotSigner =>
  getPolkadotSigner(pair.publicKey, "Sr25519", (message) => pair.sign(message));
