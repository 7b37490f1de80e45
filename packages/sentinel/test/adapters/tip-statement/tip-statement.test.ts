/** The signed statement "which tip", and what its verifier refuses. */
import { digibyte, litecoinRegtest } from "@dgb-shield/chain";
import {
  createLocalSigner,
  generateKeyPair,
  type KeyringFile,
  parseKeyring,
  preAuthEncoding,
  signDocument,
} from "@dgb-shield/contract/signing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createFleet,
  type FleetReport,
  MAX_STATED_FINDINGS,
  TIP_STATEMENT_CODES,
  type TipStatement,
  tipStatementOf,
  tipStatementSchema,
} from "../../../src/index.js";
import {
  DEFAULT_MAX_STATEMENT_AGE_MS,
  signTipStatement,
  TIP_STATEMENT_TYPE,
  type TipStatementTrust,
  verifyTipStatement,
} from "../../../src/adapters/tip-statement/index.js";
import { branchOf, observation, START_S } from "../../support/chain.js";

const pairFrom = (keyId: string, byte: number) =>
  generateKeyPair(keyId, (length) => new Uint8Array(length).fill(byte++));
const ALPHA = pairFrom("alpha", 1);
const BETA = pairFrom("beta", 11);
const signer = createLocalSigner(ALPHA.secret_keys);
const NOW = (START_S + 10_000) * 1_000;

type KeyEntry = KeyringFile["keys"][number];
const entry = (change: Partial<KeyEntry> = {}): KeyEntry => ({
  ...{ key_id: "alpha", operator: "exchange", components: ["tip_statement"] },
  ...{ public_keys: ALPHA.public_keys, revoked: false },
  ...{ not_before_ms: NOW - 86_400_000, not_after_ms: NOW + 86_400_000 },
  ...change,
});
const keysOf = (...keys: KeyEntry[]) => parseKeyring({ keyring_version: 1, keys });

/** Two nodes on one branch and one on another, at `NOW`. */
function apart(): FleetReport {
  const fleet = createFleet({ chain: digibyte, nodes: ["a", "b", "c"] });
  const [long, short] = [
    branchOf("a", 1, 9),
    [...branchOf("a", 1, 3), ...branchOf("b", 4, 7, "a")],
  ];
  const seen = (node_id: string, blocks: typeof long, software: string) =>
    observation(blocks, { node_id, at_ms: NOW, version: 2, node: { software } });
  return fleet.observe([
    seen("a", long, "/DigiByte:9.26.5/"),
    seen("b", long, "/DigiByte:9.26.5/"),
    seen("c", short, "/DigiByte:8.22.0/"),
  ]);
}

const OPTIONS = { operator: "exchange", chain: digibyte };
const statement = (change: Partial<TipStatement> = {}): TipStatement => ({
  ...tipStatementOf(apart(), OPTIONS)!,
  ...change,
});

const trust = (change: Partial<TipStatementTrust> = {}): TipStatementTrust => ({
  ...{ keys: keysOf(entry()), now_ms: NOW + 1_000 },
  ...change,
});

const text = async (change: Partial<TipStatement> = {}): Promise<string> =>
  JSON.stringify(await signTipStatement(statement(change), signer));

const verdict = (input: string | Uint8Array, change: Partial<TipStatementTrust> = {}): string => {
  const answer = verifyTipStatement(input, trust(change));
  return answer.accepted ? "accepted" : `${answer.code} ${answer.path}`.trim();
};

/** An envelope over any text, signed in good faith. */
async function signedText(payload: string): Promise<string> {
  const bytes = Buffer.from(payload);
  const { ed25519, ml_dsa_65 } = await signer.sign(preAuthEncoding(TIP_STATEMENT_TYPE, bytes));
  const base64 = (part: Uint8Array) => Buffer.from(part).toString("base64");
  return JSON.stringify({
    payloadType: TIP_STATEMENT_TYPE,
    payload: base64(bytes),
    signatures: [
      { keyid: "alpha#ed25519", sig: base64(ed25519) },
      { keyid: "alpha#ml-dsa-65", sig: base64(ml_dsa_65) },
    ],
  });
}

describe("tipStatementOf", () => {
  it("names the tip, who follows it with versions, every other branch with its fork, and the findings", () => {
    const made = statement();
    expect(made).toMatchObject({
      ...{ operator: "exchange", chain: "digibyte", genesis_hash: digibyte.genesis?.hash },
      ...{ stated_at_ms: NOW, tip: { height: 9, chainwork: null } },
      nodes: [
        { node_id: "a", software: "/DigiByte:9.26.5/", height: 9, is_watched: true },
        { node_id: "b", height: 9 },
      ],
      branches: [
        {
          fork_height: 3,
          tip: { height: 7 },
          nodes: [{ node_id: "c", software: "/DigiByte:8.22.0/" }],
        },
      ],
      findings_left_out: 0,
    });
    expect(made.findings).toContainEqual({
      ...{ node_id: "a", finding_id: "block_stall:9" },
      severity: expect.any(Number) as number,
    });
    expect(made.findings.map(({ finding_id }) => finding_id.split(":")[0])).toContain(
      "tip_divergence",
    );
  });

  it("has nothing to state before a node has shown its tip, and lists the worst findings alone", () => {
    const report = apart();
    expect(tipStatementOf({ ...report, branches: [] }, OPTIONS)).toBeUndefined();
    const one = report.findings[0]!;
    const many = Array.from({ length: 300 }, (_, i) => ({
      ...one,
      ...{ finding_id: `x:${i}`, severity: i / 300 },
    }));
    const made = tipStatementOf({ ...report, findings: many }, OPTIONS)!;
    expect(made.findings).toHaveLength(MAX_STATED_FINDINGS);
    const listed = 300 + report.reports.flatMap(({ findings }) => findings).length;
    expect(made.findings_left_out).toBe(listed - MAX_STATED_FINDINGS);
    expect(made.findings[0]!.finding_id).toBe("x:299");
  });

  it("is made of the chain of the report, by a name", () => {
    expect(() => tipStatementOf(apart(), { ...OPTIONS, chain: litecoinRegtest })).toThrow(
      RangeError,
    );
    expect(() => tipStatementOf(apart(), { ...OPTIONS, operator: "" })).toThrow(/\/operator/);
  });
});

describe("tipStatementSchema", () => {
  it.each([
    [
      "a node on two branches",
      { branches: [{ ...statement().branches[0]!, nodes: statement().nodes }] },
    ],
    [
      "two branches of one tip",
      { branches: [{ ...statement().branches[0]!, tip: statement().tip }] },
    ],
    ["a fork above the tip", { branches: [{ ...statement().branches[0]!, fork_height: 7 }] }],
    ["no node", { nodes: [] }],
    ["another version", { statement_version: 2 }],
    ["a further field", { extra: 1 }],
  ])("refuses %s", (_, change) => {
    expect(tipStatementSchema.safeParse({ ...statement(), ...change }).success).toBe(false);
  });
});

describe("verifyTipStatement", () => {
  it("accepts what was signed, as text and as bytes, until it is too old", async () => {
    const signed = await text();
    expect(verifyTipStatement(signed, trust({ chain: digibyte }))).toEqual({
      ...{ accepted: true, key_id: "alpha", age_ms: 1_000 },
      statement: statement(),
    });
    expect(verdict(Buffer.from(signed))).toBe("accepted");
    expect(verdict(signed, { now_ms: NOW + DEFAULT_MAX_STATEMENT_AGE_MS })).toBe("accepted");
    expect(verdict(signed, { now_ms: NOW - 2_000 })).toBe("accepted");
  });

  it.each<[string, Partial<TipStatementTrust>, string]>([
    ["an unknown key", { keys: new Map() }, "unknown_key /signatures/0/keyid"],
    [
      "another key of that id",
      { keys: keysOf(entry({ public_keys: BETA.public_keys })) },
      "bad_signature /signatures/0/sig",
    ],
    [
      "another post-quantum key",
      {
        keys: keysOf(
          entry({ public_keys: { ...ALPHA.public_keys, ml_dsa_65: BETA.public_keys.ml_dsa_65 } }),
        ),
      },
      "bad_signature /signatures/1/sig",
    ],
    [
      "a revoked key",
      { keys: keysOf(entry({ revoked: true })) },
      "key_not_allowed /signatures/0/keyid",
    ],
    [
      "a key that has ended",
      { keys: keysOf(entry({ not_after_ms: NOW })) },
      "key_not_allowed /signatures/0/keyid",
    ],
    [
      "a key of another role",
      { keys: keysOf(entry({ components: ["sentinel"] })) },
      "key_not_allowed /signatures/0/keyid",
    ],
    [
      "another operator's key",
      { keys: keysOf(entry({ operator: "miner" })) },
      "other_operator /payload/operator",
    ],
    ["another chain", { chain: litecoinRegtest }, "other_chain /payload/chain"],
    [
      "another chain of that name",
      { chain: { ...litecoinRegtest, name: "digibyte" } },
      "other_chain /payload/chain",
    ],
    ["a date ahead", { now_ms: NOW - 2_001 }, "dated_in_future /payload/stated_at_ms"],
    [
      "an old one",
      { now_ms: NOW + DEFAULT_MAX_STATEMENT_AGE_MS + 1 },
      "stale /payload/stated_at_ms",
    ],
    ["an age that it is above", { max_age_ms: 999 }, "stale /payload/stated_at_ms"],
    ["no time", { now_ms: Number.NaN }, "invalid_options"],
    ["no age", { max_age_ms: Number.NaN }, "invalid_options"],
    ["an age of nothing", { max_age_ms: 0 }, "invalid_options"],
    ["no keys", { keys: {} as never }, "invalid_options"],
  ])("refuses %s", async (_, change, code) => {
    expect(verdict(await text(), change)).toBe(code);
  });

  it.each([
    ["duplicate keys", (good: string) => good.replace('{"branches"', '{"chain":"x","branches"')],
    ["text that is not canonical", (good: string) => `${good} `],
    ["a field more", (good: string) => good.replace('"operator"', '"nonce":1,"operator"')],
    ["a field less", (good: string) => good.replace(/"level":"[a-z]+",/, "")],
    [
      "another version",
      (good: string) => good.replace('"statement_version":1', '"statement_version":2'),
    ],
    ["a prototype", (good: string) => good.replace('{"branches"', '{"__proto__":{},"branches"')],
  ])("refuses %s, though it is signed", async (_, change) => {
    const envelope = JSON.parse(await text()) as { payload: string };
    const good = Buffer.from(envelope.payload, "base64").toString();
    expect(verdict(await signedText(good))).toBe("accepted");
    expect(change(good)).not.toBe(good);
    expect(verdict(await signedText(change(good)))).toMatch(/^malformed \/payload/);
  });

  it("refuses signatures of two keys, one alone, one twice, swapped ones, and a document of another kind", async () => {
    const good = JSON.parse(await text()) as { signatures: { keyid: string; sig: string }[] };
    const [ed, ml] = good.signatures as [
      { keyid: string; sig: string },
      { keyid: string; sig: string },
    ];
    const keys = keysOf(entry(), entry({ key_id: "beta", public_keys: BETA.public_keys }));
    const of = (...signatures: object[]) =>
      verdict(JSON.stringify({ ...good, signatures }), { keys });
    expect(of(ed, { ...ml, keyid: "beta#ml-dsa-65" })).toMatch(/^malformed/);
    expect(of({ ...ed, keyid: "beta#ed25519" }, { ...ml, keyid: "beta#ml-dsa-65" })).toMatch(
      /^bad_signature/,
    );
    expect(of(ed)).toMatch(/^malformed/);
    expect(of(ed, ed)).toMatch(/^malformed/);
    expect(of(ed, ml, ml)).toMatch(/^malformed/);
    expect(of({ ...ed, sig: ml.sig }, { ...ml, sig: ed.sig })).toMatch(/^bad_signature/);
    const other = { payload_type: `${TIP_STATEMENT_TYPE}x`, document: statement() };
    expect(verdict(JSON.stringify(await signDocument(other, signer)))).toBe(
      "malformed /payloadType",
    );
  });

  it("refuses oversized and foreign texts", async () => {
    const signed = await text();
    expect(verdict(`${signed}${" ".repeat(512_000)}`)).toBe("malformed");
    expect(verdict(signed.replace("{", '{"payload":"",'))).toBe("malformed /payload");
    for (const input of ["", "null", "[]", "{}", "\u0000", "\ufeff{}"]) {
      expect(verdict(input)).toMatch(/^malformed/);
    }
    expect(verdict(42 as never)).toMatch(/^malformed/);
  });

  it("refuses whatever single byte is changed", async () => {
    const bytes = Buffer.from(await text());
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= flip;
        const answer = verifyTipStatement(changed, trust());
        expect(answer.accepted).toBe(false);
        if (!answer.accepted) expect(TIP_STATEMENT_CODES).toContain(answer.code);
      }),
      { numRuns: 1_500 },
    );
  });

  it("refuses whatever field of the statement is swapped or changed under the same signatures", async () => {
    const good = JSON.parse(await text()) as { payload: string };
    const payload = JSON.parse(Buffer.from(good.payload, "base64").toString()) as TipStatement;
    const swapped = {
      ...payload,
      tip: payload.branches[0]!.tip,
      nodes: payload.branches[0]!.nodes,
    };
    for (const changed of [
      { ...swapped, branches: [{ fork_height: 3, tip: payload.tip, nodes: payload.nodes }] },
      { ...payload, stated_at_ms: NOW + 1 },
      { ...payload, findings: [] },
    ]) {
      const forged = { ...good, payload: Buffer.from(JSON.stringify(changed)).toString("base64") };
      expect(verdict(JSON.stringify(forged))).toMatch(/^bad_signature/);
    }
  });

  it("never throws, whatever comes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (input) => {
        expect(verifyTipStatement(input, trust()).accepted).toBe(false);
      }),
    );
    expect(verifyTipStatement("{}", {} as TipStatementTrust)).toMatchObject({
      code: "invalid_options",
    });
  });
});
