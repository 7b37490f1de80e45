/** A receiver of webhooks, for tests: it verifies each delivery, and removes duplicates by their ids. */
import { randomBytes } from "node:crypto";
import { type RunningServer, startServer } from "@dgb-shield/testkit/servers";
import { Webhook } from "standardwebhooks";
import { makeSecret, readSecrets } from "../../src/service/runtime/webhooks/secrets.js";

/** A delivery. */
export type Delivered = Readonly<{
  id: string;
  type: string;
  data: Readonly<Record<string, unknown>>;
}>;

/** The receiver. */
export type WebhookReceiver = Readonly<{
  url: string;
  secretFile: string;
  /** Every delivery that was taken, repeated ones too, in the order of their arrival. */
  deliveries: readonly Delivered[];
  /** What a receiver has that takes each id once. */
  taken(): Delivered[];
  /** Deliveries that were refused. */
  refused(): number;
  close(): Promise<void>;
}>;

/**
 * Starts a receiver.
 *
 * @param secretFile where its secret is made
 * @param isUp whether it takes what comes; a delivery that it refuses is answered 503
 * @param delayMs how long it thinks about each one
 */
export async function startReceiver(
  secretFile: string,
  isUp: () => boolean = () => true,
  delayMs = 0,
): Promise<WebhookReceiver> {
  makeSecret(secretFile, randomBytes);
  const [secret = ""] = readSecrets("ops", secretFile);
  const deliveries: Delivered[] = [];
  let refused = 0;
  const server: RunningServer = await startServer((request, response) => {
    let text = "";
    request.on("data", (more: Buffer) => (text += String(more)));
    request.on("end", () => {
      const headers = request.headers as Record<string, string>;
      const { type, data } = new Webhook(secret).verify(text, headers) as Omit<Delivered, "id">;
      if (isUp()) deliveries.push({ id: String(headers["webhook-id"]), type, data });
      else refused++;
      const status = isUp() ? 204 : 503;
      setTimeout(() => response.writeHead(status).end(), delayMs);
    });
  });
  return {
    ...{ url: server.url, secretFile, deliveries },
    taken: () => [...new Map(deliveries.map((one) => [one.id, one])).values()],
    refused: () => refused,
    close: () => server.close(),
  };
}
