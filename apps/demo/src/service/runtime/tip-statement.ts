/** States and signs which tip the site follows (design, section 5), where its nodes can be relied on. */
import type { DsseEnvelope } from "@dgb-shield/contract/signing";
import { tipStatementOf } from "@dgb-shield/sentinel";
import { signTipStatement } from "@dgb-shield/sentinel/tip-statement";
import { readSigningKey, type SigningKey } from "../../cli/tip/key-file.js";
import type { Decider, Overview } from "../../pipeline/index.js";
import type { ServiceConfig } from "../config/service-config.js";
import type { NoTipStatement, Service, TipKey } from "../service.js";
import { ServiceError } from "./errors.js";
import { isBlind } from "./status.js";

/** By how much a report may be ahead of this clock, in milliseconds: as a verifier takes it. */
const SKEW_MS = 2_000;

/** What statements are made of. */
export type TipStatementParts = Readonly<{
  config: Pick<ServiceConfig, "chain" | "recording" | "max_report_age_ms">;
  /** The key that signs; null: none is configured. */
  key: SigningKey | null;
  decider: Pick<Decider, "overview">;
  clock: () => number;
  log: (text: string) => void;
}>;

/**
 * Reads the key of statements; null where none is configured.
 *
 * @throws ServiceError `bad_tip_key`, with what to do
 */
export function tipKeyOf({
  tip_statement,
  operator,
}: Pick<ServiceConfig, "tip_statement" | "operator">): SigningKey | null {
  if (tip_statement === null) return null;
  const bad = (detail: string, cause?: unknown): ServiceError =>
    new ServiceError("bad_tip_key", `cannot use the key of tip statements: ${detail}`, cause);
  let key: SigningKey;
  try {
    key = readSigningKey(tip_statement.key_file);
  } catch (error) {
    throw bad(error instanceof Error ? error.message : String(error), error);
  }
  if (key.operator === operator) return key;
  throw bad(
    `it is of the operator ${key.operator}: make one with shield tip keygen --operator ${operator}`,
  );
}

/** Makes the methods that give statements, and the key that signs them. */
export function createTipStatements(
  parts: TipStatementParts,
): Pick<Service, "tipStatement" | "tipKey"> {
  const { config, key, decider, clock, log } = parts;
  let last: Readonly<{ text: string; signed: Promise<DsseEnvelope> }> | undefined;

  /** Signs what was not signed last: until the nodes are polled again the statement is the same. */
  function signed(statement: object, by: SigningKey): Promise<DsseEnvelope> {
    const text = JSON.stringify(statement);
    if (last?.text === text) return last.signed;
    const signing = signTipStatement(
      statement as Parameters<typeof signTipStatement>[0],
      by.signer,
    );
    last = { text, signed: signing };
    signing.catch(() => (last = undefined));
    return signing;
  }

  async function tipStatement(): Promise<DsseEnvelope | NoTipStatement> {
    if (key === null) return none("no_tip_key", "tip_statement is not configured");
    // A recording shows another time, whatever it shows.
    if (config.recording !== null) return none("tip_unknown", "a recording is played");
    const overview = await decider.overview();
    const doubt = doubtOf(overview, clock(), config.max_report_age_ms);
    if (doubt !== null) return none("tip_unknown", doubt);
    const { together } = overview;
    const { operator } = key;
    const statement = together && tipStatementOf(together, { operator, chain: config.chain });
    if (!statement) return none("tip_unknown", "no own node has shown a chain yet");
    try {
      return await signed(statement, key);
    } catch (error) {
      log(
        `the tip statement was not signed: ${error instanceof Error ? error.message : String(error)}`,
      );
      return none("tip_not_signed", "the key did not sign");
    }
  }

  return {
    tipStatement,
    tipKey: () => key && publicHalf(key),
  };
}

/** Why what the nodes show cannot be relied on; null where it can. */
function doubtOf(
  { veto, together, inputs }: Overview,
  nowMs: number,
  mostMs: number,
): string | null {
  if (isBlind(veto)) return `the service is blind: ${String(veto)}`;
  if (together === null) return "no own node has shown a chain yet";
  const age = nowMs - together.observed_at_ms;
  if (age > mostMs) return `the nodes were heard ${age} ms ago`;
  if (age < -SKEW_MS) return `what the nodes showed is ${-age} ms ahead of this clock`;
  const fresh = new Set(inputs.sources.filter((one) => one.fresh).map(({ node_id }) => node_id));
  const [main] = together.branches;
  const isHeard = main?.nodes.some((node) => node.is_watched && fresh.has(node.node_id)) ?? false;
  return isHeard ? null : "no own node on the chain of most work has a fresh report";
}

const none = (no_statement: NoTipStatement["no_statement"], detail: string): NoTipStatement => ({
  no_statement,
  detail,
});

const publicHalf = ({ operator, key_id, public_keys }: SigningKey): TipKey => ({
  operator,
  key_id,
  public_keys,
});
