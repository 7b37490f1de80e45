/** Reads which destinations and which change are the site's own, by its configuration and on its chain. */
import type { ChainParameters } from "@dgb-shield/chain";
import { createScriptOf } from "@dgb-shield/chain/decode";
import { deriveOwnScripts, descriptorFault } from "@dgb-shield/chain/descriptors";
import type { GatewayConfig, GatewayConfigInput } from "../../config.js";

/** Own scripts of all wallets together at most: deriving one takes about half a millisecond, and a start waits for all. */
const MAX_OWN_SCRIPTS = 20_000;

/** What is the site's own. */
export type OwnPlaces = Readonly<{
  /** Class of an internal destination, by its script. */
  classes: ReadonlyMap<string, string>;
  /** Scripts of a wallet's change. */
  scripts: ReadonlyMap<string, ReadonlySet<string>>;
}>;

/** One thing that is wrong with a gateway's configuration on its chain: where, and what to do. */
export type PlaceFault = Readonly<{ path: readonly (string | number)[]; remedy: string }>;

/**
 * Lists which own destinations and descriptors cannot be used on a chain. No fault has an address or a key in its text.
 *
 * @param config that `gatewayConfigSchema` accepts
 */
export function placeFaults(
  { internal = [], own = [] }: Pick<GatewayConfigInput, "internal" | "own">,
  chain: ChainParameters,
): readonly PlaceFault[] {
  const scriptOf = createScriptOf(chain);
  const addresses = internal.flatMap(({ address }, at): PlaceFault[] =>
    scriptOf(address) === null
      ? [{ path: ["internal", at, "address"], remedy: "no address of the chain: correct it" }]
      : [],
  );
  let left = MAX_OWN_SCRIPTS;
  const descriptors = own.flatMap((one, at): PlaceFault[] => {
    const fault = descriptorFault(one.descriptors, { chain, maxScripts: left });
    left -= one.descriptors.reduce((sum, { range = [0, 999] }) => sum + range[1] - range[0] + 1, 0);
    if (fault === null) return [];
    const inside = fault.path.split("/").filter((part) => part !== "");
    return [{ path: ["own", at, "descriptors", ...inside], remedy: fault.detail }];
  });
  return [...addresses, ...descriptors];
}

/**
 * Reads what is the site's own.
 *
 * @throws RangeError for the first fault of {@link placeFaults}
 */
export function readOwnPlaces(config: GatewayConfig, chain: ChainParameters): OwnPlaces {
  const [fault] = placeFaults(config, chain);
  if (fault !== undefined) throw new RangeError(`${fault.path.join(".")}: ${fault.remedy}`);
  const scriptOf = createScriptOf(chain);
  const classes = new Map<string, string>();
  for (const one of config.internal) {
    const script = scriptOf(one.address);
    if (script !== null) classes.set(script, one.class);
  }
  const scripts = new Map<string, ReadonlySet<string>>();
  for (const { wallet, descriptors } of config.own) {
    const derived = deriveOwnScripts(descriptors, { chain, maxScripts: MAX_OWN_SCRIPTS });
    if (!derived.ok) throw new RangeError(`own: ${derived.detail}`);
    scripts.set(wallet, derived.value);
  }
  return { classes, scripts };
}
