/** Sends a payment to the node, and says what certainly became of it. */
import { RPC_IN_WARMUP } from "@dgb-shield/chain/rpc";
import type { Answer } from "../../call/answer.js";
import type { Call } from "../../call/read-call.js";
import { type Refusal, refused } from "../../codes.js";
import { isMap, type Json, JsonNumber, plainOf } from "../../json/value.js";
import { writeJson } from "../../json/write.js";
import { positionalOf } from "../../call/parameters.js";
import type { Planned } from "./plan.js";
import { type WholeReply, wholeReply } from "./reply.js";
import type { Site } from "./site.js";
import { knowsTransaction } from "./known-transaction.js";
import { CLOCK_SLACK_MS, findPayment, readPayments } from "./wallet-search.js";

/** What became of a payment. */
export type Outcome =
  | Readonly<{ kind: "executed"; txid: string; answer?: Answer }>
  | Readonly<{
      kind: "not_executed";
      /** The proof, for the hook. */
      reason: string;
      /** The node's own answer, or what the gateway answers. */
      answer?: Answer;
      refusal?: Refusal;
    }>
  | Readonly<{ kind: "unclear" }>;

/** A payment that the hook allowed. */
export type Allowed = Readonly<{ planned: Planned; payment_id: string; path: string }>;

/**
 * RPC errors that a node raises before it makes a transaction: unreadable, unknown or malformed call, node starting,
 * wallet not there or locked, no funds, no keys.
 */
const BEFORE_EXECUTION: ReadonlySet<number> = new Set([
  ...[-32_700, -32_600, -32_601, -32_602, -28, -19, -18, -14, -13, -12, -8, -6, -5, -3],
]);

/** Newest transactions of a wallet among which one that was made a moment ago must be. */
const RECENT = 500;

const TXID = /^[0-9a-f]{64}$/;
const UNCLEAR: Outcome = { kind: "unclear" };

/** Sends a call that makes, signs and broadcasts a transaction. */
export async function sendOnce(
  site: Site,
  { planned, payment_id, path, text }: Allowed & Readonly<{ text: string }>,
): Promise<Outcome> {
  const fromMs = site.ports.nowMs() - CLOCK_SLACK_MS;
  const sent = await site.link.once(path, text);
  if (!sent.ok) return sent.executed === "no" ? NOT_TAKEN : UNCLEAR;
  const reply = await wholeReply(sent, idOf(planned.call));
  if (reply === undefined) return UNCLEAR;
  if (reply.error === null) {
    const txid = txidOf(reply.result);
    return txid === undefined ? UNCLEAR : { kind: "executed", txid, answer: answerOf(reply) };
  }
  if (BEFORE_EXECUTION.has(reply.error.code)) return failedWith(reply, reply.error.code);
  // The call has ended: what the wallet does not have by now was not made.
  const entries = await readPayments(site.questions.of(planned.spend.wallet), RECENT);
  if (entries === undefined) return UNCLEAR;
  const txid = findPayment(entries, payment_id, fromMs);
  return txid === undefined ? failedWith(reply, reply.error.code) : { kind: "executed", txid };
}

/** A payment that the node built and signed, and did not broadcast. */
export type Built = Readonly<{ txid: string; hex: string }>;

/** What became of building: anything but a transaction proves that nothing was executed. */
export type BuildOutcome =
  Readonly<{ kind: "built"; built: Built }> | Extract<Outcome, { kind: "not_executed" }>;

/**
 * Has the node build and sign a payment by a method whose transactions have no comment, without a broadcast: its id is
 * known before it can leave, so that it can always be found again.
 */
export async function build(site: Site, planned: Planned, path: string): Promise<BuildOutcome> {
  const sent = await site.link.once(path, buildText(planned));
  if (!sent.ok) return NOT_TAKEN;
  const reply = await wholeReply(sent, idOf(planned.call));
  if (reply === undefined) return NOT_TAKEN;
  if (reply.error !== null) return failedWith(reply, reply.error.code);
  const built = builtOf(reply.result);
  return built === undefined ? NOT_SIGNED : { kind: "built", built };
}

/** Broadcasts a payment that was built. */
export async function broadcast(
  site: Site,
  { planned, path }: Allowed,
  { txid, hex }: Built,
): Promise<Outcome> {
  const call = { id: BROADCAST_ID, method: "sendrawtransaction", params: [hex] };
  const sent = await site.link.once(path, JSON.stringify(call));
  if (!sent.ok) return sent.executed === "no" ? NOT_TAKEN : UNCLEAR;
  const reply = await wholeReply(sent, BROADCAST_ID);
  if (reply === undefined) return UNCLEAR;
  if (reply.error === null) return { kind: "executed", txid };
  const { code, message } = reply.error;
  // One that the node has was sent, whatever it answers.
  const isKnown = await knowsTransaction(site, { wallet: planned.spend.wallet, txid });
  if (isKnown === true) return { kind: "executed", txid };
  if (!REJECTED.has(code) || (isKnown === undefined && code !== RPC_IN_WARMUP)) return UNCLEAR;
  const answer = { result: null, error: { code, message }, id: idOf(planned.call) };
  return {
    kind: "not_executed",
    reason: `rejected with RPC error ${code}`,
    answer: { status: 500, body: `${JSON.stringify(answer)}\n` },
  };
}

/** Errors of a broadcast that the node refused: malformed, inputs missing, against its rules; starting. */
const REJECTED: ReadonlySet<number> = new Set([-22, -25, -26, -28]);

const BROADCAST_ID = "broadcast";

function buildText({ call, decoder, arguments: { bound } }: Planned): string {
  const options = bound.get("options");
  const own = new Map<string, Json>(isMap(options) ? options : []);
  own.set("add_to_wallet", false);
  const params = positionalOf(decoder.names, new Map<string, Json>([...bound, ["options", own]]));
  return writeJson(
    new Map<string, Json>([
      ["id", call.id ?? null],
      ["method", call.method],
      ["params", params],
    ]),
  );
}

function builtOf(result: unknown): Built | undefined {
  if (typeof result !== "object" || result === null) return undefined;
  const { complete, txid, hex } = result as Record<string, unknown>;
  const isBuilt =
    complete === true && typeof txid === "string" && TXID.test(txid) && typeof hex === "string";
  return isBuilt ? { txid, hex } : undefined;
}

const NOT_TAKEN = { kind: "not_executed", reason: "the node did not take the call up" } as const;

// [REFUSE not_signed] the wallet has not all keys
const NOT_SIGNED: BuildOutcome = {
  kind: "not_executed",
  reason: "the wallet did not sign",
  refusal: refused(
    "not_signed",
    "the wallet cannot sign this payment alone: nothing was sent; make a PSBT instead",
  ).refusal,
};

function failedWith(reply: WholeReply, code: number): Extract<Outcome, { kind: "not_executed" }> {
  return { kind: "not_executed", reason: `RPC error ${code}`, answer: answerOf(reply) };
}

const answerOf = ({ status, text }: WholeReply): Answer => ({ status, body: text });

const idOf = ({ id }: Call): unknown => (id instanceof JsonNumber ? plainOf(id) : (id ?? null));

function txidOf(result: unknown): string | undefined {
  const txid =
    typeof result === "object" && result !== null
      ? (result as Record<string, unknown>)["txid"]
      : result;
  return typeof txid === "string" && TXID.test(txid) ? txid : undefined;
}
