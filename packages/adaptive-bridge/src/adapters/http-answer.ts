/** What a receiver's HTTP answer means for the events that were posted. */

/** Longest wait that a receiver can ask for, in milliseconds. */
const MAX_RETRY_AFTER_MS = 3_600_000;
/** Bytes of an answer that are read. */
const MAX_ANSWER_BYTES = 65_536;
/** Statuses that are about the content: the same request would fail again. */
const ABOUT_CONTENT = new Set([400, 413, 422]);

/** `taken`: all of them, but for `refused`. `rejected`: as they are. `unavailable`: not now. */
export type Answer =
  | Readonly<{ kind: "taken"; refused: number; reason?: string }>
  | Readonly<{ kind: "rejected"; reason: string }>
  | Readonly<{ kind: "unavailable"; reason: string; pauseMs: number }>;

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
  if (status >= 200 && status < 300) return taken(await boundedText(response), ids);
  await response.body?.cancel();
  const reason = `status ${status}`;
  if (ABOUT_CONTENT.has(status)) return { kind: "rejected", reason };
  return { kind: "unavailable", reason, pauseMs: retryAfterMs(response.headers, now) };
}

/** Events are delivered unless the receiver says, in a form that we read, that it refused them. */
function taken(text: string, ids: ReadonlySet<string>): Answer {
  const refused = refusals(text).filter(({ id }) => ids.has(id));
  const [first] = refused;
  const distinct = new Set(refused.map(({ id }) => id)).size;
  if (first === undefined) return { kind: "taken", refused: 0 };
  return { kind: "taken", refused: distinct, reason: `refused ${first.id}: ${first.reason}` };
}

function refusals(text: string): readonly { id: string; reason: string }[] {
  try {
    const { refused } = JSON.parse(text) as { refused?: unknown };
    if (!Array.isArray(refused)) return [];
    return refused.map((item: { id?: unknown; reason?: unknown }) => ({
      id: String(item.id),
      reason: typeof item.reason === "string" ? item.reason : "no reason",
    }));
  } catch {
    return [];
  }
}

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
