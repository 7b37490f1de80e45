/** Orders on layers 1 to 3 where another process may watch: carried out here, or handed to that one (decision 42). */
import { idSchema, signalV2Schema } from "@dgb-shield/contract";
import { z } from "zod";
import type { NotDone } from "../../service.js";
import type { WatcherOrders } from "../watcher-orders.js";
import type { Handed, OrdersTable } from "./orders-table.js";

const actorSchema = z.strictObject({ operator: idSchema, key_id: z.string() });

const orderSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("release"),
    incident_id: z.string(),
    reason: z.string(),
    by: actorSchema,
  }),
  z.strictObject({ kind: z.literal("accept_clock"), reason: z.string(), by: actorSchema }),
  z.strictObject({ kind: z.literal("read_clock") }),
  z.strictObject({ kind: z.literal("signals"), signals: z.array(signalV2Schema) }),
]);

const count = z.int().min(0);
const releaseAnswer = z.union([
  z.strictObject({ released: z.array(z.string()), lifted_freezes: count }),
  z.strictObject({ missing: z.literal(true) }),
]);
const clockAnswer = z.strictObject({ accepted: z.boolean(), refused_by: z.array(z.string()) });
const readingAnswer = z.strictObject({
  status: z.enum(["trusted", "behind", "ahead", "invalid"]),
  step_ms: z.int(),
});
const signalsAnswer = z.strictObject({ accepted: count, refused: count });

/** What orders go through. */
export type HandedParts = Readonly<{
  table: OrdersTable;
  /** Orders of this process where it watches; null where it follows. */
  own: () => WatcherOrders | null;
  /** Name of the process that watches, for people. */
  watcher: () => string | null;
  /** Has what changed here written at once. */
  changed: () => void;
  log: (text: string) => void;
}>;

/** Makes the orders of one process of several. */
export function createHandedOrders(parts: HandedParts): WatcherOrders {
  const { own, changed } = parts;

  async function here<T>(work: (orders: WatcherOrders) => Promise<T>): Promise<T | null> {
    const orders = own();
    if (orders === null) return null;
    const answer = await work(orders);
    changed();
    return answer;
  }
  async function there<T>(order: z.input<typeof orderSchema>, schema: z.ZodType<T>) {
    const { kind, ...body } = order;
    return outcomeOf(await handed(parts, kind, body), schema, parts.watcher());
  }
  return {
    releaseIncident: async (incident_id, reason, by) =>
      (await here((orders) => orders.releaseIncident(incident_id, reason, by))) ??
      there({ kind: "release", incident_id, reason, by }, releaseAnswer),
    acceptClock: async (reason, by) =>
      (await here((orders) => orders.acceptClock(reason, by))) ??
      there({ kind: "accept_clock", reason, by }, clockAnswer),
    readClock: async () =>
      (await here((orders) => orders.readClock())) ?? there({ kind: "read_clock" }, readingAnswer),
    receive: async (signals) =>
      (await here((orders) => orders.receive(signals))) ??
      there({ kind: "signals", signals: [...signals] }, signalsAnswer),
  };
}

async function handed({ table, log }: HandedParts, kind: string, body: object): Promise<Handed> {
  try {
    return await table.hand(kind, body);
  } catch (error) {
    log(`an order was not handed on: ${error instanceof Error ? error.message : String(error)}`);
    return { kind: "unconfirmed" };
  }
}

function outcomeOf<T>(found: Handed, schema: z.ZodType<T>, watcher: string | null): T | NotDone {
  if (found.kind === "taken_back") return { not_done: "watcher_unavailable", watcher };
  const read = found.kind === "answered" ? schema.safeParse(found.answer) : undefined;
  return read?.success === true ? read.data : { not_done: "order_unconfirmed", watcher };
}

/**
 * Carries out an order that another process handed on.
 *
 * @returns what to answer; null for an order that cannot be read
 */
export async function carryOut(
  { kind, body }: Readonly<{ kind: string; body: unknown }>,
  orders: WatcherOrders,
): Promise<unknown> {
  const given = typeof body === "object" && body !== null ? body : {};
  const { success, data: order } = orderSchema.safeParse({ ...given, kind });
  if (!success) return null;
  switch (order.kind) {
    case "release":
      return orders.releaseIncident(order.incident_id, order.reason, order.by);
    case "accept_clock":
      return orders.acceptClock(order.reason, order.by);
    case "read_clock":
      return orders.readClock();
    case "signals":
      return orders.receive(order.signals);
  }
}
