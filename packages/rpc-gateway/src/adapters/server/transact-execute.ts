/** Broadcasts and signs transactions that were allowed, and says what certainly became of them. */
import { RPC_IN_WARMUP } from "@dgb-shield/chain/rpc";
import type { Call } from "../../call/read-call.js";
import { refused } from "../../codes.js";
import { type Answer, resultAnswer } from "../../call/answer.js";
import { JsonNumber, plainOf } from "../../json/value.js";
import type { Paid } from "../../spend/from-transaction.js";
import { isPsbtOfContent, txidOfContent } from "../../spend/transaction/index.js";
import { bumpResult } from "./bump-result.js";
import type { Outcome } from "./execute.js";
import { knowsTransaction } from "./known-transaction.js";
import { type WholeReply, wholeReply } from "./reply.js";
import type { Site } from "./site.js";

/** A transaction that was allowed. */
export type Work = Readonly<{
  call: Call;
  /** Of the wallet, at the node. */
  path: string;
  /** The call as it is sent. */
  text: string;
  wallet: string | null;
  paid: Paid;
}>;

const UNCLEAR: Outcome = { kind: "unclear" };
const NOT_TAKEN: Outcome = { kind: "not_executed", reason: "the node did not take the call up" };

/** Errors of a broadcast that the node refused: malformed, inputs missing, against its rules; starting. */
const REJECTED: ReadonlySet<number> = new Set([
  ...[-32_700, -32_600, -32_601, -32_602, -28, -26, -25, -22, -8, -3],
]);
/** The transaction is in a block. */
const ALREADY_MINED = -27;

type NotExecuted = Extract<Outcome, { kind: "not_executed" }>;

/** Broadcasts the client's transaction. */
export async function broadcastRaw(site: Site, work: Work): Promise<Outcome> {
  const sent = await site.link.once(work.path, work.text);
  if (!sent.ok) return sent.executed === "no" ? NOT_TAKEN : UNCLEAR;
  const reply = await wholeReply(sent, idOf(work.call));
  if (reply === undefined) return UNCLEAR;
  return afterBroadcast(site, work, work.paid.txid, { reply, answer: answerOf(reply) });
}

/** Broadcasts the client's package. What the node has of it afterwards was sent, whatever it answers. */
export async function broadcastPackage(site: Site, work: Work): Promise<Outcome> {
  const { paid, call, path, text, wallet } = work;
  const { txid, txids = [txid] } = paid;
  const sent = await site.link.once(path, text);
  if (!sent.ok) return sent.executed === "no" ? NOT_TAKEN : UNCLEAR;
  const reply = await wholeReply(sent, idOf(call));
  if (reply === undefined) return UNCLEAR;
  const answer = answerOf(reply);
  if (isWholePackage(reply.result, txids)) return { kind: "executed", txid, answer };
  if (reply.error !== null && !REJECTED.has(reply.error.code)) return UNCLEAR;
  // A node that is starting looked at nothing, and knows nothing yet.
  if (reply.error?.code === RPC_IN_WARMUP) return failedWith(reply, reply.error.code);
  const known: string[] = [];
  for (const one of txids.toReversed()) {
    const isKnown = await knowsTransaction(site, { wallet, txid: one });
    if (isKnown === undefined) return UNCLEAR;
    if (isKnown) known.push(one);
  }
  const [last] = known;
  if (last !== undefined) return { kind: "executed", txid: last, answer };
  return reply.error === null
    ? { kind: "not_executed", reason: "the node took none of the package", answer }
    : failedWith(reply, reply.error.code);
}

/** Whether a node's answer says that it took every transaction of a package, and names them. */
function isWholePackage(result: unknown, txids: readonly string[]): boolean {
  if (typeof result !== "object" || result === null) return false;
  const { package_msg, "tx-results": results } = result as Record<string, unknown>;
  if (package_msg !== "success" || typeof results !== "object" || results === null) return false;
  const taken = new Set(
    Object.values(results)
      .filter((one: unknown) => typeof one === "object" && one !== null && !("error" in one))
      .map((one: unknown) => (one as Record<string, unknown>)["txid"]),
  );
  return txids.every((txid) => taken.has(txid));
}

type Broadcast = Readonly<{
  reply: WholeReply;
  /** What the client is answered where it was executed. */
  answer: Answer;
}>;

async function afterBroadcast(
  site: Site,
  { wallet }: Work,
  txid: string,
  { reply, answer }: Broadcast,
): Promise<Outcome> {
  const executed: Outcome = { kind: "executed", txid, answer };
  if (reply.error === null) return reply.result === txid ? executed : UNCLEAR;
  const { code } = reply.error;
  if (code === ALREADY_MINED) return executed;
  if (!REJECTED.has(code)) return UNCLEAR;
  if (code === RPC_IN_WARMUP) return failedWith(reply, code);
  // One that the node has was sent before, whatever is wrong with sending it again.
  const isKnown = await knowsTransaction(site, { wallet, txid });
  if (isKnown === undefined) return UNCLEAR;
  return isKnown ? executed : failedWith(reply, code);
}

/**
 * Has the wallet sign. The signature is given to the client only where it is of the transaction that was allowed; what is
 * not given to anyone was not executed.
 */
export async function sign(site: Site, work: Work): Promise<Outcome> {
  const { call, path, text, paid } = work;
  const sent = await site.link.once(path, text);
  if (!sent.ok) return NOT_GIVEN;
  const reply = await wholeReply(sent, idOf(call));
  if (reply === undefined) return NOT_GIVEN;
  if (reply.error !== null) return failedWith(reply, reply.error.code);
  const { psbt, hex, complete } = membersOf(reply.result);
  const { chain } = site.ports;
  const isOther =
    (psbt === undefined && hex === undefined) ||
    (psbt !== undefined && !isPsbtOfContent(chain, paid.content, psbt)) ||
    (hex !== undefined && txidOfContent(chain, paid.content, hex) === null);
  if (isOther) return DIFFERS;
  const whole = complete ? (hex ?? (await finalized(site, work, psbt))) : undefined;
  if (whole === null) return NOT_GIVEN;
  const txid = whole === undefined ? paid.txid : txidOfContent(chain, paid.content, whole);
  return txid === null ? DIFFERS : { kind: "executed", txid, answer: answerOf(reply) };
}

/** The signed transaction of a PSBT; undefined where the node does not make it, null where it does not answer. */
async function finalized(
  site: Site,
  { wallet }: Work,
  psbt: string | undefined,
): Promise<string | undefined | null> {
  const answer = await site.questions.of(wallet).call("finalizepsbt", [psbt ?? ""]);
  if (answer.ok) return membersOf(answer.value).hex;
  return answer.failure.kind === "rpc" && answer.failure.code !== RPC_IN_WARMUP ? undefined : null;
}

/** Has the wallet sign the new version that the node built, and broadcasts it. */
export async function bump(site: Site, work: Work): Promise<Outcome> {
  const { path, paid, wallet, call } = work;
  const params = JSON.stringify({ id: OWN_ID, method: "walletprocesspsbt", params: [paid.psbt] });
  const sent = await site.link.once(path, params);
  if (!sent.ok) return NOT_GIVEN;
  const reply = await wholeReply(sent, OWN_ID);
  if (reply === undefined) return NOT_GIVEN;
  if (reply.error !== null) return failedWith({ ...reply, ...asOf(call, reply) }, reply.error.code);
  const hex = await finalized(site, work, membersOf(reply.result).psbt);
  if (hex === null) return NOT_GIVEN;
  if (hex === undefined) return NOT_SIGNED;
  const txid = txidOfContent(site.ports.chain, paid.content, hex);
  if (txid === null) return DIFFERS;
  const again = JSON.stringify({ id: OWN_ID, method: "sendrawtransaction", params: [hex] });
  const broadcast = await site.link.once(path, again);
  if (!broadcast.ok) return broadcast.executed === "no" ? NOT_TAKEN : UNCLEAR;
  const last = await wholeReply(broadcast, OWN_ID);
  if (last === undefined) return UNCLEAR;
  const at = { id: call.id ?? null, dialect: call.dialect };
  const own = { ...last, ...asOf(call, last) };
  return afterBroadcast(site, { ...work, wallet }, txid, {
    reply: own,
    answer: resultAnswer(at, bumpResult(txid, paid)),
  });
}

const OWN_ID = "gateway";

/** The text of a node's answer to the gateway's own call, as an answer to the client's. */
function asOf(call: Call, { result, error }: WholeReply): Readonly<{ text: string }> {
  return { text: `${JSON.stringify({ result, error, id: idOf(call) })}\n` };
}

const DIFFERS: NotExecuted = {
  kind: "not_executed",
  reason: "the wallet signed another transaction, which was withheld",
  refusal: refused(
    "transaction_differs",
    "the node signed another transaction than was allowed: nothing was sent or given; check the node",
  ).refusal,
};

const NOT_GIVEN: NotExecuted = {
  kind: "not_executed",
  reason: "no signature was given to the client",
};

const NOT_SIGNED: NotExecuted = {
  kind: "not_executed",
  reason: "the wallet did not sign",
  refusal: refused(
    "not_signed",
    "the wallet cannot sign this payment alone: nothing was sent; make a PSBT instead",
  ).refusal,
};

function failedWith(reply: WholeReply, code: number): NotExecuted {
  return { kind: "not_executed", reason: `RPC error ${code}`, answer: answerOf(reply) };
}

const answerOf = ({ status, text }: WholeReply): Answer => ({ status, body: text });

const idOf = ({ id }: Call): unknown => (id instanceof JsonNumber ? plainOf(id) : (id ?? null));

function membersOf(result: unknown): Readonly<{ psbt?: string; hex?: string; complete: boolean }> {
  if (typeof result !== "object" || result === null) return { complete: false };
  const { psbt, hex, complete } = result as Record<string, unknown>;
  return {
    ...(typeof psbt === "string" && { psbt }),
    ...(typeof hex === "string" && { hex }),
    complete: complete === true,
  };
}
