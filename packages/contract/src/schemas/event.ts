/** An event for a learning core (QWG technical document, section 5.4; Wallet Guardian, section 4.7). */
import { frozen } from "../internal/frozen.js";
import { z } from "zod";
import { oneOf, strictObject } from "./own-object.js";
import { idSchema, jsonObjectSchema, scoreSchema, wordSchema } from "./primitives.js";

/** Layers that emit events. */
export const LAYERS = frozen([
  "sentinel",
  "dqsn",
  "adn",
  "wallet_guardian",
  "quantum_wallet_guard",
]);
/** One of `LAYERS`. */
export type Layer = (typeof LAYERS)[number];

/** One event. */
export const shieldEventSchema = strictObject({
  event_id: idSchema,
  layer: oneOf(LAYERS),
  action: wordSchema,
  severity: scoreSchema,
  /** What the event is about: a wallet, a node, a chain. */
  fingerprint: z.string().max(256),
  user_id: idSchema.optional(),
  extra: jsonObjectSchema,
});
/** What `shieldEventSchema` accepts. */
export type ShieldEvent = z.infer<typeof shieldEventSchema>;

/** Where events go. `emit` never throws, never waits and never changes a decision. */
export interface EventSink {
  emit(event: ShieldEvent): void;
}
