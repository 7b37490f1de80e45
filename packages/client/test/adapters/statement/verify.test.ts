/** The verifier of statements of the tip, without the package that makes them. */
import {
  createLocalSigner,
  generateKeyPair,
  type KeyringFile,
  parseKeyring,
  signDocument,
} from "@dgb-shield/contract/signing";
import { describe, expect, it } from "vitest";
import {
  TIP_STATEMENT_CODES,
  type TipStatement,
  type TipStatementTrust,
  verifyTipStatement,
} from "../../../src/adapters/statement/index.js";

const pairFrom = (keyId: string, byte: number) =>
  generateKeyPair(keyId, (length) => new Uint8Array(length).fill(byte++));
const [ALPHA, BETA] = [pairFrom("alpha", 1), pairFrom("beta", 11)];
const NOW = Date.UTC(2026, 0, 1);
const TYPE = "application/vnd.dgb-shield.tip.v1+json";

type KeyEntry = KeyringFile["keys"][number];
const entry = (change: Partial<KeyEntry> = {}): KeyEntry => ({
  ...{ key_id: "alpha", operator: "exchange", components: ["tip_statement"] },
  ...{ public_keys: ALPHA.public_keys, revoked: false },
  ...{ not_before_ms: NOW - 86_400_000, not_after_ms: NOW + 86_400_000 },
  ...change,
});
const keysOf = (...keys: KeyEntry[]) => parseKeyring({ keyring_version: 1, keys });

const node = (node_id: string) => ({ node_id, software: null, height: 9, is_watched: true });
const STATEMENT: TipStatement = {
  ...{
    statement_version: 1,
    operator: "exchange",
    chain: "digibyte",
    genesis_hash: "0a".repeat(32),
  },
  ...{ stated_at_ms: NOW, level: "normal" },
  tip: { hash: "1a".repeat(32), height: 9, chainwork: null },
  nodes: [node("a"), node("b")],
  branches: [
    {
      fork_height: 7,
      tip: { hash: "2a".repeat(32), height: 8, chainwork: null },
      nodes: [node("c")],
    },
  ],
  findings: [{ finding_id: "reorg:1", node_id: null, severity: 0.7 }],
  findings_left_out: 0,
};

const signed = async (
  change: object = {},
  { pair = ALPHA, payload_type = TYPE } = {},
): Promise<string> =>
  JSON.stringify(
    await signDocument(
      { payload_type, document: { ...STATEMENT, ...change } },
      createLocalSigner(pair.secret_keys),
    ),
  );

const verdict = (text: string | Uint8Array, change: Partial<TipStatementTrust> = {}) => {
  const answer = verifyTipStatement(text, {
    keys: keysOf(entry()),
    now_ms: NOW + 1_000,
    ...change,
  });
  return answer.accepted ? "accepted" : answer.code;
};

describe("verifyTipStatement", () => {
  it("gives the statement, whose key signed it, and how old it is", async () => {
    const chain = { name: "digibyte", genesis_hash: "0a".repeat(32) };
    const trust = { keys: keysOf(entry()), now_ms: NOW + 1_000, chain };
    expect(verifyTipStatement(await signed(), trust)).toEqual({
      ...{ accepted: true, statement: STATEMENT, key_id: "alpha", age_ms: 1_000 },
    });
    expect(verdict(Buffer.from(await signed()))).toBe("accepted");
  });

  it("refuses what is not to be believed, each with its code", async () => {
    const text = await signed();
    const cases: [string, string, Partial<TipStatementTrust>?][] = [
      ["malformed", "{}"],
      ["malformed", text.slice(0, -1)],
      ["malformed", await signed({}, { payload_type: "application/vnd.other.v1+json" })],
      ["malformed", await signed({ statement_version: 2 })],
      ["malformed", await signed({ more: 1 })],
      ["malformed", await signed({ branches: [{ ...STATEMENT.branches[0], fork_height: 8 }] })],
      ["malformed", await signed({ branches: [{ ...STATEMENT.branches[0], nodes: [node("a")] }] })],
      ["malformed", await signed({ branches: [{ ...STATEMENT.branches[0], tip: STATEMENT.tip }] })],
      ["unknown_key", await signed({}, { pair: BETA })],
      ["key_not_allowed", text, { keys: keysOf(entry({ components: ["dqsn"] })) }],
      ["key_not_allowed", text, { keys: keysOf(entry({ revoked: true })) }],
      ["key_not_allowed", text, { keys: keysOf(entry({ not_after_ms: NOW })) }],
      ["bad_signature", text, { keys: keysOf(entry({ public_keys: BETA.public_keys })) }],
      ["other_operator", await signed({ operator: "other" })],
      ["other_chain", text, { chain: { name: "litecoin", genesis_hash: "0a".repeat(32) } }],
      ["other_chain", text, { chain: { name: "digibyte", genesis_hash: null } }],
      ["dated_in_future", text, { now_ms: NOW - 2_001 }],
      ["stale", text, { now_ms: NOW + 3_600_001 }],
      ["stale", text, { max_age_ms: 999 }],
      ["invalid_options", text, { now_ms: Number.NaN }],
      ["invalid_options", text, { max_age_ms: Number.NaN }],
      ["invalid_options", text, { max_age_ms: 0 }],
      ["invalid_options", text, { keys: {} as never }],
    ];
    for (const [code, given, trust] of cases) expect(verdict(given, trust)).toBe(code);
    expect(new Set(cases.map(([code]) => code))).toEqual(new Set(TIP_STATEMENT_CODES));
  });
});
