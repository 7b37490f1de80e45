/** The seven rules in Cedar: forbids beside one permit; of the forbids that hold, the first rule decides. */
import {
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  type StatefulAuthorizationCall,
} from "@cedar-policy/cedar-wasm/nodejs";

const HIGH = `(context.sentinel_level == "high" || context.adn_level == "high" || context.score >= 6000)`;
const LAYERS_CRITICAL = `context.sentinel_level == "critical" || context.adn_level == "critical"`;
const REFUSED = `context.guardian_decision == "FREEZE" || context.guardian_decision == "REJECT"`;

const FORBIDS: readonly (readonly [id: string, decision: string, when: string])[] = [
  ["r1", "block", `${LAYERS_CRITICAL} || ${REFUSED}`],
  ["r2", "delay", `context.score >= 9000 || context.guardian_decision == "DELAY"`],
  [
    "r3",
    "block",
    "context.amount > context.balance || context.amount * 100 >= context.balance * 99",
  ],
  ["r4", "require_extra_auth", "context.amount >= 1000000000000"],
  [
    "r5",
    "warn",
    `(${HIGH} && context.amount * 10 > context.balance) || (!${HIGH} && context.amount * 10 > context.balance * 5)`,
  ],
  ["r6", "warn", "context.behaviour > 15000 || !context.trusted_device"],
];
const DECISIONS = new Map(FORBIDS.map(([id, decision]) => [id, decision]));
const FIELDS = {
  sentinel_level: "String",
  adn_level: "String",
  guardian_decision: "String",
  score: "Long",
  behaviour: "Long",
  trusted_device: "Bool",
  amount: "Long",
  balance: "Long",
};
const SCHEMA = `entity Wallet; action sign appliesTo { principal: Wallet, resource: Wallet, context: { ${Object.entries(
  FIELDS,
)
  .map(([name, type]) => `${name}: ${type}`)
  .join(", ")} } };`;
const WALLET = { type: "Wallet", id: "hot" };

/**
 * An authorizer with the rules, parsed once.
 *
 * @param schema with a schema, requests are validated against it first
 * @returns the decision, `errors` where Cedar refused the request, and whether a policy failed while it ran
 */
export function createCedar(
  schema: "with schema" | "without schema",
): (context: object) => Readonly<{ decision: string; policyErrors: number }> {
  const forbids = FORBIDS.map(([id, , when]) => [
    id,
    `forbid(principal, action, resource) when { ${when} };`,
  ]);
  const permit = ["r7", "permit(principal, action, resource);"];
  const staticPolicies = Object.fromEntries([...forbids, permit]) as Record<string, string>;
  must(preparsePolicySet("qwg", { staticPolicies }));
  must(preparseSchema("qwg", SCHEMA));
  const call = {
    principal: WALLET,
    action: { type: "Action", id: "sign" },
    resource: WALLET,
    preparsedPolicySetId: "qwg",
    entities: [],
    ...(schema === "with schema" && { preparsedSchemaName: "qwg", validateRequest: true }),
  };
  return (context) => {
    const answer = statefulIsAuthorized({ ...call, context } as StatefulAuthorizationCall);
    if (answer.type === "failure") return { decision: "error", policyErrors: 0 };
    const { decision, diagnostics } = answer.response;
    const policyErrors = diagnostics.errors.length;
    if (decision === "allow") return { decision, policyErrors };
    const [first = ""] = [...diagnostics.reason].sort();
    return { decision: DECISIONS.get(first) ?? "deny", policyErrors };
  };
}

/** The fields that the schema names, out of what was prepared. */
export const cedarContext = (prepared: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.keys(FIELDS).map((name) => [name, prepared[name]]));

function must(answer: { type: string }): void {
  if (answer.type !== "success") throw new Error(JSON.stringify(answer));
}
