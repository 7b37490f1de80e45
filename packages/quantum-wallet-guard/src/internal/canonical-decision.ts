/**
 * The canonical text of a decision on a context that was read, written field by field in canonical order: several
 * times as fast as `canonicalize`, which must sort and check what is known here. A differential test holds
 * it to the same text.
 */
import type { DecisionResult } from "../evaluate/decisions.js";
import type { Approval } from "../evaluate/risk-context.js";
import type { Fields } from "../evaluate/validated-context.js";
import { isVisibleAscii } from "./visible-ascii.js";

/** What a hash is made of. */
export type Decision = Readonly<{
  /** Of a `KnownContext`: levels, amounts, hashes and words in it need no escapes. */
  context: Fields;
  policy_version: string;
  /** Of this layer's own rules. */
  result: DecisionResult;
}>;

/** The text that `canonicalize` writes. */
export const canonicalDecision = ({ context, policy_version, result }: Decision): string =>
  `{"context":${contextText(context)},"policy_version":"${policy_version}","result":${resultText(result)}}`;

function contextText(context: Fields): string {
  const { address_age_days: age, approvals, binds, created_at: time, dqs_advisory } = context;
  const { guardian_decision: answer, guardian_reason_codes: codes } = context;
  return (
    (age === undefined ? "{" : `{"address_age_days":${age},`) +
    `"adn_level":"${context.adn_level}"` +
    (approvals === undefined ? "" : `,"approvals":[${approvals.map(approvalText).join(",")}]`) +
    `,"behaviour_score":${context.behaviour_score}` +
    (binds === undefined ? "" : `,"binds":"${binds}"`) +
    (time === undefined ? "" : `,"created_at":${time}`) +
    idText(',"device_id":', context.device_id) +
    (dqs_advisory === undefined ? "" : `,"dqs_advisory":"${dqs_advisory}"`) +
    `,"dqs_network_score":${context.dqs_network_score}` +
    (answer === undefined ? "" : `,"guardian_decision":"${answer}"`) +
    (codes === undefined ? "" : `,"guardian_reason_codes":[${codes.map(wordText).join(",")}]`) +
    `,"sentinel_level":"${context.sentinel_level}"` +
    `,"trusted_device":${context.trusted_device}` +
    `,"tx_amount":${amountText(context.tx_amount)}` +
    idText(',"tx_id":', context.tx_id) +
    idText(',"user_id":', context.user_id) +
    `,"wallet_balance":${amountText(context.wallet_balance)}` +
    idText(',"wallet_fingerprint":', context.wallet_fingerprint) +
    "}"
  );
}

function resultText(result: DecisionResult): string {
  const cooldown = ownOf(result, "cooldown_seconds");
  const path = ownOf(result, "path");
  const suggested_limit = ownOf(result, "suggested_limit");
  return (
    (cooldown === undefined ? "{" : `{"cooldown_seconds":${cooldown},`) +
    `"decision":"${result.decision}","may_broadcast":${result.may_broadcast}` +
    (path === undefined ? "" : `,"path":${JSON.stringify(path)}`) +
    `,"reason":${JSON.stringify(result.reason)},"reason_id":"${result.reason_id}"` +
    `,"require_confirmation":${result.require_confirmation}` +
    `,"require_second_factor":${result.require_second_factor}` +
    (suggested_limit === undefined ? "}" : `,"suggested_limit":"${suggested_limit}"}`)
  );
}

/** A member that a result may lack; never one of a prototype. */
const ownOf = <Name extends keyof DecisionResult>(
  result: DecisionResult,
  name: Name,
): DecisionResult[Name] | undefined => (Object.hasOwn(result, name) ? result[name] : undefined);

const approvalText = ({ approved_at_ms, approver, binds, method }: Approval): string =>
  `{"approved_at_ms":${approved_at_ms},"approver":"${approver}","binds":"${binds}","method":"${method}"}`;

const wordText = (word: string): string => `"${word}"`;

const amountText = (amount: string | number): string =>
  typeof amount === "string" ? `"${amount}"` : String(amount);

const idText = (name: string, id: string | null | undefined): string =>
  id === undefined ? "" : name + (id === null ? "null" : quoted(id));

/** Most identifiers need no escapes, and are quickly seen not to. */
const quoted = (text: string): string =>
  isVisibleAscii(text) && !text.includes('"') && !text.includes("\\")
    ? `"${text}"`
    : JSON.stringify(text);
