/** Reads which destinations and which change are the site's own, by its configuration and on its chain. */
import type { ChainParameters } from "@dgb-shield/chain";
import { createScriptOf } from "@dgb-shield/chain/decode";
import { deriveOwnScripts, descriptorFault } from "@dgb-shield/chain/descriptors";
import type { GatewayConfig, GatewayConfigInput } from "../../config.js";

/** Own scripts of all wallets together at most: deriving one takes about half a millisecond, and a start waits for all. */
const MAX_OWN_SCRIPTS = 20_000;
/** Scripts that are derived at once: what else the process does goes on in between. */
const SLICE = 20;
/** The range of a descriptor that states none. */
const DEFAULT_RANGE = [0, 999] as const;

/** What is the site's own. */
export type OwnPlaces = Readonly<{
  /** Class of an internal destination, by its script. */
  classes: ReadonlyMap<string, string>;
  /** Whether a script is a wallet's change; none is before `derive` has resolved. */
  isChangeOf(wallet: string | null, script: string): boolean;
  /** Derives the scripts of change. */
  derive(): Promise<void>;
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
    left -= one.descriptors.reduce(
      (sum, { range = DEFAULT_RANGE }) => sum + range[1] - range[0] + 1,
      0,
    );
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
  const change = new Map<string, Set<string>>();
  return {
    classes,
    isChangeOf: (wallet, script) => wallet !== null && change.get(wallet)?.has(script) === true,
    async derive() {
      for (const { wallet, descriptors } of config.own) {
        const scripts = new Set<string>();
        for (const slice of slicesOf(descriptors)) {
          const derived = deriveOwnScripts([slice], { chain });
          if (!derived.ok) throw new RangeError(`own: ${derived.detail}`);
          for (const script of derived.value) scripts.add(script);
          await new Promise(setImmediate);
        }
        change.set(wallet, scripts);
      }
    },
  };
}

type Descriptor = GatewayConfig["own"][number]["descriptors"][number];

/** The same descriptors by parts of their ranges; one without a range has one script at each index. */
function* slicesOf(descriptors: readonly Descriptor[]): Generator<Descriptor> {
  for (const { desc, range: [from, to] = DEFAULT_RANGE } of descriptors) {
    const last = desc.includes("*") ? to : from;
    for (let at = from; at <= last; at += SLICE) {
      yield { desc, range: [at, Math.min(at + SLICE - 1, last)] };
    }
  }
}
