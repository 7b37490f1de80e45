/** Checks the options of a guardian at creation, so that no first withdrawal fails for a missing one. */
import type { EventSink } from "@dgb-shield/contract";
import { createGuardedClock } from "./clock/guarded-clock.js";
import { type Context, entryOf, logEntry } from "./context.js";
import type { ScriptOf } from "./policy/destination-rules.js";
import { GuardianOptionsError } from "./errors.js";
import { isAccessor, ownValue } from "./internal/own.js";
import { compilePolicy } from "./policy/compile.js";
import { parsePolicy } from "./policy/policy.js";
import { createPolicyGate } from "./policy/gate.js";
import type { Ledger } from "./ports.js";

const KNOWN: ReadonlySet<PropertyKey> = new Set([
  "policy",
  "ledger",
  "events",
  "log",
  "clock",
  "monotonic",
  "scriptOf",
  "trackDestinations",
  "judgeBehaviour",
]);
const LEDGER_METHODS = [
  "transact",
  "withdrawal",
  "records",
  "frozen",
  "unsettled",
  "identity",
  "prune",
  "acceptClock",
  "close",
] as const;

/**
 * Reads the options of `createGuardian`: own properties alone.
 *
 * @throws GuardianPolicyError, GuardianOptionsError
 */
export function createContext(options: unknown): Context {
  const given = readOptions(options);
  const scriptOf = optionalFunction(given, "scriptOf") as ScriptOf | undefined;
  const trackDestinations = optionalFlag(given, "trackDestinations");
  const judgeBehaviour = optionalFlag(given, "judgeBehaviour");
  const beside = { scriptOf, trackDestinations, judgeBehaviour };
  const compiled = compilePolicy(parsePolicy(given("policy")), beside);
  const log = optionalFunction(given, "log") as Context["log"];
  const ledger = readLedger(given("ledger"), log);
  const clock = given("clock");
  if (typeof clock !== "function") {
    throw new GuardianOptionsError("/clock", `${kindOf(clock)}: give a function such as Date.now`);
  }
  const monotonic = optionalFunction(given, "monotonic") as (() => number) | undefined;
  const clocks = { clock: clock as () => number, monotonic };
  const skewMs = compiled.policy.max_clock_jump_ms;
  return {
    compiled,
    ledger,
    clock: createGuardedClock(clocks, { skewMs, owner: ledger.clock ?? "caller" }),
    gate: createPolicyGate(compiled.version),
    events: readSink(given("events")),
    log,
  };
}

type Given = (key: string) => unknown;

function readOptions(options: unknown): Given {
  if (typeof options !== "object" || options === null) {
    throw new GuardianOptionsError("", `${kindOf(options)}: give { policy, ledger, clock, … }`);
  }
  for (const key of Reflect.ownKeys(options)) {
    const path = `/${String(key)}`;
    if (!KNOWN.has(key)) throw new GuardianOptionsError(path, "no such option: remove it");
    if (isAccessor(options, key)) {
      throw new GuardianOptionsError(path, "an accessor: give a plain value");
    }
  }
  return (key) => ownValue(options, key);
}

function optionalFunction(given: Given, key: string): unknown {
  const value = given(key);
  if (value === undefined || typeof value === "function") return value;
  throw new GuardianOptionsError(`/${key}`, `${kindOf(value)}: give a function, or nothing`);
}

function optionalFlag(given: Given, key: string): boolean | undefined {
  const value = given(key);
  if (value === undefined || typeof value === "boolean") return value;
  throw new GuardianOptionsError(`/${key}`, `${kindOf(value)}: give true or false, or nothing`);
}

function readLedger(value: unknown, log: Context["log"]): Ledger {
  const create = "give a ledger, such as createSqliteLedger({ path, create: true })";
  if (typeof value !== "object" || value === null) {
    throw new GuardianOptionsError("/ledger", `${kindOf(value)}: ${create}`);
  }
  const ledger = value as Ledger;
  const missing = LEDGER_METHODS.find((method) => typeof ledger[method] !== "function");
  if (missing !== undefined) {
    throw new GuardianOptionsError("/ledger", `it has no method ${missing}: ${create}`);
  }
  try {
    if (typeof ledger.check === "function") ledger.check();
  } catch (error) {
    const entry = entryOf(error);
    logEntry(log, entry);
    throw new GuardianOptionsError("/ledger", entry.detail, error);
  }
  return ledger;
}

function readSink(value: unknown): EventSink | undefined {
  if (value === undefined) return undefined;
  const hasEmit =
    typeof value === "object" && value !== null && typeof (value as EventSink).emit === "function";
  if (hasEmit) return value as EventSink;
  throw new GuardianOptionsError("/events", "no method emit: give an event sink, or nothing");
}

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
