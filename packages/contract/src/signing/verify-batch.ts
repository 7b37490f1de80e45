/** Decides whether a signed batch is accepted; every way out but one is a refusal (design: signing). */
import { timeMsSchema } from "../schemas/primitives.js";
import { authenticate } from "./authenticate.js";
import { authorize } from "./authorize.js";
import { readBatch, type SignedBatch } from "./batch.js";
import type { SigningRefusal } from "./codes.js";
import { readDsseEnvelope } from "./dsse.js";
import { refusal, Refused } from "./errors.js";
import type { Keyring, KeyringKey } from "./keyring.js";
import type { SequenceStore, SignatureVerifiers } from "./ports.js";

/** How far ahead of ours a signer's clock may be, unless the caller says otherwise. */
export const DEFAULT_CLOCK_SKEW_MS = 2_000;
/** The largest allowance that can be given. */
export const MAX_CLOCK_SKEW_MS = 300_000;

/** What a batch is checked against. */
export type VerifyOptions = Readonly<{
  keyring: Keyring;
  /** Now, in milliseconds since 1970-01-01T00:00:00Z. */
  nowMs: number;
  store: SequenceStore;
  /** How far `issued_at_ms` may lie ahead of `nowMs`: 0–300,000, default 2,000. Expiry has none. */
  max_clock_skew_ms?: number;
}>;

/** The answer: the batch and whose it is, or why not. */
export type Verification =
  | Readonly<{ accepted: true; key_id: string; operator: string; batch: SignedBatch }>
  | SigningRefusal;

type Settings = Readonly<{ nowMs: number; max_clock_skew_ms: number }>;

/**
 * `verifyBatch` over given verifiers: reads the envelope, authenticates it, reads the batch, checks
 * key, times and names, and advances the sequence of the key last, in one atomic step, so that a
 * refused batch uses nothing up.
 *
 * @returns never rejects; what it cannot decide it refuses
 */
export async function verifyBatchWith(
  verifiers: SignatureVerifiers,
  input: unknown,
  options: VerifyOptions,
): Promise<Verification> {
  try {
    return await verify(verifiers, input, options);
  } catch (error) {
    return refusal(error instanceof Refused ? error : new Refused("invalid_options", ""));
  }
}

async function verify(
  verifiers: SignatureVerifiers,
  input: unknown,
  options: VerifyOptions,
): Promise<Verification> {
  const { keyring, store } = options;
  const settings = settingsOf(options);
  const envelope = readDsseEnvelope(input);
  const { key, payload } = authenticate(envelope, { keyring, verifiers, nowMs: settings.nowMs });
  const batch = readBatch(payload);
  // [REFUSE] signed with one key in the name of another
  if (batch.key_id !== key.key_id) throw new Refused("key_mismatch", "/payload/key_id");
  checkTimes(batch, key, settings);
  batch.signals.forEach((signal, index) => {
    authorize(signal, `/payload/signals/${index}`, key);
  });
  await advance(store, batch);
  return { accepted: true, key_id: key.key_id, operator: key.operator, batch };
}

/** Comparisons with NaN are false, and would let every batch pass as timely. */
function settingsOf({ nowMs, max_clock_skew_ms = DEFAULT_CLOCK_SKEW_MS }: VerifyOptions): Settings {
  if (!timeMsSchema.safeParse(nowMs).success) throw new Refused("invalid_options", "/nowMs");
  if (!timeMsSchema.safeParse(max_clock_skew_ms).success || max_clock_skew_ms > MAX_CLOCK_SKEW_MS) {
    throw new Refused("invalid_options", "/max_clock_skew_ms");
  }
  return { nowMs, max_clock_skew_ms };
}

function checkTimes(
  { issued_at_ms, expires_at_ms }: SignedBatch,
  key: KeyringKey,
  { nowMs, max_clock_skew_ms }: Settings,
): void {
  const issued = "/payload/issued_at_ms";
  // [REFUSE] issued before its key was valid
  if (issued_at_ms < key.not_before_ms) throw new Refused("key_not_yet_valid", issued);
  // [REFUSE] issued in the future
  if (issued_at_ms > nowMs + max_clock_skew_ms) throw new Refused("issued_in_future", issued);
  // [REFUSE] expired
  if (nowMs >= expires_at_ms) throw new Refused("batch_expired", "/payload/expires_at_ms");
}

async function advance(store: SequenceStore, { key_id, sequence }: SignedBatch): Promise<void> {
  const isNew: unknown = await answerOf(store, key_id, sequence);
  // [REFUSE] not above the last sequence of this key
  if (isNew === false) throw new Refused("old_sequence", "/payload/sequence");
  // [REFUSE] the store cannot tell
  if (isNew !== true) throw new Refused("store_unavailable", "/payload/sequence");
}

async function answerOf(store: SequenceStore, keyId: string, sequence: number): Promise<unknown> {
  try {
    return await store.advance(keyId, sequence);
  } catch {
    return undefined;
  }
}
