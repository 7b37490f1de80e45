/** Counts Guardian's events in the defense on their way to the sink (design, section 6). */
import type { EventSink, ShieldEvent } from "@dgb-shield/contract";
import { ownFields, type PipelineConfig, type Settings } from "./config.js";

/**
 * Makes the configuration whose events are counted, where thresholds are configured. Counting comes before the sink,
 * whose exceptions it does not see.
 *
 * @param note counts one event; never throws
 */
export function withCountedEvents(
  config: PipelineConfig,
  { defense_inputs }: Settings,
  note: (event: ShieldEvent) => void,
): PipelineConfig {
  if (defense_inputs === undefined) return config;
  const { events } = config;
  const counted: EventSink = {
    emit(event) {
      note(event);
      return events.emit(event);
    },
  };
  return ownFields({ ...config, events: counted });
}
