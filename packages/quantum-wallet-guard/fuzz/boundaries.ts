/** Which boundaries a context stands at: counted, so that a run can show that it met them all. */
import type { RiskContext, WalletPolicy } from "../src/index.js";
import { besides, fraction, units } from "./generate.js";

type Case = readonly [context: RiskContext, policy: WalletPolicy];

/** Names of the boundaries, each with its sides. */
export const BOUNDARIES: readonly string[] = [
  ...sides("amount : balance", ["one unit below", "at", "one unit above"]),
  ...sides("amount : 99 % of balance", ["last unit below", "at", "first unit above"]),
  ...sides("amount : threshold_extra_auth", ["one unit below", "at", "one unit above"]),
  ...sides("amount : normal ratio", ["last unit below", "at", "first unit above"]),
  ...sides("amount : high ratio", ["last unit below", "at", "first unit above"]),
  ...sides("score : elevated", ["next double below", "at", "next double above"]),
  ...sides("score : high", ["next double below", "at", "next double above"]),
  ...sides("score : critical", ["next double below", "at", "next double above"]),
  ...sides("behaviour : maximum", ["next double below", "at", "next double above"]),
  ...sides("address age : minimum", ["a day below", "at", "a day above"]),
  ...sides("approval", ["given now", "a millisecond from now", "last valid", "first expired"]),
  ...sides("strong approvals : required", ["one below", "at", "one above"]),
];

/** The boundaries that one context meets. */
export function boundariesOf(context: RiskContext, policy: WalletPolicy): string[] {
  const amount = units(context.tx_amount);
  const balance = units(context.wallet_balance);
  const share = (name: string, ratio: string | number) => {
    const [n, d] = fraction(ratio);
    return shareSide(name, amount * d - balance * n, d);
  };
  return [
    step("amount : balance", amount - balance, "unit"),
    share("amount : 99 % of balance", "0.99"),
    step("amount : threshold_extra_auth", amount - units(policy.threshold_extra_auth), "unit"),
    share("amount : normal ratio", policy.max_tx_ratio_normal),
    share("amount : high ratio", policy.max_tx_ratio_high),
    double("score : elevated", context.dqs_network_score, policy.network_score_elevated),
    double("score : high", context.dqs_network_score, policy.network_score_high),
    double("score : critical", context.dqs_network_score, policy.network_score_critical),
    double("behaviour : maximum", context.behaviour_score, policy.max_behaviour_score),
    ...ages(context, policy),
    ...approvals([context, policy]),
  ].filter((name) => name !== "");
}

function sides(name: string, which: readonly string[]): string[] {
  return which.map((side) => `${name}, ${side}`);
}

function step(name: string, difference: bigint, unit: string): string {
  if (difference === 0n) return `${name}, at`;
  if (difference === 1n) return `${name}, one ${unit} above`;
  return difference === -1n ? `${name}, one ${unit} below` : "";
}

/** Less than a unit from the boundary; `unit` is one unit on the scale of `difference`. */
function shareSide(name: string, difference: bigint, unit: bigint): string {
  if (difference === 0n) return `${name}, at`;
  if (difference > 0n) return difference <= unit ? `${name}, first unit above` : "";
  return -difference <= unit ? `${name}, last unit below` : "";
}

function double(name: string, value: number, threshold: string | number): string {
  const at = Number(threshold);
  if (value === at) return `${name}, at`;
  const neighbours = besides(at);
  if (!neighbours.includes(value)) return "";
  return `${name}, next double ${value < at ? "below" : "above"}`;
}

function ages({ address_age_days: age }: RiskContext, policy: WalletPolicy): string[] {
  const minimum = policy.min_address_age_days;
  if (minimum === 0 || age === undefined || age === null || Math.abs(age - minimum) > 1) return [];
  const side = age === minimum ? "at" : age < minimum ? "a day below" : "a day above";
  return [`address age : minimum, ${side}`];
}

function approvals([context, policy]: Case): string[] {
  const { created_at: now, approvals: given = [], binds } = context;
  if (now === undefined) return [];
  const valid = policy.approval_valid_seconds * 1_000;
  const bound = given.filter((approval) => approval.binds === binds);
  const moments = bound.map(({ approved_at_ms: at }) => {
    if (at === now) return "given now";
    if (at === now + 1) return "a millisecond from now";
    if (valid > 0 && now - at === valid - 1) return "last valid";
    return valid > 0 && now - at === valid ? "first expired" : "";
  });
  const strong = bound.filter((a) => a.method !== "confirmation" && a.approved_at_ms === now);
  const people = new Set(strong.map((a) => a.approver)).size - policy.required_approvals;
  const count = Math.abs(people) > 1 ? "" : ["one below", "at", "one above"][people + 1]!;
  return [
    ...moments.filter((name) => name !== "").map((name) => `approval, ${name}`),
    ...(count === "" ? [] : [`strong approvals : required, ${count}`]),
  ];
}
