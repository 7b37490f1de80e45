/** Events for a learning core: best effort, of every decision but allow (QWG technical document, section 5.4). */
import {
  canonicalHash,
  type EventSink,
  type JsonObject,
  LIMITS,
  type ShieldEvent,
} from "@dgb-shield/contract";
import { QwgError } from "./errors.js";
import { ignoreOutcome } from "./internal/ignore-outcome.js";
import { FIELD_NAMES, type KnownContext } from "./evaluate/validated-context.js";
import { readOptions } from "./internal/options.js";
import { readRecord } from "./recorded-decision.js";
import type { ReadResult } from "./result-schema.js";
import { severityOf } from "./severity.js";

/** Whether events carry who pays, from where and how much; `"withheld"` is the default. */
export type PersonalData = "withheld" | "clear";

/** How an event is made. */
export type EventOptions = Readonly<{
  /**
   * Tells records of equal content apart: the record's number in the caller's ledger, an integer from 0, or
   * a text of 1 to 128 characters. The same record and attempt give the same id, however often it is sent.
   */
  attempt?: number | string | undefined;
  personal_data?: PersonalData | undefined;
}>;

/** What an event is made of. */
export type Occurrence = Readonly<{
  result: ReadResult;
  policy_version: string | null;
  /** Absent where it was malformed. */
  known: KnownContext | undefined;
}>;

/**
 * Makes the event of a recorded decision, for a caller that emits after its own commit. Pure.
 *
 * @param record `{context, policy_version, result}`, as `decide` of the engine made it, or a line of JSON of it
 * @param options which attempt it was, and whether personal data is clear
 * @returns the event; undefined for an allow, which has none
 * @throws QwgError `invalid_record` for what is no record, or does not have its own hash; `invalid_options`
 * @example eventOf(engine.decide({ ...context, trusted_device: false }))?.action // "warn"
 */
export function eventOf(record: unknown, options: EventOptions = {}): ShieldEvent | undefined {
  const { attempt, personal_data } = readOptions(options, ["attempt", "personal_data"]);
  checkAttempt(attempt);
  const read = readRecord(record);
  if (!read.ok) {
    const { code, path } = read.offence;
    throw new QwgError("invalid_record", path, `${code}: give a record as the engine made it`);
  }
  const { context, policy_version, result } = read.value;
  if (result.decision === "allow") return undefined;
  const known = context.ok ? context.value : undefined;
  return toEvent(
    { result, policy_version, known },
    { attempt, personal_data: personalData(personal_data) },
  );
}

/** Makes the event of a decision that is known to be one. */
export function toEvent(
  { result, policy_version, known }: Occurrence,
  {
    attempt,
    personal_data,
  }: Readonly<{ attempt: EventOptions["attempt"]; personal_data: PersonalData }>,
): ShieldEvent {
  const isClear = personal_data === "clear";
  const user_id = isClear ? known?.fields.user_id : undefined;
  const { context_hash = null } = result;
  return {
    event_id: `qwg-${canonicalHash({ attempt: attempt ?? null, context_hash })}`,
    layer: "quantum_wallet_guard",
    action: result.decision,
    severity: severityOf(result),
    fingerprint: (isClear ? known?.fields.wallet_fingerprint : undefined) ?? "",
    ...(typeof user_id === "string" && { user_id }),
    extra: {
      ...outcomeOf(result),
      policy_version,
      ...evidenceOf(known),
      ...(isClear && personalOf(known, result)),
    },
  };
}

/** Hands an event over. Whatever the sink does, now or later, changes nothing here. */
export function emitSafely(sink: EventSink, event: ShieldEvent): void {
  try {
    ignoreOutcome(sink.emit(event));
  } catch {
    return;
  }
}

/**
 * Checks the option.
 *
 * @throws QwgError `invalid_options`
 */
export function personalData(value: unknown): PersonalData {
  if (value === undefined || value === "withheld") return "withheld";
  if (value === "clear") return "clear";
  throw new QwgError("invalid_options", "/personal_data", 'give "withheld" or "clear"');
}

function checkAttempt(attempt: unknown): void {
  const isNumber = typeof attempt === "number" && Number.isSafeInteger(attempt) && attempt >= 0;
  const isText =
    typeof attempt === "string" && attempt.length >= 1 && attempt.length <= LIMITS.maxIdLength;
  if (attempt === undefined || isNumber || (isText && attempt.isWellFormed())) return;
  const detail = "give an integer from 0, or a text of 1 to 128 characters";
  throw new QwgError("invalid_options", "/attempt", detail);
}

/** The outcome without its free text, which has amounts in it. */
function outcomeOf(result: ReadResult): JsonObject {
  return present({
    decision: result.decision,
    reason_id: result.reason_id,
    may_broadcast: result.may_broadcast,
    require_confirmation: result.require_confirmation,
    require_second_factor: result.require_second_factor,
    cooldown_seconds: ownOf(result, "cooldown_seconds"),
    path: knownPath(ownOf(result, "path")),
    context_hash: result.context_hash,
  });
}

const ownOf = <Name extends keyof ReadResult>(result: ReadResult, name: Name) =>
  Object.hasOwn(result, name) ? result[name] : undefined;

/** The field at fault; a name that is no field of a context was chosen by whoever sent it. */
function knownPath(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const field = FIELD_NAMES.find((name) => path === `/${name}` || path.startsWith(`/${name}/`));
  return field === undefined ? "" : `/${field}`;
}

function evidenceOf(known: KnownContext | undefined): JsonObject {
  if (known === undefined) return {};
  const { sentinel_level, adn_level, dqs_network_score, behaviour_score, trusted_device } =
    known.fields;
  return { sentinel_level, adn_level, dqs_network_score, behaviour_score, trusted_device };
}

function personalOf(known: KnownContext | undefined, result: ReadResult): JsonObject {
  if (known === undefined) return {};
  const { tx_id, tx_amount, wallet_balance } = known.fields;
  const suggested_limit = ownOf(result, "suggested_limit");
  return present({ tx_id: tx_id ?? undefined, tx_amount, wallet_balance, suggested_limit });
}

const present = (members: Readonly<Record<string, JsonObject[string] | undefined>>): JsonObject =>
  Object.fromEntries(
    Object.entries(members).filter(
      (member): member is [string, JsonObject[string]] => member[1] !== undefined,
    ),
  );
