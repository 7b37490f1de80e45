/** Carries out an operator's orders: release a cause, force a state for a time, or cancel that (design, section 6). */
import { idSchema, LOCKDOWNS, parseOwn, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { ORDER_REJECTION_CODES } from "../codes.js";
import { momentOf, recordRelease, settle } from "../clock/advance.js";
import { incidentOf } from "../causes/cause.js";
import { forcesUntil, isStricter } from "../causes/effective.js";
import { sealed } from "../internal/frozen.js";
import { describeExpectation } from "../internal/expectation.js";
import { FLAT } from "../internal/own-data.js";
import {
  boundedReason,
  type Cause,
  MAX_CAUSES,
  type Memory,
  type StandingOrder,
  type Waiver,
} from "../memory/model.js";
import type { Now } from "../clock/now.js";
import type { Call } from "../causes/record-event.js";

const signed = {
  operator: idSchema,
  /** Why it is right, for the record. */
  reason: z.string().min(1).max(256),
};

/** Schema of an operator's order. */
export const operatorOrderSchema = z.discriminatedUnion("kind", [
  /** Ends one cause at once. What is observed after it, or is worse, counts again. */
  sealed(z.strictObject({ kind: z.literal("release"), event_id: idSchema, ...signed })),
  /** Replaces every cause that is there now, and none that comes or worsens after, until `until_ms`. */
  sealed(
    z.strictObject({
      kind: z.literal("lockdown"),
      lockdown: z.enum(LOCKDOWNS),
      /** By the wall clock. */
      until_ms: timeMsSchema,
      ...signed,
    }),
  ),
  /** Ends a forced state before its time. */
  sealed(z.strictObject({ kind: z.literal("cancel"), ...signed })),
]);
/** An operator's order. */
export type OperatorOrder = z.infer<typeof operatorOrderSchema>;

/** Schema of the order to accept a clock: by which operator, and why. */
export const operatorSchema = z.strictObject(signed);

/** Why an order is rejected. */
export type OrderRejection = Readonly<{
  ok: false;
  code: (typeof ORDER_REJECTION_CODES)[number];
  /** JSON Pointer into the order (`/` is all of it); empty where no field is wrong. */
  path: string;
  /** What was expected there and what was given; empty where the code is enough. */
  detail: string;
}>;

/** The memory after an order, or why it was rejected. */
export type OrderOutcome = Readonly<{ ok: true; value: Memory }> | OrderRejection;

/** Writes a rejection as one line: code, path, what was expected and what was given. */
export function describeRejection({ code, path, detail }: OrderRejection): string {
  const place = path === "" ? code : `${code} at ${path}`;
  return detail === "" ? place : `${place}: ${detail}`;
}

/** Reads an order by its schema. */
export function readOrder<S extends z.ZodType>(
  schema: S,
  input: unknown,
): Readonly<{ ok: true; value: z.output<S> }> | OrderRejection {
  const read = parseOwn(schema, input, FLAT);
  if (read.ok) return read;
  // [REJECT invalid_order] a field is unknown, missing or out of range
  const detail = describeExpectation(read.path, input);
  return { ok: false, code: "invalid_order", path: read.path || "/", detail };
}

/** Carries out an order on a memory whose time is now. A rejected order changes nothing. */
export function carryOut(memory: Memory, input: unknown, call: Call): OrderOutcome {
  const read = readOrder(operatorOrderSchema, input);
  if (!read.ok) return read;
  switch (read.value.kind) {
    case "release":
      return release(memory, read.value, call);
    case "lockdown":
      return force(memory, read.value, call);
    case "cancel":
      return cancel(memory, read.value, call);
  }
}

type Order<K extends OperatorOrder["kind"]> = Extract<OperatorOrder, { kind: K }>;

function release(
  memory: Memory,
  { event_id, operator, reason }: Order<"release">,
  call: Call,
): OrderOutcome {
  const isNamed = ({ event }: Cause) => event.event_id === event_id;
  const released = memory.causes.filter(isNamed);
  // [REJECT unknown_event] no cause has this id
  if (released.length === 0) {
    const detail = "no cause has this id";
    return { ok: false, code: "unknown_event", path: "/event_id", detail };
  }
  const next = {
    ...memory,
    sequence: memory.sequence + 1,
    causes: memory.causes.filter((cause) => !isNamed(cause)),
    ended: memory.ended.filter((cause) => !isNamed(cause)),
    waivers: waiversWith(memory.waivers, released),
  };
  return { ok: true, value: fall(next, { operator, reason, event_id, verb: "Released" }, call) };
}

/** Waives exactly the observations that the operator released. */
function waiversWith(waivers: readonly Waiver[], released: readonly Cause[]): Waiver[] {
  const given = released.map(({ event, lifetime_ms }) => ({
    event_id: event.event_id,
    incident: incidentOf(event),
    observed_at_ms: event.observed_at_ms,
    severity: event.severity,
    latched: lifetime_ms === null,
  }));
  const all = new Map(
    [...waivers, ...given].map((waiver) => [
      JSON.stringify([waiver.incident, waiver.observed_at_ms]),
      waiver,
    ]),
  );
  return [...all.values()].slice(-MAX_CAUSES);
}

function force(
  memory: Memory,
  { lockdown, operator, reason, until_ms }: Order<"lockdown">,
  { config, now }: Call,
): OrderOutcome {
  const lifetime_ms = clocksOf(now)
    .map((clockMs) => until_ms - clockMs)
    .find((left) => left > 0 && left <= config.max_override_ms);
  // [REJECT until_out_of_range] the end is past, or further away than an order may last
  if (lifetime_ms === undefined) {
    const most = `later than now and at most ${config.max_override_ms} ms from now`;
    const detail = `${most} expected, ${until_ms} given`;
    return { ok: false, code: "until_out_of_range", path: "/until_ms", detail };
  }
  const sequence = memory.sequence + 1;
  const given_at_ms = now.time_ms;
  const dated: StandingOrder["dated"] = now.status === "behind" ? "pending" : "receipt";
  const ends = { until_ms, given_at_ms, dated, lifetime_ms, cancelled: false };
  const order = { lockdown, operator, reason, sequence, ...ends };
  return { ok: true, value: settle({ ...memory, sequence, order }, config, momentOf(now)) };
}

/** The clocks that an order's end is judged by: the wall clock, and the node's time where that is not trusted. */
const clocksOf = ({ status, wall_ms, time_ms }: Now): number[] => [
  ...(wall_ms === undefined ? [] : [wall_ms]),
  ...(status === "trusted" ? [] : [time_ms]),
];

function cancel(memory: Memory, { operator, reason }: Order<"cancel">, call: Call): OrderOutcome {
  const { order } = memory;
  // [REJECT no_order_in_force] no state is forced now
  if (order === null || order.cancelled || memory.settled_ms >= forcesUntil(order)) {
    return { ok: false, code: "no_order_in_force", path: "", detail: "" };
  }
  const sequence = memory.sequence + 1;
  const next = { ...memory, sequence, order: { ...order, cancelled: true } };
  return { ok: true, value: fall(next, { operator, reason, verb: "Order cancelled" }, call) };
}

/** Settles what an operator changed, with the operator's own reason. */
function fall(
  memory: Memory,
  by: Readonly<{ operator: string; reason: string; verb: string; event_id?: string }>,
  { config, now }: Call,
): Memory {
  const { operator, verb } = by;
  const event_id = Object.hasOwn(by, "event_id") ? by.event_id : undefined;
  const reason = boundedReason(`${verb} by ${operator}: ${by.reason}`);
  const moment = momentOf(now);
  const settled = { ...settle(memory, config, moment), releases: memory.releases };
  const isFall = isStricter(memory.lockdown, settled.lockdown);
  if (!isFall && event_id === undefined) return settled;
  return recordRelease(isFall ? { ...settled, fall_reason: reason } : settled, {
    at_ms: moment.at_ms,
    from: memory.lockdown,
    to: isFall ? settled.lockdown : memory.lockdown,
    reason,
    operator,
    ...(event_id !== undefined && { event_id }),
  });
}
