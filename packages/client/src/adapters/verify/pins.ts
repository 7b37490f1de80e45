/** Reads a signer's pins. */
import { CHAINS, type ChainParameters } from "@dgb-shield/chain";
import { isPublicPoint } from "@dgb-shield/contract/ed25519";
import { parseOwn } from "@dgb-shield/contract";
import { type Pins, pinsSchema } from "../../pins.js";
import { fromBase64url } from "../approve/base64url.js";
import { Refusal } from "./codes.js";

const BOUNDS = { maxDepth: 6, maxEntries: 10_000 };

/** Pins that were read, and the chain that they name. */
export type ReadPins = Readonly<{ pins: Pins; chain: ChainParameters }>;

/**
 * Reads pins.
 *
 * @throws Refusal `pins_invalid` with the place
 */
export function readPins(input: unknown): ReadPins {
  const read = parseOwn(pinsSchema, input, BOUNDS);
  if (!read.ok) throw invalid(read.path);
  const pins = read.value;
  const chain = CHAINS.find(({ name }) => name === pins.chain);
  if (chain === undefined) throw invalid("/chain", "this chain is not known");
  if (chain.genesis !== undefined && chain.genesis.hash !== pins.genesis) {
    throw invalid("/genesis", `the first block of ${chain.name} is ${chain.genesis.hash}`);
  }
  for (const [name, keys] of Object.entries({
    service_keys: pins.service_keys,
    approver_keys: pins.approver_keys,
  })) {
    keys.forEach(({ public_key }, at) => {
      const bytes = fromBase64url(public_key);
      if (bytes !== undefined && isPublicPoint(bytes)) return;
      throw invalid(`/${name}/${at}/public_key`, "it is no Ed25519 public key");
    });
  }
  return { pins, chain };
}

// [REFUSE pins_invalid] what cannot be trusted as it is
const invalid = (path: string, detail?: string) => new Refusal("pins_invalid", path, detail);
