/** Compiles the destination rules: addresses are compared by script where `scriptOf` is given, and by their visible ends. */
import { parseAmount } from "@dgb-shield/contract";
import { GuardianOptionsError } from "../errors.js";
import type { GuardianPolicy } from "./policy.js";

/** Turns an address into its script, as hexadecimal text; null where it cannot be read as an address of the chain. */
export type ScriptOf = (address: string) => string | null;

/** A policy's destination rules, compiled. */
export type DestinationRules = Readonly<{
  /** Whether a request must name destinations that add up to its amount. */
  isRequired: boolean;
  /** What two spellings of one destination have in common; null: not readable. */
  keyOf: (address: string) => string | null;
  /** Keys; null: anywhere. */
  allowed: ReadonlySet<string> | null;
  denied: ReadonlySet<string>;
  maxFee: bigint | null;
  /** In units of 10⁻⁸. */
  maxFeeRatio: bigint | null;
  /** How long a new destination waits, and what may go to it meanwhile; null: it does not wait. */
  waiting: Readonly<{ ms: number; free: bigint }> | null;
  lookalikes: boolean;
  /** Whether destinations are stored by account. */
  isTracked: boolean;
}>;

/** How destinations are read and kept, beside a policy. */
export type DestinationOptions = Readonly<{
  /** Turns an address into its script; without it addresses are compared as texts. */
  scriptOf?: ScriptOf | undefined;
  /** Keeps destinations although no rule of the policy needs them. */
  trackDestinations?: boolean | undefined;
}>;

/**
 * Makes a policy's destinations ready for the rules.
 *
 * @throws GuardianOptionsError where `scriptOf` cannot read an address of a list
 */
export function compileDestinations(
  policy: GuardianPolicy,
  { scriptOf, trackDestinations = false }: DestinationOptions = {},
): DestinationRules {
  const { allow_destinations, deny_destinations, new_destination_seconds } = policy;
  const keyOf = scriptOf === undefined ? addressKey : (address: string) => keyBy(scriptOf, address);
  const keysOf = (list: readonly string[], name: string) =>
    new Set(list.map((address, index) => listed(keyOf(address), `/policy/${name}/${index}`)));
  const lookalikes = policy.destination_lookalikes;
  const isCompared = new_destination_seconds !== null || lookalikes;
  const maxFee = policy.max_fee === null ? null : parseAmount(policy.max_fee);
  const maxFeeRatio = policy.max_fee_ratio === null ? null : parseAmount(policy.max_fee_ratio);
  const hasLists = allow_destinations !== null || deny_destinations.length > 0;
  return {
    isRequired: hasLists || isCompared || maxFee !== null || maxFeeRatio !== null,
    keyOf,
    allowed: allow_destinations && keysOf(allow_destinations, "allow_destinations"),
    denied: keysOf(deny_destinations, "deny_destinations"),
    maxFee,
    maxFeeRatio,
    waiting:
      new_destination_seconds === null
        ? null
        : {
            ms: new_destination_seconds * 1_000,
            free: parseAmount(policy.new_destination_free),
          },
    lookalikes,
    isTracked: isCompared || trackDestinations,
  };
}

/**
 * What two spellings of one address have in common: Bech32 may be written all in upper case
 * (BIP 173), so that an address without any lower-case letter is compared in lower case.
 *
 * @example addressKey("DGB1QXYZ") // "dgb1qxyz"
 */
const addressKey = (address: string): string =>
  address === address.toUpperCase() ? address.toLowerCase() : address;

/** Characters of an address that a person compares at each end. */
const SEEN = 4;
/** A shape of fewer characters would be most of the address. */
const MIN_SHAPED = 3 * SEEN;

/**
 * What a person compares of an address: the first four characters after prefix and witness version, and the last four.
 *
 * @returns null where the address is too short to be mistaken
 * @example shapeOf("dgb1qw508d6qejxtdg4y5r3zarvary0c5xw7k3xh7qa") // "w508…h7qa"
 */
export function shapeOf(address: string): string | null {
  const text = addressKey(address);
  const bech32 = /^[a-z]+1[02-9ac-hj-np-z]([02-9ac-hj-np-z]+)$/.exec(text);
  const seen = bech32?.[1] ?? text.slice(1);
  return seen.length < MIN_SHAPED ? null : `${seen.slice(0, SEEN)}…${seen.slice(-SEEN)}`;
}

/** Longest script that is compared, as hexadecimal text: far above any that an address stands for. */
const MAX_KEY = 1_000;

function keyBy(scriptOf: ScriptOf, address: string): string | null {
  try {
    const script: unknown = scriptOf(address);
    return typeof script === "string" && script !== "" && script.length <= MAX_KEY ? script : null;
  } catch {
    // An exception of the port counts as unreadable.
    return null;
  }
}

function listed(key: string | null, path: string): string {
  if (key !== null) return key;
  throw new GuardianOptionsError(path, "no address of this chain: correct it, or remove it");
}
