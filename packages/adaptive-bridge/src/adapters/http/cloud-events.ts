/** Writes Shield events as CloudEvents 1.0 in JSON batch mode. */
import type { ShieldEvent } from "@dgb-shield/contract";
import { CloudEvent } from "cloudevents";

/** Media type of a batch (CloudEvents JSON format 1.0, section 4). */
export const BATCH_TYPE = "application/cloudevents-batch+json";

/** Type attribute of every event; the layer and its action are in the data. */
const EVENT_TYPE = "org.dgb-shield.event.v1";

/**
 * The JSON text of one CloudEvent: the same event gives the same bytes, so there is no `time`.
 *
 * @param source the source attribute, a URI reference
 * @throws ValidationError of cloudevents where an attribute breaks the specification
 */
export function cloudEventText(event: ShieldEvent, source: string): string {
  const { id, type, specversion, datacontenttype, data } = new CloudEvent({
    id: event.event_id,
    source: `${source}/${event.layer}`,
    type: EVENT_TYPE,
    datacontenttype: "application/json",
    data: event,
  });
  const attributes = { specversion, id, source: `${source}/${event.layer}`, type, datacontenttype };
  return JSON.stringify({ ...attributes, data });
}
