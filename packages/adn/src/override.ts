/** An operator's orders: release a cause, force a state for a time, or cancel that (design: layer 3). */
import { idSchema, LOCKDOWNS, offencePath, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { recordRelease, settle } from "./advance.js";
import type { DefenseNodeConfig } from "./config.js";
import { isStricter } from "./effective.js";
import { readPlain } from "./internal/plain.js";
import { boundedReason, type DefenseSnapshot, MAX_CAUSES } from "./model.js";

const signed = {
  operator: idSchema,
  /** Why it is right, for the record. */
  reason: z.string().min(1).max(256),
};

/** An operator's order. */
export const operatorOrderSchema = z.discriminatedUnion("kind", [
  /** Ends one cause at once. What is observed after it, or is worse, counts again. */
  z.strictObject({ kind: z.literal("release"), event_id: idSchema, ...signed }),
  /** Replaces every cause that is there now, and none that comes or worsens after, until `until_ms`. */
  z.strictObject({
    kind: z.literal("lockdown"),
    lockdown: z.enum(LOCKDOWNS),
    until_ms: timeMsSchema,
    ...signed,
  }),
  /** Ends a forced state before its time. */
  z.strictObject({ kind: z.literal("cancel"), ...signed }),
]);
export type OperatorOrder = z.infer<typeof operatorOrderSchema>;

/** What an order did, or why it was refused. */
export type OrderOutcome = Readonly<
  { model: DefenseSnapshot; refusal?: never } | { refusal: string; model?: never }
>;

/** Carries out an order on a memory whose time is now. A refused order changes nothing. */
export function carryOut(
  model: DefenseSnapshot,
  config: DefenseNodeConfig,
  input: unknown,
): OrderOutcome {
  const plain = readPlain(input);
  if (!plain.ok) return { refusal: `invalid_order at ${plain.path || "/"}` };
  const parsed = operatorOrderSchema.safeParse(plain.value);
  if (!parsed.success) return { refusal: `invalid_order at ${offencePath(parsed.error) || "/"}` };
  switch (parsed.data.kind) {
    case "release":
      return release(model, config, parsed.data);
    case "lockdown":
      return force(model, config, parsed.data);
    case "cancel":
      return cancel(model, config, parsed.data);
  }
}

type Order<K extends OperatorOrder["kind"]> = Extract<OperatorOrder, { kind: K }>;

function release(
  model: DefenseSnapshot,
  config: DefenseNodeConfig,
  { event_id, operator, reason }: Order<"release">,
): OrderOutcome {
  const released = model.causes.filter(({ event }) => event.event_id === event_id);
  if (released.length === 0) return { refusal: "unknown_event at /event_id" };
  const waiver = {
    event_id,
    observed_until_ms: Math.max(
      ...released.map(({ event }) => Math.min(event.observed_at_ms, model.time_ms)),
    ),
    severity: Math.max(...released.map(({ event }) => event.severity)),
  };
  const others = model.waivers.filter((known) => known.event_id !== event_id);
  const causes = model.causes.filter((cause) => !released.includes(cause));
  const waivers = [...others, waiver].slice(-MAX_CAUSES);
  const next = { ...model, sequence: model.sequence + 1, causes, waivers };
  return { model: fall(next, config, { operator, reason, event_id, verb: "Released" }) };
}

function force(
  model: DefenseSnapshot,
  config: DefenseNodeConfig,
  { lockdown, operator, reason, until_ms }: Order<"lockdown">,
): OrderOutcome {
  const isInRange = until_ms > model.time_ms && until_ms <= model.time_ms + config.max_override_ms;
  if (!isInRange) return { refusal: "until_out_of_range at /until_ms" };
  const sequence = model.sequence + 1;
  const order = { lockdown, operator, reason, sequence, until_ms };
  return { model: settle({ ...model, sequence, order }, config) };
}

function cancel(
  model: DefenseSnapshot,
  config: DefenseNodeConfig,
  { operator, reason }: Order<"cancel">,
): OrderOutcome {
  if (model.order === null) return { refusal: "no_order_in_force" };
  const next = { ...model, sequence: model.sequence + 1, order: null };
  return { model: fall(next, config, { operator, reason, verb: "Order cancelled" }) };
}

/** Settles what an operator changed, with the operator's own reason. */
function fall(
  model: DefenseSnapshot,
  config: DefenseNodeConfig,
  by: Readonly<{ operator: string; reason: string; verb: string; event_id?: string }>,
): DefenseSnapshot {
  const reason = boundedReason(`${by.verb} by ${by.operator}: ${by.reason}`);
  const settled = { ...settle(model, config), releases: model.releases };
  const { operator, event_id } = by;
  const isFall = isStricter(model.lockdown, settled.lockdown);
  if (!isFall && event_id === undefined) return settled;
  return recordRelease(isFall ? { ...settled, fall_reason: reason } : settled, {
    at_ms: model.time_ms,
    from: model.lockdown,
    to: settled.lockdown,
    reason,
    operator,
    ...(event_id !== undefined && { event_id }),
  });
}
