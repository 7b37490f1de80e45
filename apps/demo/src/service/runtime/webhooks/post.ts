/** Posts one signed event to one receiver (Standard Webhooks). */
import { Webhook } from "standardwebhooks";

/** What is posted. */
export type WebhookMessage = Readonly<{
  /** The same at every attempt: by it a receiver recognises what comes again. */
  id: string;
  type: string;
  at_ms: number;
  data: object;
}>;

/** Where to, and how. */
export type WebhookTarget = Readonly<{
  url: string;
  secrets: readonly string[];
  timeout_ms: number;
  clock: () => number;
  stop: AbortSignal;
}>;

/** A receiver that did not take a message. */
export class NotTaken extends Error {
  override readonly name = "NotTaken";
  /** Milliseconds that the receiver asks to wait; null where it asks for none. */
  readonly retryAfterMs: number | null;

  constructor(text: string, retryAfterMs: number | null, cause?: unknown) {
    super(text, { cause });
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Posts a message; a status from 200 to 299 takes it. No redirect is followed, and nothing of the answer is read.
 *
 * @throws NotTaken with a text for the log: never an address's query, a secret or the message
 */
export async function postWebhook(
  { id, type, at_ms, data }: WebhookMessage,
  { url, secrets, timeout_ms, clock, stop }: WebhookTarget,
): Promise<void> {
  const body = JSON.stringify({ type, timestamp: new Date(at_ms).toISOString(), data });
  const now = new Date(clock());
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, now, body));
  const timeout = AbortSignal.timeout(timeout_ms);
  let response: Response;
  try {
    response = await fetch(url, {
      ...{ method: "POST", redirect: "manual", body },
      headers: {
        "content-type": "application/json",
        "user-agent": "dgb-shield",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
        "webhook-signature": signatures.join(" "),
      },
      signal: AbortSignal.any([stop, timeout]),
    });
    await response.body?.cancel();
  } catch (error) {
    const text = timeout.aborted ? `no answer in ${timeout_ms} ms` : faultOf(error);
    throw new NotTaken(text, null, error);
  }
  if (!response.ok) throw new NotTaken(`status ${response.status}`, retryAfterOf(response));
}

function retryAfterOf({ headers }: Response): number | null {
  const text = headers.get("retry-after") ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : null;
}

/** Names a failure by its code: a text of the platform could repeat the address. */
function faultOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const code: unknown =
    cause instanceof Error ? Object.getOwnPropertyDescriptor(cause, "code")?.value : undefined;
  return typeof code === "string" ? code : "no connection";
}
