/** Decides whether a signed batch is accepted; every other result is a rejection (design, section 3: signing). */
import { checkTimeMs } from "../clock.js";
import { ownMember } from "../internal/own.js";
import { timeMsSchema } from "../schemas/primitives.js";
import { authenticate } from "./authenticate.js";
import { authorize } from "./authorize.js";
import {
  DEFAULT_MAX_BATCH_LIFETIME_MS,
  isLifetime,
  isShortLived,
  readBatch,
  type SignedBatch,
} from "./batch.js";
import type { SigningRejection } from "./codes.js";
import { readDsseEnvelope, SIGNALS_PAYLOAD_TYPE } from "./dsse.js";
import { rejection, Rejected } from "./errors.js";
import type { Keyring, KeyringKey } from "./keyring.js";
import type { SequenceStore, SignatureVerifiers } from "./ports.js";

/** Default for how far a signer's clock may be ahead of ours, in milliseconds. */
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
  /** How long after `issued_at_ms` a batch may expire: 1–86,400,000, default 3,600,000. */
  max_batch_lifetime_ms?: number;
}>;

/**
 * The answer: the batch and whose it is, or why not. The v2 signals of the batch have `operator` set to the
 * operator of the key, also where they name none; a v3 envelope is as it was signed.
 */
export type Verification =
  | Readonly<{ accepted: true; key_id: string; operator: string; batch: SignedBatch }>
  | SigningRejection;

type Settings = Readonly<{
  keyring: Keyring;
  store: SequenceStore;
  nowMs: number;
  max_clock_skew_ms: number;
  max_batch_lifetime_ms: number;
}>;

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
    // [REJECT invalid_config] time, clock skew, lifetime, keyring or store of the caller cannot be used
    return rejection(error instanceof Rejected ? error : new Rejected("invalid_config", ""));
  }
}

async function verify(
  verifiers: SignatureVerifiers,
  input: unknown,
  options: VerifyOptions,
): Promise<Verification> {
  const settings = settingsOf(options);
  const { keyring, store, nowMs } = settings;
  const envelope = readDsseEnvelope(input);
  const { key, payload } = authenticate(envelope, {
    ...{ keyring, verifiers, nowMs },
    payloadType: SIGNALS_PAYLOAD_TYPE,
  });
  const batch = readBatch(payload);
  // [REJECT key_mismatch] signed with one key in the name of another
  if (batch.key_id !== key.key_id) throw new Rejected("key_mismatch", "/payload/key_id");
  checkTimes(batch, key, settings);
  const signals = batch.signals.map((signal, index) =>
    authorize(signal, `/payload/signals/${index}`, key),
  );
  await advance(store, batch);
  const { key_id, operator } = key;
  return { accepted: true, key_id, operator, batch: { ...batch, signals } };
}

/** Options, own properties alone. Comparisons with NaN are false, and would let every batch pass as timely. */
function settingsOf(options: VerifyOptions): Settings {
  const nowMs = ownMember(options, "nowMs");
  const wrong = checkTimeMs(nowMs);
  if (wrong !== undefined) throw new Rejected("invalid_config", "/nowMs", wrong.detail);
  const skew = optionOf(options, "max_clock_skew_ms", DEFAULT_CLOCK_SKEW_MS);
  if (!timeMsSchema.safeParse(skew).success || Number(skew) > MAX_CLOCK_SKEW_MS) {
    throw new Rejected("invalid_config", "/max_clock_skew_ms");
  }
  const lifetime = optionOf(options, "max_batch_lifetime_ms", DEFAULT_MAX_BATCH_LIFETIME_MS);
  if (!isLifetime(lifetime)) throw new Rejected("invalid_config", "/max_batch_lifetime_ms");
  return {
    keyring: ownMember(options, "keyring") as Keyring,
    store: ownMember(options, "store") as SequenceStore,
    nowMs: nowMs as number,
    max_clock_skew_ms: skew as number,
    max_batch_lifetime_ms: lifetime,
  };
}

/** An option of its own, or its default where there is none; null is no absence. */
function optionOf(options: object, key: string, whenAbsent: number): unknown {
  const value = ownMember(options, key);
  return value === undefined ? whenAbsent : value;
}

function checkTimes(
  batch: SignedBatch,
  key: KeyringKey,
  { nowMs, max_clock_skew_ms, max_batch_lifetime_ms }: Settings,
): void {
  const { issued_at_ms, expires_at_ms } = batch;
  const issued = "/payload/issued_at_ms";
  // The key may have become valid since the batch was issued.
  if (issued_at_ms < key.not_before_ms) throw new Rejected("key_not_yet_valid", issued);
  // [REJECT batch_lifetime_exceeded] accepted for too long
  if (!isShortLived(batch, max_batch_lifetime_ms)) {
    throw new Rejected("batch_lifetime_exceeded", "/payload/expires_at_ms");
  }
  // [REJECT issued_in_future] issued later than now and the clock skew
  if (issued_at_ms > nowMs + max_clock_skew_ms) throw new Rejected("issued_in_future", issued);
  // [REJECT batch_expired] expired
  if (nowMs >= expires_at_ms) throw new Rejected("batch_expired", "/payload/expires_at_ms");
}

async function advance(store: SequenceStore, { key_id, sequence }: SignedBatch): Promise<void> {
  const isNew: unknown = await answerOf(store, key_id, sequence);
  // [REJECT old_sequence] not above the last sequence of this key
  if (isNew === false) throw new Rejected("old_sequence", "/payload/sequence");
  // [REJECT store_unavailable] the store threw or gave no boolean
  if (isNew !== true) throw new Rejected("store_unavailable", "/payload/sequence");
}

async function answerOf(store: SequenceStore, keyId: string, sequence: number): Promise<unknown> {
  try {
    return await store.advance(keyId, sequence);
  } catch {
    return undefined;
  }
}
