/** Section of the configuration: what the defense counts by itself (design, section 6). */
import { type InputsConfig, inputsConfigSchema } from "@dgb-shield/adn";
import type { ChainParameters } from "@dgb-shield/chain";
import { policyField, type PolicyFault } from "./policies.js";

type Given = Partial<InputsConfig>;

/** Lists what is wrong with thresholds. Never throws. */
function faultsOf(value: unknown): readonly PolicyFault[] {
  const { error } = inputsConfigSchema.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => ({
    path: path.map((part) => `/${String(part)}`).join(""),
    remedy: message,
  }));
}

/** Thresholds of the defense. */
export const defenseInputsField = policyField<Given>(faultsOf);

/**
 * Completes thresholds by what is known of the chain: its spacing, so that a height that stands still is found, and on a test chain, whose
 * nodes keep no certain number of peers, no least number of them.
 *
 * @param given null where the section is absent
 */
export function defenseInputsOf(
  given: Given | undefined,
  { spacing_seconds, outbound_peers }: ChainParameters,
): Given | null {
  if (given === undefined) return null;
  const ofChain =
    outbound_peers === undefined
      ? { min_peers: 0 }
      : { spacing_ms: Math.round(spacing_seconds * 1_000) };
  return { ...ofChain, ...given };
}
