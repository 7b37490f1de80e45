/** How destinations are compared: by their scripts on the configured chain, or for trials as texts. */
import { createScriptOf } from "@dgb-shield/chain/decode";
import type { GuardianPolicy, ScriptOf } from "@dgb-shield/wallet-guardian";
import type { UnplacedIssue } from "./issues.js";
import type { ServiceConfig } from "./service-config.js";

/** Prefix of a destination that has no address: its script follows, in lower-case hexadecimal. */
export const SCRIPT_PREFIX = "script:";
const SCRIPT = /^(?:[0-9a-f]{2})+$/;

/** Scripts that are remembered at most: decoding an address takes longer than every rule about it. */
const MAX_REMEMBERED = 4_096;

/** The fields that say how destinations are compared. */
export type Addresses = Pick<ServiceConfig, "addresses" | "chain">;

/**
 * Makes the Guardian's port for the destinations of a configuration.
 *
 * @returns undefined where they are compared as texts
 */
export function scriptOfDestinations({ addresses, chain }: Addresses): ScriptOf | undefined {
  if (addresses === "text") return undefined;
  const decode = createScriptOf(chain);
  const remembered = new Map<string, string>();
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const script = text.startsWith(SCRIPT_PREFIX) ? scriptIn(text) : decode(text);
    if (script === null) return null;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(text, script);
    return script;
  };
}

function scriptIn(text: string): string | null {
  const script = text.slice(SCRIPT_PREFIX.length);
  return SCRIPT.test(script) ? script : null;
}

/** The port as an option of a guardian; none where destinations are compared as texts. */
export function scriptOption(config: Addresses): Readonly<{ scriptOf?: ScriptOf }> {
  const scriptOf = scriptOfDestinations(config);
  return scriptOf === undefined ? {} : { scriptOf };
}

const LISTS = ["allow_destinations", "deny_destinations"] as const;

/** Finds addresses of a policy's lists that are none of the chain: no payment could be compared with them. */
export function unreadableIn(
  policy: Pick<GuardianPolicy, (typeof LISTS)[number]>,
  config: Addresses,
  path: readonly PropertyKey[],
): UnplacedIssue[] {
  const scriptOf = scriptOfDestinations(config);
  if (scriptOf === undefined) return [];
  return LISTS.flatMap((name) =>
    (policy[name] ?? []).flatMap((address, at) =>
      scriptOf(address) === null
        ? [
            {
              path: [...path, name, at],
              problem: `it is no address of ${config.chain.name}`,
              remedy: "give an address of this chain, or addresses: text for a trial",
            },
          ]
        : [],
    ),
  );
}
