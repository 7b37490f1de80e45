/** Reads the configuration of a method policy (design, section 6). */
import {
  LOCKDOWNS,
  type Lockdown,
  parseOwn,
  type RpcMethod,
  rpcMethodSchema,
  wordSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import { AdnError } from "../errors.js";
import { sealed } from "../internal/frozen.js";
import { isSoundRates, RATE_CLASSES, RPC_RATES, RPC_ROLES, type RpcRates } from "./roles.js";

const MAX_METHODS = 4_096;
const BOUNDS = Object.freeze({ maxDepth: 8, maxEntries: MAX_METHODS });

const rateSchema = z.int().min(0).max(1_000_000);
const ratesSchema = z.partialRecord(
  z.enum(LOCKDOWNS),
  z.partialRecord(z.enum(RATE_CLASSES), rateSchema),
);

/** Configuration of a method policy; unknown fields are refused. */
export const methodPolicyConfigSchema = sealed(
  z.strictObject({
    /** The known methods: `RPC_METHODS` of `@dgb-shield/chain`. */
    methods: z.array(rpcMethodSchema).min(1).max(MAX_METHODS),
    /** Methods that the table does not know. A known one cannot be classed anew. */
    add_methods: z.array(rpcMethodSchema).max(MAX_METHODS).default([]),
    /** Methods of kind `key-export` that a role may call, while there is no lockdown: by default none. */
    key_export: z.partialRecord(z.enum(RPC_ROLES), z.array(wordSchema).max(64)).default({}),
    /** Calls a minute of one client, where they differ from `RPC_RATES`. */
    rates: ratesSchema.default({}),
  }),
);
/** Configuration of a method policy as it is written. */
export type MethodPolicyConfig = Readonly<z.input<typeof methodPolicyConfigSchema>>;

/** What a policy decides by. */
export type PolicyTables = Readonly<{
  methods: ReadonlyMap<string, RpcMethod>;
  key_export: ReadonlyMap<string, ReadonlySet<string>>;
  rates: RpcRates;
}>;

/** Texts of what each field takes. */
const EXPECTED: ReadonlyMap<string, string> = new Map([
  ["methods", "methods by rpcMethodSchema, each name once"],
  ["add_methods", "methods by rpcMethodSchema with names that are not in the table, each once"],
  ["key_export", `roles (${RPC_ROLES.join(", ")}) with names of known methods of kind key-export`],
  [
    "rates",
    "calls a minute by state and budget, none higher in a worse state; sign, spend and key-export 0 and incident above 0 under FULL",
  ],
]);

/**
 * Reads a configuration.
 *
 * @throws AdnError `invalid_config` with the path of the first offending field
 */
export function readPolicyConfig(config: unknown): PolicyTables {
  const read = parseOwn(methodPolicyConfigSchema, config, BOUNDS);
  if (!read.ok) throw invalid(read.path);
  const { methods, add_methods, key_export, rates } = read.value;
  const known = new Map<string, RpcMethod>();
  for (const [path, list] of [
    ["/methods", methods],
    ["/add_methods", add_methods],
  ] as const) {
    for (const [index, method] of list.entries()) {
      if (known.has(method.name)) throw invalid(`${path}/${index}/name`);
      known.set(method.name, method);
    }
  }
  const exported = new Map<string, ReadonlySet<string>>();
  for (const [role, names = []] of Object.entries(key_export)) {
    const index = names.findIndex((name) => known.get(name)?.kind !== "key-export");
    if (index >= 0) throw invalid(`/key_export/${role}/${index}`);
    exported.set(role, new Set(names));
  }
  const merged = mergedRates(rates);
  if (!isSoundRates(merged)) throw invalid("/rates");
  return { methods: known, key_export: exported, rates: merged };
}

function mergedRates(given: z.output<typeof ratesSchema>): RpcRates {
  const ofState = (lockdown: Lockdown) => ({ ...RPC_RATES[lockdown], ...given[lockdown] });
  return { NONE: ofState("NONE"), PARTIAL: ofState("PARTIAL"), FULL: ofState("FULL") };
}

function invalid(path: string): AdnError {
  const expected = EXPECTED.get(path.split("/")[1] ?? "");
  const fields = [...EXPECTED.keys()].join(", ");
  return new AdnError("invalid_config", path, `${expected ?? `an object of ${fields}`} expected`);
}
