/** The client verifies statements of the tip without Sentinel: both verifiers answer every statement alike. */
import { litecoin } from "@dgb-shield/chain";
import {
  TIP_STATEMENT_CODES as CLIENT_CODES,
  verifyTipStatement as verifyByClient,
} from "@dgb-shield/client/statement";
import {
  createLocalSigner,
  generateKeyPair,
  parseKeyring,
  signDocument,
} from "@dgb-shield/contract/signing";
import { TIP_STATEMENT_CODES } from "@dgb-shield/sentinel";
import {
  TIP_STATEMENT_TYPE,
  verifyTipStatement as verifyBySentinel,
} from "@dgb-shield/sentinel/tip-statement";
import { describe, expect, it } from "vitest";

const NOW = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const PAIR = generateKeyPair("alpha", (length) => new Uint8Array(length).fill(7));
const keys = parseKeyring({
  keyring_version: 1,
  keys: [
    {
      ...{ key_id: "alpha", operator: "exchange", components: ["tip_statement"], revoked: false },
      ...{ public_keys: PAIR.public_keys, not_before_ms: NOW - DAY_MS, not_after_ms: NOW + DAY_MS },
    },
  ],
});
const genesis_hash = litecoin.genesis?.hash ?? null;

const node = (node_id: string) => ({ node_id, software: null, height: 9, is_watched: true });
const tip = (byte: string, height: number) => ({ hash: byte.repeat(32), height, chainwork: null });
const branch = { fork_height: 7, tip: tip("2a", 8), nodes: [node("c")] };
const STATEMENT = {
  ...{ statement_version: 1, operator: "exchange", chain: litecoin.name, genesis_hash },
  ...{ stated_at_ms: NOW, level: "normal", tip: tip("1a", 9), nodes: [node("a"), node("b")] },
  ...{ branches: [branch], findings_left_out: 0 },
  findings: [{ finding_id: "reorg:1", node_id: null, severity: 0.7 }],
};

/** What stands in the place of each value in turn. */
const VALUES: readonly unknown[] = [
  ...[null, true, -1, 0, 1.5, Number.MAX_SAFE_INTEGER, "", "a", "x".repeat(2_000), [], {}, [null]],
  ...["critical", NOW - 2 * 3_600_000, NOW + DAY_MS, 0.7, "FF".repeat(32)],
];

/** The statement with another value in one place, without that place, or with one more. */
function* changed(value: unknown): Generator {
  for (const other of VALUES) yield other;
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    yield [...list, ...list];
    for (const [at, member] of list.entries())
      for (const other of changed(member)) yield list.with(at, other);
  } else if (typeof value === "object" && value !== null) {
    yield { ...value, more: 1 };
    for (const [name, member] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
      for (const other of changed(member)) yield { ...value, [name]: other };
    }
  }
}

describe("the verifiers of a statement", () => {
  it("have the same codes", () => expect(CLIENT_CODES).toEqual(TIP_STATEMENT_CODES));

  it("answer every statement alike", { timeout: 120_000 }, async () => {
    const signer = createLocalSigner(PAIR.secret_keys);
    const outcomes = new Map<string, number>();
    for (const document of [STATEMENT, ...changed(STATEMENT)]) {
      if (typeof document !== "object" || document === null || Array.isArray(document)) continue;
      const payload_type = TIP_STATEMENT_TYPE;
      const text = JSON.stringify(
        await signDocument({ payload_type, document: document as never }, signer),
      );
      const trust = { keys, now_ms: NOW };
      const own = verifyBySentinel(text, { ...trust, chain: litecoin });
      const theirs = verifyByClient(text, {
        ...trust,
        chain: { name: litecoin.name, genesis_hash },
      });
      const outcome = own.accepted ? "accepted" : own.code;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      expect([document, theirs.accepted ? "accepted" : theirs.code]).toEqual([document, outcome]);
    }
    expect([...outcomes.keys()].sort()).toEqual(
      ["accepted", "dated_in_future", "malformed", "other_chain", "other_operator", "stale"].sort(),
    );
  });
});
