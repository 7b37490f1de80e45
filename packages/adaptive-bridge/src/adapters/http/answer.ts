/** Classifies a receiver's HTTP answer to the events that were posted. */
import type { Answer } from "../../internal/delivery.js";

/** Longest wait that a receiver can request, in milliseconds. */
const MAX_RETRY_AFTER_MS = 3_600_000;
/** Bytes of an answer that are read. */
const MAX_ANSWER_BYTES = 65_536;
/** Statuses that are about the content: the same request would fail again. */
const ABOUT_CONTENT = new Set([400, 413, 422]);

/**
 * Reads an answer.
 *
 * @param ids of the events that were posted
 * @param now milliseconds since 1970, for a `Retry-After` that is a date
 */
export async function readAnswer(
  response: Response,
  ids: ReadonlySet<string>,
  now: () => number,
): Promise<Answer> {
  const { status } = response;
  if (status >= 200 && status < 300 && isPage(response.headers)) {
    await response.body?.cancel();
    return { kind: "unavailable", reason: `status ${status} with a page`, pauseMs: 0 };
  }
  if (status >= 200 && status < 300) return taken(await boundedText(response), ids);
  await response.body?.cancel();
  const reason = `status ${status}`;
  if (ABOUT_CONTENT.has(status)) return { kind: "rejected", reason };
  return { kind: "unavailable", reason, pauseMs: retryAfterMs(response.headers, now) };
}

/** Checks for an HTML page instead of an answer: a login or a captive portal, not the receiver. */
const isPage = (headers: Headers): boolean =>
  /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(headers.get("content-type") ?? "");

type Rejection = Readonly<{ id: string; reason: string }>;

/** Events are delivered unless the answer refuses them, in a form that is read. */
function taken(text: string, ids: ReadonlySet<string>): Answer {
  const refused = rejections(text).filter(({ id }) => ids.has(id));
  const [first] = refused;
  const distinct = new Set(refused.map(({ id }) => id)).size;
  if (first === undefined) return { kind: "taken", refused: 0 };
  const reason = `refused ${first.id}: ${first.reason}`;
  // An answer that refuses all of them is no different from a status that does.
  if (distinct === ids.size) return { kind: "rejected", reason };
  return { kind: "taken", refused: distinct, reason };
}

function rejections(text: string): readonly Rejection[] {
  const refused = ownMember(parsed(text), "refused");
  return Array.isArray(refused) ? refused.flatMap(rejectionOf) : [];
}

function rejectionOf(item: unknown): readonly Rejection[] {
  const id = ownMember(item, "id");
  const reason = ownMember(item, "reason");
  if (typeof id !== "string") return [];
  return [{ id, reason: typeof reason === "string" ? reason : "no reason" }];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const ownMember = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;

function retryAfterMs(headers: Headers, now: () => number): number {
  const value = headers.get("retry-after")?.trim() ?? "";
  const ms = /^[A-Z][a-z]{2}, /.test(value) ? Date.parse(value) - now() : secondsOf(value) * 1_000;
  return ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : 0;
}

const secondsOf = (value: string): number => (/^\d{1,9}$/.test(value) ? Number(value) : 0);

async function boundedText(response: Response): Promise<string> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
