/** What each engine answers to malformed input, each in the form that it is given. */
import { evaluateTransaction, type RiskContext } from "@dgb-shield/quantum-wallet-guard";
import { cedarContext, createCedar } from "./cedar.js";
import { makeContexts, prepare } from "./contexts.js";
import { createJsonRules } from "./json-rules.js";

const HEALTHY: RiskContext = {
  ...makeContexts(1, 1)[0],
  sentinel_level: "normal",
  dqs_network_score: 0,
  adn_level: "normal",
  wallet_balance: "1000",
  tx_amount: "10",
  behaviour_score: 1,
  trusted_device: true,
  guardian_decision: "ALLOW",
};

/** By title: a field of the context and of what was prepared, and the value that it gets; undefined: none. */
const CASES: readonly (readonly [title: string, ours: string, theirs: string, value: unknown])[] = [
  ["Sentinel's level is missing", "sentinel_level", "sentinel_level", undefined],
  ["Sentinel's level is CRITICAL, in upper case", "sentinel_level", "sentinel_level", "CRITICAL"],
  ["the network score is NaN", "dqs_network_score", "score", NaN],
  ["the network score is a text", "dqs_network_score", "score", "0.95"],
  ["the amount is negative", "tx_amount", "amount", -5],
  ["the amount is null", "tx_amount", "amount", null],
  ["the balance is missing", "wallet_balance", "balance", undefined],
  ["trusted_device is the text false", "trusted_device", "trusted_device", "false"],
];

/** One row: what was wrong, and the answers. */
export type Row = Readonly<
  Record<"input" | "qwg" | "jsonRules" | "jsonRulesLenient" | "cedar" | "cedarSchema", string>
>;

/** All rows. */
export async function malformedTable(): Promise<Row[]> {
  const [strict, lenient] = [createJsonRules(), createJsonRules(true)];
  const [plain, checked] = [createCedar("without schema"), createCedar("with schema")];
  const prepared = prepare(HEALTHY);
  return Promise.all(
    CASES.map(async ([input, ours, theirs, value]) => {
      const facts = withField(prepared, theirs, value);
      const context = withField(cedarContext(prepared), theirs, value);
      return {
        input,
        qwg: describe(evaluateTransaction(withField(HEALTHY, ours, value))),
        jsonRules: await settled(strict(facts)),
        jsonRulesLenient: await settled(lenient(facts)),
        cedar: cedarText(() => plain(context)),
        cedarSchema: cedarText(() => checked(context)),
      };
    }),
  );
}

function withField(base: object, field: string, value: unknown): object {
  const rest = Object.entries(base).filter(([name]) => name !== field);
  return Object.fromEntries(value === undefined ? rest : [...rest, [field, value]]);
}

const describe = ({ decision, path = "" }: { decision: string; path?: string }): string =>
  `${decision} ${path}`.trim();

const settled = (answer: Promise<string>): Promise<string> => answer.catch(() => "throws");

function cedarText(ask: () => { decision: string; policyErrors: number }): string {
  try {
    const { decision, policyErrors } = ask();
    return policyErrors === 0 ? decision : `${decision} (${policyErrors} policies failed)`;
  } catch {
    return "throws";
  }
}
