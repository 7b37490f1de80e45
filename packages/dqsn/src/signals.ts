/** The signals of a request: validity, duplicates, conflicts and canonical order (contract v3, sections 4, 5 and 6). */
import { canonicalize, type Envelope, envelopeSchema, offencePath } from "@dgb-shield/contract";
import type { Settings } from "./config.js";
import { isRefusal, type Refusal, refuse } from "./internal/refusal.js";

/** The valid signals, and how many were not. */
export type CheckedSignals = Readonly<{ valid: readonly Envelope[]; invalid: number }>;

/** A signal that stays, with its canonical text. */
export type UniqueSignal = Readonly<{ envelope: Envelope; text: string }>;

/** Checks each signal; the first invalid one decides under `reject_request`. */
export function checkSignals(
  signals: readonly unknown[],
  settings: Settings,
): CheckedSignals | Refusal {
  const valid: Envelope[] = [];
  let firstRefusal: Refusal | undefined;
  for (const [index, signal] of signals.entries()) {
    const checked = checkSignal(signal, `/signals/${index}`, settings.allowed_components);
    if (!isRefusal(checked)) {
      valid.push(checked);
      continue;
    }
    // [ERROR] an invalid signal, under the default policy
    if (settings.invalid_signal_policy === "reject_request") return checked;
    firstRefusal ??= checked;
  }

  // [ERROR] no valid signal left: nothing to aggregate
  if (valid.length === 0 && firstRefusal !== undefined) return firstRefusal;

  return { valid, invalid: signals.length - valid.length };
}

/** One signal: the envelope's nine keys, from a component that may speak. */
export function checkSignal(
  signal: unknown,
  path: string,
  allowed: ReadonlySet<string> | undefined,
): Envelope | Refusal {
  const parsed = envelopeSchema.safeParse(signal);
  if (!parsed.success) {
    return refuse("DQSN_ERROR_SIGNAL_INVALID", `${path}${offencePath(parsed.error)}`);
  }
  if (allowed !== undefined && !allowed.has(parsed.data.component)) {
    return refuse("DQSN_ERROR_SIGNAL_INVALID", `${path}/component`);
  }
  return parsed.data;
}

/**
 * Drops duplicates (equal but for `request_id`; the smaller one stays) and puts the rest in
 * canonical order: component, then context_hash.
 */
export function deduplicate(signals: readonly Envelope[]): UniqueSignal[] | Refusal {
  const kept = new Map<string, Envelope>();
  for (const signal of signals) {
    const key = `${signal.component} ${signal.context_hash}`;
    const other = kept.get(key);
    if (other === undefined) {
      kept.set(key, signal);
      continue;
    }
    // [ERROR] one hash, two contents: a forged ALLOW must not hide a BLOCK
    if (contentOf(signal) !== contentOf(other)) {
      return refuse("DQSN_ERROR_SIGNAL_CONFLICT", "/signals");
    }
    if (signal.request_id < other.request_id) kept.set(key, signal);
  }
  return [...kept.keys()].sort().flatMap((key) => {
    const envelope = kept.get(key);
    return envelope === undefined ? [] : [{ envelope, text: canonicalize(envelope) }];
  });
}

const contentOf = (signal: Envelope): string => canonicalize({ ...signal, request_id: "" });
