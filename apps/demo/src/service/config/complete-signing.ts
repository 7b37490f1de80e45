/** Completes the sections of signing: addresses become scripts, paths absolute. */
import { type Thresholds, thresholdsSchema } from "@dgb-shield/client";
import type { ChainParameters } from "@dgb-shield/chain";
import { createScriptOf } from "@dgb-shield/chain/decode";
import type { UnplacedIssue } from "./issues.js";
import type { ParsedConfig } from "./schema.js";
import type { TokenSettings } from "./service-config.js";

/** Completes the thresholds; an address that is none of the chain is an issue, and so is a class without steps. */
export function thresholdsOf(
  given: ParsedConfig["thresholds"],
  chain: ChainParameters,
  issues: UnplacedIssue[],
): Thresholds {
  const scriptOf = createScriptOf(chain);
  const classes = Object.fromEntries(
    Object.entries(given.classes).map(([name, addresses]) => [
      name,
      addresses.flatMap((address, at) => {
        const script = scriptOf(address);
        if (script !== null) return [script];
        issues.push({
          path: ["thresholds", "classes", name, at],
          problem: `it is no address of ${chain.name}`,
          remedy: "give an address of this chain",
        });
        return [];
      }),
    ]),
  );
  const thresholds = { classes, approvers: given.approvers };
  const read = thresholdsSchema.safeParse(thresholds);
  if (read.success) return read.data;
  for (const { path, message } of read.error.issues) {
    issues.push({
      path: ["thresholds", ...path],
      problem: message,
      remedy: "give steps for every class and for external, in order, the first from 0",
    });
  }
  return thresholds;
}

/** Completes the key of tokens. */
export function tokenOf(
  given: ParsedConfig["token"],
  paths: (at: readonly PropertyKey[], path: string) => string,
): TokenSettings | null {
  if (given === undefined) return null;
  const { key_id, key_file, command = [], public_key = "", timeout_ms, other_keys } = given;
  const signer =
    key_file === undefined
      ? ({ kind: "command", command, public_key, timeout_ms } as const)
      : ({ kind: "file", path: paths(["token", "key_file"], key_file) } as const);
  return { key_id, signer, other_keys };
}
