/** Runs the calls of one request. */
import { errorAnswer } from "../../call/answer.js";
import { type BadCall, type Call, readCall, writeCall } from "../../call/read-call.js";
import { type Refusal, refused } from "../../codes.js";
import type { Json } from "../../json/value.js";
import { JsonNumber, plainOf } from "../../json/value.js";
import type { CallAnswer } from "./answer-writer.js";
import { type Admitted, pathOf } from "./guard.js";
import type { Judge } from "./judge.js";
import type { Payments } from "./payments.js";
import { BUSY, NODE_UNAVAILABLE } from "./refusals.js";
import type { Leaving } from "./read-answer.js";
import { type NodeAnswer, parseReply } from "./reply.js";
import type { Site } from "./site.js";

/** Runs one call; what it returns has to be written before `done`. */
export type CallRunner = (
  request: Json,
  by: Admitted,
  client: Leaving,
) => Promise<Readonly<{ answer: CallAnswer; done(): void }>>;

const nothing = (): void => undefined;

/** Makes the runner of a gateway. */
export function createCallRunner(site: Site, judge: Judge, payments: Payments): CallRunner {
  return async (request, by, client) => {
    const read = readCall(request);
    if (!read.ok) return { answer: refuse(null, read.at, by, read.refusal), done: nothing };
    const call = read.value;
    const judged = judge(call, by);
    site.ports.used?.(by.client.name, call.method, !judged.ok);
    if (!judged.ok) return { answer: refuse(call, read.at, by, judged.refusal), done: nothing };
    if (judged.value.do === "pay") {
      const answer = await payments.pay(judged.value.planned, by);
      return { answer: { from: "gateway", answer }, done: nothing };
    }
    if (judged.value.do === "transact") {
      const answer = await payments.transact(judged.value.planned, by);
      return { answer: { from: "gateway", answer }, done: nothing };
    }
    return readFromNode(call, read.at, by, client);
  };

  async function readFromNode(
    call: Call,
    at: BadCall,
    by: Admitted,
    client: Leaving,
  ): ReturnType<CallRunner> {
    const turn = await site.reads.enter(by.client.name);
    if (turn === undefined) return { answer: refuse(call, at, by, BUSY), done: nothing };
    const answer = await askNode(call, by, client);
    if (answer.kind === "node" && answer.value.rest !== null) {
      const { value } = answer;
      return { answer: { from: "node", answer: value }, done: () => (value.destroy(), turn()) };
    }
    turn();
    return answer.kind === "node"
      ? { answer: { from: "node", answer: answer.value }, done: nothing }
      : { answer: refuse(call, at, by, answer.refusal), done: nothing };
  }

  async function askNode(
    call: Call,
    by: Admitted,
    client: Leaving,
  ): Promise<{ kind: "node"; value: NodeAnswer } | { kind: "refused"; refusal: Refusal }> {
    if (client.isGone) return { kind: "refused", refusal: NODE_UNAVAILABLE };
    const read = await site.link.read(pathOf(by.wallet), writeCall(call), client);
    if (!read.ok) {
      return { kind: "refused", refusal: read.executed === "no" ? NODE_UNAVAILABLE : UNREADABLE };
    }
    return isAnswerTo(call, read.answer)
      ? { kind: "node", value: read.answer }
      : { kind: "refused", refusal: UNREADABLE };
  }

  function refuse(call: Call | null, at: BadCall, by: Admitted, refusal: Refusal): CallAnswer {
    const method = call?.method ?? null;
    site.log({ event: "refused", client: by.client.name, method, code: refusal.code });
    const isSilent = call?.dialect === "2" && call.id === undefined;
    return { from: "gateway", answer: isSilent ? null : errorAnswer(at, refusal) };
  }
}

// [REFUSE node_unreadable] no JSON-RPC answer to this call in time, or one that broke off
const UNREADABLE: Refusal = refused(
  "node_unreadable",
  "the node gave no answer to this call, which it may have executed: see whether it is busy, and its address its RPC port's",
).refusal;

/** Whether an answer that was read whole is one; a large one is passed on, and its beginning must be an object's. */
function isAnswerTo({ id }: Call, { status, head, rest }: NodeAnswer): boolean {
  if (rest !== null) return head[0] === "{".charCodeAt(0);
  if (head.length === 0) return status === 204 && id === undefined;
  const reply = parseReply(head.toString("utf8"));
  const expected = id instanceof JsonNumber ? plainOf(id) : (id ?? null);
  return reply !== undefined && (reply.id ?? null) === expected;
}
