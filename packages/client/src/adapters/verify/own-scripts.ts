/** The scripts that are the wallet's own, by the descriptors that are pinned. */
import { deriveOwnScripts } from "@dgb-shield/chain/descriptors";
import { Refusal } from "./codes.js";

/** The wallet's own scripts, lower-case hexadecimal. */
export type OwnScripts = ReadonlySet<string>;

/**
 * Derives the wallet's own scripts.
 *
 * @param descriptors as `deriveOwnScripts` of chain takes them
 * @throws Refusal `descriptors_invalid` with the place
 */
export function ownScriptsOf(descriptors: unknown): OwnScripts {
  const derived = deriveOwnScripts(descriptors);
  // [REFUSE descriptors_invalid] a form that is not proven, a private key, a wrong checksum
  if (!derived.ok) throw new Refusal("descriptors_invalid", derived.path, derived.detail);
  return derived.value;
}
