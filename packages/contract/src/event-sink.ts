/** How a layer tells a learning core what happened, without knowing who listens. */
import type { ShieldEvent } from "./schemas/event.js";

/** Where events go. `emit` never throws, never waits and never changes a decision. */
export interface EventSink {
  emit(event: ShieldEvent): void;
}
