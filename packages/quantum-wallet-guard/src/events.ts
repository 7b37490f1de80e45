/** Makes events for a learning core, of every decision but allow: best effort (QWG technical document, section 5.4). */
import {
  canonicalHash,
  type EventSink,
  type JsonObject,
  LIMITS,
  type ShieldEvent,
} from "@dgb-shield/contract";
import { QwgError } from "./errors.js";
import { ignoreOutcome } from "./internal/ignore-outcome.js";
import { FIELD_NAMES } from "./evaluate/context-fields.js";
import type { ValidatedContext } from "./evaluate/validated-context.js";
import { readOptions } from "./internal/options.js";
import { readRecord } from "./recorded-decision.js";
import type { ReadResult } from "./result-schema.js";
import { severityOf } from "./severity.js";

/** Whether events carry user, wallet and amounts; `"withheld"` is the default. */
export type PersonalData = "withheld" | "clear";

/** Options of an event. An unknown option is rejected. */
export type EventOptions = Readonly<{
  /**
   * Distinguishes records of equal content: the record's number in the caller's ledger, an integer from 0, or
   * a text of 1 to 128 characters. The same record and attempt give the same id, however often it is sent.
   */
  attempt?: number | string | undefined;
  /** Whether the event carries user, wallet and amounts. Default: `"withheld"`. */
  personalData?: PersonalData | undefined;
}>;

/** The decision that an event reports. */
export type Occurrence = Readonly<{
  result: ReadResult;
  policy_version: string | null;
  /** Undefined where the context was malformed. */
  validated: ValidatedContext | undefined;
}>;

/**
 * Makes the event of a recorded decision, for a caller that emits after its own commit. Pure.
 *
 * @param record `{context, policy_version, result}`, as `decide` of the engine made it, or a line of JSON of it
 * @param options `attempt` distinguishes equal records; `personalData` is `"withheld"` or `"clear"`
 * @returns the event; undefined for an allow, which has none
 * @throws QwgError `invalid_record` for what is no record, or does not have its own hash; `invalid_options`
 * @example eventOf(engine.decide({ ...context, trusted_device: false }))?.action // "warn"
 */
export function eventOf(record: unknown, options: EventOptions = {}): ShieldEvent | undefined {
  const { attempt, personalData } = readOptions(options, ["attempt", "personalData"]);
  checkAttempt(attempt);
  const read = readRecord(record);
  if (!read.ok) {
    throw new QwgError(
      "invalid_record",
      read.path,
      `${read.code}: give a record as the engine made it`,
    );
  }
  const { context, policy_version, result } = read.value;
  if (result.decision === "allow") return undefined;
  const validated = context.ok ? context.value : undefined;
  return toEvent(
    { result, policy_version, validated },
    { attempt, personalData: parsePersonalData(personalData) },
  );
}

/** Makes the event of a decision of this package. */
export function toEvent(
  { result, policy_version, validated }: Occurrence,
  {
    attempt,
    personalData,
  }: Readonly<{ attempt: EventOptions["attempt"]; personalData: PersonalData }>,
): ShieldEvent {
  const isClear = personalData === "clear";
  const user_id = isClear ? validated?.fields.user_id : undefined;
  const { context_hash = null } = result;
  return {
    event_id: `qwg-${canonicalHash({ attempt: attempt ?? null, context_hash })}`,
    layer: "quantum_wallet_guard",
    action: result.decision,
    severity: severityOf(result),
    fingerprint: (isClear ? validated?.fields.wallet_fingerprint : undefined) ?? "",
    ...(typeof user_id === "string" && { user_id }),
    extra: {
      ...outcomeOf(result),
      policy_version,
      ...evidenceOf(validated),
      ...(isClear && personalOf(validated, result)),
    },
  };
}

/** Emits an event, ignoring what the sink throws, returns or rejects. */
export function emitSafely(sink: EventSink, event: ShieldEvent): void {
  try {
    ignoreOutcome(sink.emit(event));
  } catch {
    return;
  }
}

/**
 * Reads the option `personalData`; undefined is `"withheld"`.
 *
 * @throws QwgError `invalid_options`
 */
export function parsePersonalData(value: unknown): PersonalData {
  if (value === undefined || value === "withheld") return "withheld";
  if (value === "clear") return "clear";
  throw new QwgError("invalid_options", "/personalData", 'give "withheld" or "clear"');
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

/** Reduces a path to the field at fault; a name that is no field of a context comes from the sender, and is left out. */
function knownPath(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const field = FIELD_NAMES.find((name) => path === `/${name}` || path.startsWith(`/${name}/`));
  return field === undefined ? "" : `/${field}`;
}

function evidenceOf(validated: ValidatedContext | undefined): JsonObject {
  if (validated === undefined) return {};
  const { sentinel_level, adn_level, dqs_network_score, behaviour_score, trusted_device } =
    validated.fields;
  return { sentinel_level, adn_level, dqs_network_score, behaviour_score, trusted_device };
}

function personalOf(validated: ValidatedContext | undefined, result: ReadResult): JsonObject {
  if (validated === undefined) return {};
  const { tx_id, tx_amount, wallet_balance } = validated.fields;
  const suggested_limit = ownOf(result, "suggested_limit");
  return present({ tx_id: tx_id ?? undefined, tx_amount, wallet_balance, suggested_limit });
}

const present = (members: Readonly<Record<string, JsonObject[string] | undefined>>): JsonObject =>
  Object.fromEntries(
    Object.entries(members).filter(
      (member): member is [string, JsonObject[string]] => member[1] !== undefined,
    ),
  );
