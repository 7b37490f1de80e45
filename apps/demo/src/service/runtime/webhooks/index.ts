/** Starts the webhooks of a configuration (design, section 10). */
import type { ServiceConfig } from "../../config/service-config.js";
import type { WebhookConfig } from "../../config/webhooks.js";
import type { Journal, WebhookState } from "../../service.js";
import type { EventLog } from "../events.js";
import type { Storage } from "../ledger.js";
import { createCursorFile, createNamedCursors, type EventCursor } from "../publishing/cursor.js";
import { startDelivery } from "./delivery.js";
import { readSecrets } from "./secrets.js";

/** The webhooks of one process. */
export type Webhooks = Readonly<{ states(): readonly WebhookState[]; close(): Promise<void> }>;

/** What webhooks are made of. */
export type WebhooksParts = Readonly<{
  config: Pick<ServiceConfig, "deployment_id">;
  prepared: Prepared;
  journal: Journal;
  events: EventLog;
  isActive: () => boolean;
  clock: () => number;
  log: (text: string) => void;
}>;

/** Receivers with their secrets, and where the places that were reached are kept. */
export type Prepared = readonly Readonly<{
  webhook: WebhookConfig;
  secrets: readonly string[];
  cursor: EventCursor;
}>[];

/**
 * Reads the secrets, and opens the cursors. In a trial there are none: a recording is no news to anyone.
 *
 * @throws ServiceError `bad_webhook_secret`; what the database answers
 */
export async function prepareWebhooks(
  { webhooks, recording, data_dir }: Pick<ServiceConfig, "webhooks" | "recording" | "data_dir">,
  storage: Storage,
): Promise<Prepared> {
  if (webhooks.length === 0 || recording !== null) return [];
  const cursorOf =
    storage.kind === "shared"
      ? await createNamedCursors(storage.pool, storage.schema)
      : (name: string) => createCursorFile(`${data_dir}/webhook-${name}.cursor`);
  return webhooks.map((webhook) => ({
    webhook,
    secrets: readSecrets(webhook.name, webhook.secret_file),
    cursor: cursorOf(webhook.name),
  }));
}

/** Starts to deliver to every receiver, each by itself. */
export function startWebhooks(parts: WebhooksParts): Webhooks {
  const { config, prepared, journal, events, isActive, clock, log } = parts;
  const deliveries = prepared.map(({ webhook, secrets, cursor }) => {
    const { name, url, timeout_ms, events: types } = webhook;
    return startDelivery({
      ...{ name, cursor, journal, isActive, log, random: Math.random, events: types },
      ...{ target: { url, timeout_ms, clock, secrets }, deployment_id: config.deployment_id },
    });
  });
  const unsubscribe = events.subscribe({
    onEvent({ at_ms, type, data }) {
      if (type !== "status") return;
      for (const delivery of deliveries) delivery.note({ at_ms, type, data });
    },
    onRecorded() {
      for (const delivery of deliveries) delivery.wake();
    },
  });
  return Object.freeze({
    states: () => deliveries.map((delivery) => delivery.state()),
    async close() {
      unsubscribe();
      await Promise.all(deliveries.map((delivery) => delivery.close()));
    },
  } satisfies Webhooks);
}
