/** What goes wrong between a node and its client: faults for the proxy of `rpc-proxy`. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Exchange, Fault, ProxiedAnswer, ProxiedCall, ProxiedNode } from "./rpc-proxy.js";

const JSON_TYPE = { "content-type": "application/json" } as const;

const send = ({ response }: Exchange, { status, body }: ProxiedAnswer): void =>
  void response.writeHead(status, JSON_TYPE).end(body);

/** Answers honestly, but so late. */
export const late =
  (ms: number): Fault =>
  async (exchange) => {
    await sleep(ms);
    send(exchange, await exchange.forward());
  };

/** Answers with a status and a text, whatever is called. */
export const stated =
  (status: number, body = ""): Fault =>
  (exchange) =>
    send(exchange, { status, body });

/** Answers each call with an RPC error, as a node that loads its chain does with −28. */
export const refusing = (code: number, message: string): Fault =>
  withAnswers((answers) =>
    answers.map(({ id }) => ({ id, result: null, error: { code, message } })),
  );

/** Takes the request and never answers. */
export const hanging: Fault = () => undefined;

/** Sends the head of an answer and its first bytes, and then nothing any more. */
export const hangingMidway: Fault = async ({ response, forward }) => {
  const { status, body } = await forward();
  response.writeHead(status, JSON_TYPE).write(body.slice(0, body.length >> 1));
};

/** Breaks the connection in the middle of the answer. */
export const broken: Fault = async ({ response, forward }) => {
  const { status, body } = await forward();
  response.writeHead(status, { ...JSON_TYPE, "content-length": Buffer.byteLength(body) });
  response.write(body.slice(0, body.length >> 1), () => response.destroy());
};

/** Sends the first half of the answer as if it were whole. */
export const truncated: Fault = withText((text) => text.slice(0, text.length >> 1));

/** Sends an answer without an end, until the client has enough. */
export const endless: Fault = ({ response }) => {
  const chunk = " ".repeat(65_536);
  const write = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.writeHead(200, JSON_TYPE).on("drain", write);
  write();
};

/** Changes the text of the honest answer. */
export function withText(edit: (text: string) => string): Fault {
  return async (exchange) => {
    const { status, body } = await exchange.forward();
    send(exchange, { status, body: edit(body) });
  };
}

/** One answer of a batch. */
export type BatchAnswer = Readonly<{ id: unknown; result: unknown; error: unknown }>;

/** Changes the list of answers to a batch. */
export function withAnswers(edit: (answers: readonly BatchAnswer[]) => readonly unknown[]): Fault {
  return withText((text) => {
    const parsed = JSON.parse(text) as BatchAnswer | BatchAnswer[];
    return Array.isArray(parsed)
      ? JSON.stringify(edit(parsed))
      : JSON.stringify(edit([parsed])[0] ?? null);
  });
}

/** Changes single results: what `edit` returns is sent instead. */
export function withResults(edit: (result: unknown, call: ProxiedCall) => unknown): Fault {
  return async (exchange) => {
    const { calls } = exchange;
    const change = (answers: readonly BatchAnswer[]) =>
      answers.map((answer, i) => {
        const call = calls[i];
        const isEdited = answer.error === null && call !== undefined;
        return isEdited ? { ...answer, result: edit(answer.result, call) } : answer;
      });
    await withAnswers(change)(exchange);
  };
}

/** Turns to another node at each request, as a load balancer does; `pick` gets the number of the request. */
export const turning =
  (nodes: readonly ProxiedNode[], pick: (index: number) => number = (index) => index): Fault =>
  async (exchange) =>
    send(exchange, await exchange.forward(nodes[pick(exchange.index) % nodes.length]));

/** Applies a fault to some requests alone. */
export const where =
  (isHit: (exchange: Exchange) => boolean, fault: Fault): Fault =>
  async (exchange) =>
    isHit(exchange) ? fault(exchange) : send(exchange, await exchange.forward());
