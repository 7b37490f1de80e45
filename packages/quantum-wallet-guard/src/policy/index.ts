/** Reads policies once: complete, frozen, versioned by hash; and ready ones (design, section 8). */
import { boundedPointer, canonicalHash, copyUntrusted, parseOwn } from "@dgb-shield/contract";
import { type CompiledPolicy, compilePolicy } from "./compile.js";
import { QwgError } from "../errors.js";
import { offenceOf, UNREAD } from "../internal/offence.js";
import { createWalletPolicySchema, POLICY_BOUNDS, type WalletPolicy } from "./schema.js";

/** A compiled policy, or the path of its first offence and a sentence about it. */
export type PolicyRead =
  | Readonly<{ ok: true; value: CompiledPolicy }>
  | Readonly<{ ok: false; path: string; offence: string }>;

/** The schema that decides; no importer holds it. */
const walletPolicySchema = createWalletPolicySchema();

const compiledPolicies = new WeakMap<object, CompiledPolicy>();

/**
 * Reads a policy, fills in the defaults and freezes it. A policy that was parsed once is not
 * parsed again by `evaluateTransaction`.
 *
 * @param policy a `WalletPolicyInput`; undefined is the default policy
 * @returns the complete policy, frozen
 * @throws QwgError `invalid_policy` with the path of the first offending field
 * @example parsePolicy({ required_approvals: 2 }).max_tx_ratio_normal // 0.5
 */
export function parsePolicy(policy?: unknown): WalletPolicy {
  const read = readPolicy(policy);
  if (!read.ok) throw new QwgError("invalid_policy", read.path, read.offence);
  return read.value.policy;
}

/**
 * Computes the version of a policy: the canonical hash of the complete policy, so that spelling out a
 * default changes nothing.
 *
 * @param policy a `WalletPolicyInput`; undefined is the default policy
 * @returns 64 lower-case hexadecimal digits
 * @throws QwgError `invalid_policy` with the path of the first offending field
 */
export const policyVersion = (policy?: unknown): string => canonicalHash(parsePolicy(policy));

/** Reads and compiles a policy, or names its first offending field. Never throws. */
export function readPolicy(policy: unknown): PolicyRead {
  if (policy === undefined) return DEFAULT_POLICY;
  const compiled = typeof policy === "object" ? compiledPolicies.get(policy ?? {}) : undefined;
  if (compiled !== undefined) return { ok: true, value: compiled };
  const plain = copyUntrusted(policy, POLICY_BOUNDS);
  if (!plain.ok) return malformed(plain.path, UNREAD);
  const parsed = parseOwn(walletPolicySchema, plain.value, POLICY_BOUNDS);
  return parsed.ok
    ? { ok: true, value: compile(Object.freeze({ ...parsed.value })) }
    : malformed(boundedPointer(parsed.path), plain.value);
}

const malformed = (path: string, whole: unknown): PolicyRead => ({
  ok: false,
  path,
  offence: offenceOf("policy", path, whole),
});

function compile(policy: WalletPolicy): CompiledPolicy {
  const compiled = compilePolicy(policy);
  compiledPolicies.set(policy, compiled);
  return compiled;
}

const DEFAULT_POLICY: PolicyRead = {
  ok: true,
  value: compile(Object.freeze(walletPolicySchema.parse({}))),
};

/**
 * Ready policies. `personal` is the specification's defaults. `exchange_hot_wallet` pays many small
 * withdrawals by itself: at most a twentieth of the balance at once, nothing from a high level up,
 * and two people for 50,000 coins.
 */
export const POLICY_PRESETS = Object.freeze({
  personal: parsePolicy({}),
  exchange_hot_wallet: parsePolicy({
    max_tx_ratio_normal: "0.05",
    max_tx_ratio_high: "0.01",
    max_allowed_risk: "elevated",
    cooldown_seconds_warn: 300,
    cooldown_seconds_delay: 900,
    threshold_extra_auth: "50000",
    required_approvals: 2,
  }),
});
