/** The signals of a request: validity, duplicates, conflicts and canonical order (design section 4.1). */
import {
  canonicalize,
  type Envelope,
  envelopeSchema,
  isEnvelope,
  type JsonValue,
  firstErrorPath,
} from "@dgb-shield/contract";
import type { Settings } from "./config.js";
import { isRejection, type Rejection, reject } from "../internal/rejection.js";

/** A valid signal with its canonical text. */
export type ValidSignal = Readonly<{ envelope: Envelope; text: string }>;

/** The valid signals, and how many were not. */
export type CheckedSignals = Readonly<{ valid: readonly ValidSignal[]; invalid: number }>;

/** The settings that signals are checked by, and access to the canonical text of each. */
export type SignalCheck = Readonly<{ settings: Settings; itemText: (index: number) => string }>;

/** Checks each signal; the first invalid one decides under `reject_request`. */
export function checkSignals(
  signals: readonly unknown[],
  { settings, itemText }: SignalCheck,
): CheckedSignals | Rejection {
  const valid: { envelope: Envelope; index: number }[] = [];
  let firstRejection: Rejection | undefined;
  for (const [index, signal] of signals.entries()) {
    const envelope = checkSignal(signal, `/signals/${index}`, settings.allowed_components);
    if (!isRejection(envelope)) {
      valid.push({ envelope, index });
      continue;
    }
    // The default policy rejects the request for its first invalid signal.
    if (settings.invalid_signal_policy === "reject_request") return envelope;
    firstRejection ??= envelope;
  }

  // Without a valid signal nothing is left to combine.
  if (valid.length === 0 && firstRejection !== undefined) return firstRejection;

  // `itemText` throws for a canonical text larger than a payload, before anything that depends on order.
  const texts = valid.map(({ envelope, index }) => ({ envelope, text: itemText(index) }));
  return { valid: texts, invalid: signals.length - valid.length };
}

/** Checks one signal: the envelope's nine keys, from an allowed component. */
export function checkSignal(
  signal: unknown,
  path: string,
  allowed: ReadonlySet<string> | undefined,
): Envelope | Rejection {
  const value = signal as JsonValue;
  // [ERROR DQSN_ERROR_SIGNAL_INVALID] not an envelope
  if (!isEnvelope(value)) {
    const { error } = envelopeSchema.safeParse(value);
    const inside = error === undefined ? "" : firstErrorPath(error);
    return reject("DQSN_ERROR_SIGNAL_INVALID", `${path}${inside}`);
  }
  if (allowed !== undefined && !allowed.has(value.component)) {
    return reject("DQSN_ERROR_SIGNAL_INVALID", `${path}/component`);
  }
  return value;
}

/**
 * Drops duplicates (equal but for `request_id`; the smaller one stays) and puts the rest in
 * canonical order: component, then context_hash.
 */
export function deduplicate(signals: readonly ValidSignal[]): ValidSignal[] | Rejection {
  const unique: ValidSignal[] = [];
  for (const signal of [...signals].sort(inCanonicalOrder)) {
    const last = unique.at(-1);
    if (last === undefined || !isSameEvent(last, signal)) {
      unique.push(signal);
      continue;
    }
    // [ERROR DQSN_ERROR_SIGNAL_CONFLICT] one hash, two contents: a forged ALLOW must not hide a BLOCK
    if (contentOf(last) !== contentOf(signal)) {
      return reject("DQSN_ERROR_SIGNAL_CONFLICT", "/signals");
    }
  }
  return unique;
}

/** By component, context_hash and, of duplicates, request_id: the one that stays comes first. */
const inCanonicalOrder = ({ envelope: a }: ValidSignal, { envelope: b }: ValidSignal): number =>
  compareText(a.component, b.component) ||
  compareText(a.context_hash, b.context_hash) ||
  compareText(a.request_id, b.request_id);

const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

const isSameEvent = ({ envelope: a }: ValidSignal, { envelope: b }: ValidSignal): boolean =>
  a.context_hash === b.context_hash && a.component === b.component;

const contentOf = ({ envelope }: ValidSignal): string =>
  canonicalize({ ...envelope, request_id: "" });
