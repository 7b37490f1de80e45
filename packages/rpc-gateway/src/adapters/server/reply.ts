/** What the node answered, and what an answer to a payment says. */
/** Most bytes of an answer to a payment. */
const MAX_PAYMENT_ANSWER = 4_194_304;

/** What came back. */
export type NodeReply =
  | Readonly<{ ok: true; status: number; body: AsyncIterable<Buffer> & { destroy(): void } }>
  | Readonly<{
      ok: false;
      /** Whether the node may have executed the request. */
      executed: "no" | "unknown";
    }>;

type Answered = Extract<NodeReply, { ok: true }>;

/** The answer to a call: bytes that were read, and what follows them. */
export type NodeAnswer = Readonly<{
  status: number;
  head: Buffer;
  /** Null where `head` is all. */
  rest: AsyncIterable<Buffer> | null;
  /** Drops what was not read. */
  destroy(): void;
}>;

/** What a node answers, read. */
export type RpcReply = Readonly<{
  id: unknown;
  result: unknown;
  error: Readonly<{ code: number; message: string }> | null;
}>;

/** The answer to a payment: read, and as it came. */
export type WholeReply = RpcReply & Readonly<{ status: number; text: string }>;

/** Reads the answer to a payment; undefined where it is none, is of another call, or broke off. */
export async function wholeReply(
  { status, body }: Answered,
  id: unknown,
): Promise<WholeReply | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_PAYMENT_ANSWER) return undefined;
    }
  } catch {
    return undefined;
  }
  const text = Buffer.concat(chunks).toString("utf8");
  const reply = parseReply(text);
  return reply === undefined || reply.id !== id ? undefined : { ...reply, status, text };
}

/** Reads one JSON-RPC answer; undefined where it is none. */
export function parseReply(text: string): RpcReply | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { id, result, error } = value as Record<string, unknown>;
  if (error === null || error === undefined) {
    return result === undefined ? undefined : { id, result, error: null };
  }
  const { code, message } = error as Record<string, unknown>;
  return typeof code === "number" && typeof message === "string"
    ? { id, result: null, error: { code, message } }
    : undefined;
}
