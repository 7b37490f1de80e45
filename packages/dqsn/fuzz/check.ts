/** What must hold for every input, whatever it is. */
import {
  canonicalize,
  type DqsnResponse,
  envelopeSchema,
  type EnvelopeDecision,
} from "@dgb-shield/contract";
import type { DqsnConfig } from "../src/evaluate/config.js";
import { createDqsn } from "../src/evaluate/index.js";
import { referenceEvaluation } from "./reference-evaluation.js";

const CONFIGS: readonly DqsnConfig[] = [
  {},
  { forward: "digest" },
  { invalid_signal_policy: "count_as_block" },
  { invalid_signal_policy: "count_as_block", allowed_components: ["adn", "sentinel"] },
];
const EVALUATORS = CONFIGS.map((config) => ({ config, dqsn: createDqsn(config) }));
const upstream = createDqsn();

/**
 * Checks one input under one of the configurations.
 *
 * @returns the decision
 * @throws Error that names what does not hold
 */
export function check(input: string | Uint8Array, turn: number): EnvelopeDecision {
  const { config, dqsn } = EVALUATORS[turn % EVALUATORS.length]!;
  const response = dqsn.evaluateText(input);
  const expected = referenceEvaluation(config, input);
  if (canonicalize(response) !== canonicalize(expected)) {
    throw new Error(`answered ${JSON.stringify(response)}, not ${JSON.stringify(expected)}`);
  }
  if (turn % 16 === 0) checkClosure(response);
  return response.decision;
}

/** Checks that the response is a valid signal, and as one evaluates to the same. */
function checkClosure(response: DqsnResponse): void {
  envelopeSchema.parse(response);
  const next = upstream.evaluate({
    contract_version: 3,
    component: "dqsn",
    request_id: "next",
    signals: [response],
  });
  const expected = response.decision === "ERROR" ? "BLOCK" : response.decision;
  const isSame = next.decision === expected && next.risk.score === response.risk.score;
  if (!isSame) throw new Error(`as a signal, ${response.decision} became ${next.decision}`);
}
