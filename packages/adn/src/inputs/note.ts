/** Notes inputs in a node's memory, and makes the events that they call for (design, section 6). */
import {
  type DefenseEvent,
  parseOwn,
  type ShieldEvent,
  shieldEventSchema,
} from "@dgb-shield/contract";
import type { Call } from "../causes/record-event.js";
import { summaryOf } from "../events/make-event.js";
import type { Memory } from "../memory/model.js";
import type { InputsConfig } from "./config.js";
import { type InputFinding, judgedCounts, judgedSample } from "./judge.js";
import { EMPTY_INPUTS, type InputsMemory, type InputType } from "./model.js";
import { type Telemetry, telemetrySchema, withTelemetry } from "./telemetry.js";
import { pruned, type Window } from "./window.js";
import { withWithdrawal } from "./withdrawals.js";

/** The memory with what was noted, the events to record, and where the input could not be read. */
export type Noted = Readonly<{
  memory: Memory;
  events: readonly DefenseEvent[];
  fault: string | undefined;
}>;

const EVENT_BOUNDS = Object.freeze({ maxDepth: 12, maxEntries: 4_096, maxValues: 65_536 });
const SAMPLE_BOUNDS = Object.freeze({ maxDepth: 2, maxEntries: 16 });
const MAX_BATCH = 1_024;

/** Types that each sample judges afresh; the others rest on counts. */
const OF_SAMPLES: ReadonlySet<InputType> = new Set([
  "peers_lost",
  "mempool_flood",
  "height_stalled",
]);

/** Notes events of Guardian; those of other layers, and actions that show nothing unusual, change nothing. */
export function noteWithdrawals(memory: Memory, given: unknown, call: Call): Noted {
  const events = readEvents(given);
  if (events === undefined) return { memory, events: [], fault: "Guardian events" };
  const window = windowOf(call);
  const before = pruned(inputsOf(memory), window);
  const after = events.reduce((inputs, event) => withWithdrawal(inputs, event, window), before);
  if (after === before) return { memory, events: [], fault: undefined };
  const findings = judgedCounts(after, call.config.inputs).filter(
    ({ type }) => type === "withdrawal_spike",
  );
  return made({ memory, before, after, findings, isSample: false }, call);
}

/** Notes a sample of telemetry. */
export function noteTelemetry(memory: Memory, given: unknown, call: Call): Noted {
  const read = parseOwn(telemetrySchema, given, SAMPLE_BOUNDS);
  if (!read.ok) return { memory, events: [], fault: `telemetry at ${read.path || "/"}` };
  const window = windowOf(call);
  const before = pruned(inputsOf(memory), window);
  const after = withTelemetry(before, read.value, window);
  const findings = found(after, read.value, call);
  return made({ memory, before, after, findings, isSample: true }, call);
}

/** What a sample shows. Calls are evidence only where there were any since the sample before. */
function found(after: InputsMemory, sample: Telemetry, { config, now }: Call): InputFinding[] {
  const { rpc } = sample;
  const isCalled = rpc !== null && rpc.calls + rpc.refused + rpc.unauthorized > 0;
  const counts = judgedCounts(after, config.inputs).filter(({ type }) => type === "rpc_abuse");
  const judged = { config: config.inputs, time_ms: now.time_ms };
  return [...(isCalled ? counts : []), ...judgedSample(after, sample, judged)];
}

const windowOf = ({ config, now }: Call): Window => ({
  time_ms: now.time_ms,
  window_ms: config.inputs.window_ms,
});

function readEvents(given: unknown): ShieldEvent[] | undefined {
  if (!Array.isArray(given) || given.length > MAX_BATCH) return undefined;
  const events: ShieldEvent[] = [];
  for (let index = 0; index < given.length; index++) {
    const read = parseOwn(shieldEventSchema, given[index], EVENT_BOUNDS);
    if (!read.ok) return undefined;
    events.push(read.value);
  }
  return events;
}

type Change = Readonly<{
  memory: Memory;
  before: InputsMemory;
  after: InputsMemory;
  findings: readonly InputFinding[];
  /** Whether the input judges afresh what rests on no counts. */
  isSample: boolean;
}>;

/**
 * Makes the events. The id carries since when it has lasted, so that what begins anew is another incident, and what
 * an operator released stays released while it lasts.
 */
function made({ memory, before, after, findings, isSample }: Change, { config, now }: Call): Noted {
  const wallMs = now.wall_ms ?? now.time_ms;
  const lasting = stillLasting(before, config.inputs);
  const since = new Map(lasting);
  const events = findings.map(({ type, severity, summary }): DefenseEvent => {
    const observed_at_ms = lasting.get(type) ?? wallMs;
    since.set(type, observed_at_ms);
    return {
      event_id: `${type}:${observed_at_ms}`,
      type,
      severity,
      source: type === "withdrawal_spike" ? "wallet_guardian" : "telemetry",
      observed_at_ms,
      expires_at_ms: wallMs + config.event_ttl_ms,
      local: true,
      summary: summaryOf(summary),
    };
  });
  const isFound = (type: InputType) => findings.some((finding) => finding.type === type);
  if (isSample) for (const type of OF_SAMPLES) if (!isFound(type)) since.delete(type);
  const inputs = { ...after, since: Object.fromEntries(since) };
  return { memory: { ...memory, inputs }, events, fault: undefined };
}

/** What lasts still before this input: of counts, what they still show. */
function stillLasting(inputs: InputsMemory, config: InputsConfig): Map<InputType, number> {
  const shown = new Set(judgedCounts(inputs, config).map(({ type }) => type));
  const entries = Object.entries(inputs.since) as [InputType, number][];
  return new Map(entries.filter(([type]) => OF_SAMPLES.has(type) || shown.has(type)));
}

/** What is remembered of inputs: nothing before the first. */
const inputsOf = (memory: Memory): InputsMemory =>
  (Object.hasOwn(memory, "inputs") ? memory.inputs : undefined) ?? EMPTY_INPUTS;
