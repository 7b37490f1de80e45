/** Writes answers to a client: the node's bytes as they come, or the gateway's own. */
import type { ServerResponse } from "node:http";
import { once } from "node:events";
import type { Answer } from "../../call/answer.js";
import type { NodeAnswer } from "./reply.js";

/** What is answered to one call; a notification of JSON-RPC 2.0 gets nothing. */
export type CallAnswer =
  | Readonly<{ from: "gateway"; answer: Answer | null }>
  | Readonly<{ from: "node"; answer: NodeAnswer }>;

const TYPE = { "content-type": "application/json" } as const;

/** Writes the answer to a single call. */
export async function writeSingle(response: ServerResponse, one: CallAnswer): Promise<void> {
  if (one.from === "gateway") {
    if (one.answer === null) return end(response.writeHead(204));
    const { status, body } = one.answer;
    return end(
      response.writeHead(status, { ...TYPE, "content-length": Buffer.byteLength(body) }),
      body,
    );
  }
  const { status, head, rest } = one.answer;
  if (rest === null) {
    const headers = head.length === 0 ? {} : { ...TYPE, "content-length": head.length };
    return end(response.writeHead(status, headers), head);
  }
  response.writeHead(status, TYPE);
  await writePart(response, head);
  await writeRest(response, rest);
  end(response);
}

/** Writes the answers to a batch, each as it came. */
export async function writeBatch(
  response: ServerResponse,
  answers: AsyncIterable<CallAnswer>,
): Promise<void> {
  let count = 0;
  for await (const one of answers) {
    const head = one.from === "gateway" ? (one.answer?.body ?? "") : one.answer.head;
    if (head.length === 0) continue;
    if (count === 0) response.writeHead(200, TYPE);
    await writePart(response, count++ === 0 ? "[" : ",");
    await writePart(response, typeof head === "string" ? head.trimEnd() : withoutEnd(head));
    if (one.from === "node" && one.answer.rest !== null) await writeRest(response, one.answer.rest);
  }
  if (count > 0) return end(response, "]\n");
  end(response.writeHead(204));
}

const LINE_FEED = 0x0a;

const withoutEnd = (bytes: Buffer): Buffer =>
  bytes.at(-1) === LINE_FEED ? bytes.subarray(0, -1) : bytes;

async function writeRest(response: ServerResponse, rest: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of rest) await writePart(response, chunk);
}

async function writePart(response: ServerResponse, part: string | Buffer): Promise<void> {
  if (response.destroyed) throw new Error("the client has gone");
  if (response.write(part)) return;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  await once(response, "drain", { signal: gone.signal });
}

function end(response: ServerResponse, last?: string | Buffer): void {
  response.end(last);
}
