/** The two policies of a configuration: a preset, where wanted, with further fields over it. */
import {
  checkPolicy,
  POLICY_PRESETS,
  type WalletPolicy,
  type WalletPolicyInput,
  parsePolicy as parseWalletPolicy,
} from "@dgb-shield/quantum-wallet-guard";
import {
  type GuardianPolicy,
  GuardianPolicyError,
  type GuardianPolicyInput,
  parsePolicy as parseGuardianPolicy,
  PRESETS,
  type PresetName,
} from "@dgb-shield/wallet-guardian";
import { z } from "zod";

/** The Guardian's policy as it is written: fields beside a preset replace its fields. */
export type GuardianPolicyField = GuardianPolicyInput & Readonly<{ preset?: PresetName }>;
/** The wallet policy as it is written: fields beside a preset replace its fields. */
export type WalletPolicyField = WalletPolicyInput &
  Readonly<{ preset?: keyof typeof POLICY_PRESETS }>;

/** One thing that is wrong with a policy: where, and what to do. */
export type PolicyFault = Readonly<{ path: string; remedy: string }>;

/**
 * Lists everything that is wrong with a Guardian's policy, preset included. Never throws.
 *
 * @param policy of any form
 */
export function guardianFaults(policy: unknown): readonly PolicyFault[] {
  const spread = withPreset(policy, PRESETS);
  if ("fault" in spread) return [spread.fault];
  try {
    parseGuardianPolicy(spread.policy);
    return [];
  } catch (error) {
    if (error instanceof GuardianPolicyError) {
      return error.issues.map(({ path, message }) => ({ path, remedy: message }));
    }
    return [{ path: "", remedy: "give an object of plain values" }];
  }
}

/**
 * Lists everything that is wrong with a wallet policy, preset included. Never throws.
 *
 * @param policy of any form
 */
export function walletPolicyFaults(policy: unknown): readonly PolicyFault[] {
  const spread = withPreset(policy, POLICY_PRESETS);
  if ("fault" in spread) return [spread.fault];
  const reading = checkPolicy(spread.policy);
  return reading.ok ? [] : reading.issues.map(({ path, message }) => ({ path, remedy: message }));
}

/**
 * Completes a Guardian's policy.
 *
 * @throws GuardianPolicyError where `guardianFaults` finds any
 */
export const guardianPolicyOf = (field: GuardianPolicyField): GuardianPolicy =>
  parseGuardianPolicy(policyIn(field, PRESETS));

/**
 * Completes a wallet policy.
 *
 * @throws QwgError where `walletPolicyFaults` finds any
 */
export const walletPolicyOf = (field: WalletPolicyField): WalletPolicy =>
  parseWalletPolicy(policyIn(field, POLICY_PRESETS));

type Presets = Readonly<Record<string, object>>;
type Spread = Readonly<{ policy: unknown }> | Readonly<{ fault: PolicyFault }>;

/** The fields of a preset with those of a policy over them. */
function withPreset(policy: unknown, presets: Presets): Spread {
  if (typeof policy !== "object" || policy === null || Array.isArray(policy)) {
    return { fault: { path: "", remedy: "give an object" } };
  }
  const { preset, ...fields } = policy as Readonly<Record<string, unknown>>;
  if (!Object.hasOwn(policy, "preset")) return { policy: fields };
  if (typeof preset !== "string" || !Object.hasOwn(presets, preset)) {
    const remedy = `give one of ${Object.keys(presets).join(", ")}, or leave it out`;
    return { fault: { path: "/preset", remedy } };
  }
  return { policy: { ...presets[preset], ...fields } };
}

function policyIn(field: object, presets: Presets): unknown {
  const spread = withPreset(field, presets);
  return "policy" in spread ? spread.policy : undefined;
}

/** A field that holds a policy; each of its faults is an issue at its place. */
export const policyField = <T>(faultsOf: (policy: unknown) => readonly PolicyFault[]) =>
  z
    .custom<T>(
      (value) => typeof value === "object" && value !== null,
      "give an object with the fields of the policy",
    )
    .superRefine((value, context) => {
      for (const { path, remedy } of faultsOf(value)) {
        context.addIssue({ code: "custom", path: partsOf(path), message: remedy });
      }
    });

/** The parts of a JSON Pointer. */
const partsOf = (path: string): string[] =>
  path
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));

/** Schema of the Guardian's policy in a configuration. */
export const guardianPolicyField = policyField<GuardianPolicyField>(guardianFaults);
/** Schema of the wallet policy in a configuration. */
export const walletPolicyField = policyField<WalletPolicyField>(walletPolicyFaults);
