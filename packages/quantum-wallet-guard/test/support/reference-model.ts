/**
 * The rules again, from the documents alone: rationals of bigints, no code of `src/`. A number is
 * read from its decimal text into numerator and denominator.
 */
type Rational = readonly [numerator: bigint, denominator: bigint];
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- it reads contexts and policies of any make
type Fields = Record<string, any>;

const LEVELS = ["normal", "elevated", "high", "critical"];
const OF_ADVISORY: Record<string, number> = {
  NORMAL: 0,
  UNKNOWN: 1,
  ELEVATED: 1,
  CRITICAL_LOCAL: 1,
  CRITICAL_GLOBAL: 3,
};

function rational(value: string | number): Rational {
  const [mantissa = "", exponent = "0"] = String(value).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const shift = BigInt(Number(exponent) - fraction.length);
  const digits = BigInt(whole + fraction);
  return shift >= 0n ? [digits * 10n ** shift, 1n] : [digits, 10n ** -shift];
}
const times = (a: Rational, b: Rational): Rational => [a[0] * b[0], a[1] * b[1]];
const atLeast = (a: Rational, b: Rational): boolean => a[0] * b[1] >= b[0] * a[1];
const above = (a: Rational, b: Rational): boolean => a[0] * b[1] > b[0] * a[1];

/** Spellings that the generators use, and whose they are. */
const PEOPLE: Record<string, string> = { Ann: "ann", ANN: "ann", aNn: "ann" };

function isTimely(approval: Fields, context: Fields, policy: Fields): boolean {
  const valid = BigInt(policy["approval_valid_seconds"] ?? 0) * 1000n;
  if (context["created_at"] === undefined) return valid === 0n;
  const age = BigInt(context["created_at"]) - BigInt(approval["approved_at_ms"]);
  return age >= 0n && (valid === 0n || age < valid);
}

/** The reason id of a well-formed context under a complete policy. */
export function expectedReason(context: Fields, policy: Fields): string {
  const score = rational(context["dqs_network_score"]);
  const sentinel = LEVELS.indexOf(context["sentinel_level"]);
  const adn = LEVELS.indexOf(context["adn_level"]);
  const byScore = ["elevated", "high", "critical"].filter((level) =>
    atLeast(score, rational(policy[`network_score_${level}`])),
  ).length;
  const worst = Math.max(sentinel, adn, byScore, OF_ADVISORY[context["dqs_advisory"]] ?? 0);
  const amount = rational(context["tx_amount"]);
  const balance = rational(context["wallet_balance"]);
  const valid = (context["approvals"] ?? []).filter(
    (a: Fields) => a["binds"] === context["binds"] && isTimely(a, context, policy),
  );
  const strong = valid.filter((a: Fields) => a["method"] !== "confirmation");
  const strongPeople = new Set(strong.map((a: Fields) => PEOPLE[a["approver"]] ?? a["approver"]))
    .size;

  if (sentinel === 3 || adn === 3) return "QWG_CRITICAL_CHAIN_OR_NODE_RISK";
  if (["FREEZE", "REJECT"].includes(context["guardian_decision"])) return "QWG_GUARDIAN_BLOCK";
  if (worst > LEVELS.indexOf(policy["max_allowed_risk"])) return "QWG_POLICY_MAX_RISK_EXCEEDED";
  if (context["guardian_decision"] === "DELAY") return "QWG_GUARDIAN_DELAY";
  if (above(amount, balance)) return "QWG_AMOUNT_EXCEEDS_BALANCE";
  if (policy["block_full_balance_tx"] && atLeast(amount, times([99n, 100n], balance))) {
    return "QWG_FULL_BALANCE_WIPE";
  }
  const large = atLeast(amount, rational(policy["threshold_extra_auth"]));
  if (large && strongPeople < policy["required_approvals"]) return "QWG_EXTRA_AUTH_THRESHOLD";
  if (valid.length > 0) return "QWG_ALLOW";
  const ratio = policy[worst >= 2 ? "max_tx_ratio_high" : "max_tx_ratio_normal"];
  if (above(amount, times(rational(ratio), balance))) {
    return worst >= 2 ? "QWG_RATIO_HIGH_RISK" : "QWG_RATIO_NORMAL";
  }
  if (above(rational(context["behaviour_score"]), rational(policy["max_behaviour_score"]))) {
    return "QWG_BEHAVIOUR_OR_DEVICE";
  }
  if (policy["require_trusted_device"] && !context["trusted_device"]) {
    return "QWG_BEHAVIOUR_OR_DEVICE";
  }
  const age = context["address_age_days"] ?? 0;
  return age < policy["min_address_age_days"] ? "QWG_NEW_ADDRESS" : "QWG_ALLOW";
}
