/** Checks a webhook: its secret, the way to its receiver, and where that is wanted, that it takes an event. */
import { randomUUID } from "node:crypto";
import { connect as connectTcp } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { WebhookConfig } from "../../service/config/webhooks.js";
import { NotTaken, postWebhook } from "../../service/runtime/webhooks/post.js";
import { readSecrets } from "../../service/runtime/webhooks/secrets.js";
import { type Check, fail, ok, type Task, warn } from "./check.js";

/** Milliseconds before its end at which a certificate is named. */
const SOON_MS = 14 * 86_400_000;

/**
 * Makes the check of a webhook. Its lines name host and port of the receiver alone: the rest of an address can be a secret.
 *
 * @param sends whether the receiver gets a signed event of the type test
 */
export const webhookTask = (
  webhook: WebhookConfig,
  deploymentId: string,
  sends: boolean,
): Task => ({
  name: `webhook ${webhook.name}`,
  run: () => checkWebhook(webhook, deploymentId, sends),
});

async function checkWebhook(
  webhook: WebhookConfig,
  deploymentId: string,
  sends: boolean,
): Promise<Check> {
  const name = `webhook ${webhook.name}`;
  let secrets: readonly string[];
  try {
    secrets = readSecrets(webhook.name, webhook.secret_file);
  } catch (error) {
    const detail = error instanceof Error ? error.message : "its secret cannot be read";
    return fail(name, detail, "until then shield serve does not start");
  }
  const way = await wayTo(name, webhook);
  if (!sends || way.status === "fail") return way;
  const data = { deployment_id: deploymentId, text: "a test: nothing was decided" };
  const message = { id: `test-${randomUUID()}`, type: "test", at_ms: Date.now(), data };
  const { url, timeout_ms } = webhook;
  try {
    const stop = new AbortController().signal;
    await postWebhook(message, { url, secrets, timeout_ms, clock: Date.now, stop });
  } catch (error) {
    if (!(error instanceof NotTaken)) throw error;
    const remedy = "see the receiver's log, and that it verifies with the same secret";
    return fail(name, `${way.detail}; it did not take a test event: ${error.message}`, remedy);
  }
  return { ...way, detail: `${way.detail}; it took a test event` };
}

/** Connects as a delivery would: name, port, and the certificate where there is one. */
async function wayTo(name: string, { url, timeout_ms }: WebhookConfig): Promise<Check> {
  const { protocol, hostname, port: given } = new URL(url);
  const isTls = protocol === "https:";
  const host = hostname.replace(/^\[|\]$/g, "");
  const port = Number(given) || (isTls ? 443 : 80);
  const place = `${hostname}:${port}`;
  const found = await connected({ host, port, isTls, timeout_ms });
  if (typeof found === "string") {
    const remedy =
      "correct its url, or let the receiver run and be reached; its events wait in the ledger";
    return fail(name, `${place} cannot be reached (${found})`, remedy);
  }
  if (found.endsMs < Date.now() + SOON_MS) {
    return warn(
      name,
      `${place} answers; its certificate ends soon`,
      "renew the receiver's certificate",
    );
  }
  return ok(name, `${place} answers${isTls ? ", its certificate is trusted" : ""}`);
}

type Target = Readonly<{ host: string; port: number; isTls: boolean; timeout_ms: number }>;

/** Connects and ends at once; the code of what went wrong, or when the certificate ends. */
function connected({
  host,
  port,
  isTls,
  timeout_ms,
}: Target): Promise<string | { endsMs: number }> {
  return new Promise((resolve) => {
    const socket = isTls
      ? connectTls({ host, port, ...(isName(host) && { servername: host }) })
      : connectTcp({ host, port });
    const end = (found: string | { endsMs: number }): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(found);
    };
    const timer = setTimeout(() => end(`no answer in ${timeout_ms} ms`), timeout_ms);
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? "no connection"));
    socket.once(isTls ? "secureConnect" : "connect", () =>
      end({ endsMs: isTls ? endOf(socket as TLSSocket) : Infinity }),
    );
  });
}

const isName = (host: string): boolean => !/^[\d.]+$|:/.test(host);

function endOf(socket: TLSSocket): number {
  const ends = Date.parse(socket.getPeerCertificate().valid_to);
  return Number.isNaN(ends) ? Infinity : ends;
}
