import { describe, expect, it } from "vitest";
import { factTexts } from "../../src/text/provenance.js";

const CALLER = { source: "caller", stated: null, contradicted: false };
const BALANCE = { ...CALLER, node_id: null, age_ms: null };
const NODE = { ...BALANCE, source: "node", node_id: "node-1", age_ms: 3_000 };
const facts = (provenance: object, values: object = {}) =>
  factTexts(
    { wallet_balance: BALANCE, address_age_days: CALLER, behaviour_score: CALLER, ...provenance },
    { wallet_balance: "12000.5", address_age_days: 3, behaviour_score: 1, ...values },
    "DGB",
  );
const lines = (...given: Parameters<typeof facts>) =>
  facts(...given).map(({ name, word, detail }) => `${name}: ${word} (${detail})`);

describe("factTexts", () => {
  it("says that the caller stated all of it", () => {
    expect(lines({})).toEqual([
      "balance of the wallet: stated by the caller (12,000.5 DGB)",
      "age of the destination: stated by the caller (known for 3 days)",
      "behaviour: stated by the caller (score 1, 1 is usual)",
    ]);
    expect(facts({}).map(({ tone }) => tone)).toEqual(["plain", "plain", "plain"]);
  });

  it("says that the caller stated nothing", () => {
    const [, age] = lines({}, { address_age_days: null });
    expect(age).toBe(
      "age of the destination: stated by the caller (nothing that can be read was stated)",
    );
  });

  it("names the node that proved the balance, and what the caller stated beside it", () => {
    expect(lines({ wallet_balance: NODE })[0]).toBe(
      "balance of the wallet: proven by a node (12,000.5 DGB, of node-1, asked 3 s before)",
    );
    expect(lines({ wallet_balance: { ...NODE, stated: "5" } })[0]).toContain(
      "; the caller stated: 5 DGB, which did not count",
    );
  });

  it("says that the caller stated the same", () => {
    const ledger = { ...CALLER, source: "ledger", stated: 1 };
    expect(lines({ behaviour_score: ledger })[2]).toBe(
      "behaviour: proven by the ledger (score 1, 1 is usual; the caller stated the same)",
    );
  });

  it.each([
    [
      "wallet_balance",
      { ...NODE, stated: "99999" },
      "99,999 DGB, more than the node's wallet holds",
    ],
    [
      "address_age_days",
      { ...CALLER, source: "ledger", stated: 400 },
      "known for 400 days, longer than",
    ],
    [
      "behaviour_score",
      { ...CALLER, source: "ledger", stated: 0.5 },
      "score 0.5, 1 is usual, more usual than",
    ],
  ])("marks a contradicted %s", (field, fact, text) => {
    const found = facts({ [field]: { ...fact, contradicted: true } }).find(
      ({ tone }) => tone === "warn",
    );
    expect(found?.word).toMatch(/^proven by (a node|the ledger), against the caller$/);
    expect(found?.detail).toContain(text);
  });

  it("never calls a balance proven that no node gave", () => {
    const [balance] = facts(
      { wallet_balance: { ...NODE, age_ms: null, stated: "7" } },
      { wallet_balance: null },
    );
    expect(balance).toMatchObject({ word: "not proven", tone: "warn" });
    expect(balance?.detail).toContain("does not take its place; the caller stated: 7 DGB");
  });

  it("says of a malformed statement that it is refused", () => {
    const [balance] = lines({ wallet_balance: NODE }, { wallet_balance: "-1e9" });
    expect(balance).toContain("the caller's statement is no such value, and is refused");
  });

  it.each([[undefined], [null], ["text"], [7]])("states nothing of %j", (provenance) => {
    expect(factTexts(provenance, {}, "DGB")).toEqual([]);
  });

  it.each([[{}], [{ wallet_balance: { source: "friend" } }], [[]]])(
    "calls what cannot be read not known: %j",
    (provenance) => {
      for (const { word, tone } of factTexts(provenance, null, "DGB"))
        expect([word, tone]).toEqual(["not known", "warn"]);
      expect(factTexts(provenance, null, "DGB")).toHaveLength(3);
    },
  );
});
