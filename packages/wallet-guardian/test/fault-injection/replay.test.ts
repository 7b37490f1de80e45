import { describe, expect, it } from "vitest";
import { POLICIES, type PolicyKey } from "../../fault-injection/clients/policies.js";
import { differences } from "../../fault-injection/replay/compare.js";
import { type LogRecord, newReplay, replay } from "../../fault-injection/replay/replay.js";
import { rulesOf } from "../../fault-injection/replay/rules.js";
import { recordOf } from "../../fault-injection/clients/race.js";
import { requestOf, transactionOf } from "../../fault-injection/clients/world.js";
import { createGuardian, createMemoryLedger } from "../../src/index.js";
import { ORDER, START_MS } from "../support/guardian.js";

/** A short history of a ledger in memory: its records, and a fresh replay. */
async function history(key: PolicyKey, risk: "LOW" | "MEDIUM" = "LOW") {
  const ledger = createMemoryLedger();
  const policy = POLICIES[key];
  let now = START_MS;
  const guardian = createGuardian({ policy, ledger, clock: () => now });
  const signer_id = `${guardian.policy_version.slice(0, 8)}-s0`;
  for (let n = 0; n < 60; n++) {
    now += 40;
    const id = n % 3 === 2 ? `r-b${4 + (n % 4)}` : `r-${n % 10}`;
    const request = requestOf(id, n % 11 === 10 ? 1 : 0);
    await guardian.evaluate(request, risk, {
      finalize: (decision) => {
        const facts = { by: "c", n, request, risk: {}, allow: true, decision };
        return { allow: true, record: recordOf(facts) };
      },
    });
    const { txid, fee, inputs } = transactionOf(id, [0, 4, 1][n % 3] ?? 0);
    if (n % 4 === 1) await guardian.commit(id, { txid, fee, inputs });
    if (n % 2 === 0) await guardian.claim(id, { signer_id, risk: "LOW", transaction: { inputs } });
    if (n % 6 === 0) await guardian.commit(id, { txid, fee, inputs });
    if (n % 9 === 0) await guardian.release(id, ORDER);
  }
  const records = (await ledger.records(0, 1_000)).map(
    ({ seq, at_ms, kind, record }): LogRecord => ({
      ...{ seq, at: at_ms, kind },
      record: JSON.stringify(record),
    }),
  );
  const version = guardian.policy_version;
  const begin = (underWay = 0) =>
    newReplay(new Map([[version, rulesOf(policy, version)]]), underWay);
  return { records, begin };
}

const changed = (records: readonly LogRecord[], from: string, to: string): LogRecord[] => {
  const index = records.findLastIndex(
    ({ kind, record }) => kind !== "event" && record.includes(from),
  );
  expect(index).toBeGreaterThan(-1);
  return records.map((one, n) =>
    n === index ? { ...one, record: one.record.replaceAll(from, to) } : one,
  );
};

describe("replay", () => {
  it.each<[PolicyKey, "LOW" | "MEDIUM"]>([
    ["implicit", "LOW"],
    ["implicit", "MEDIUM"],
    ["explicit", "LOW"],
    ["explicit", "MEDIUM"],
    ["cooling", "LOW"],
    ["accounts", "MEDIUM"],
  ])("finds nothing wrong with the records of %s at %s", async (key, risk) => {
    const { records, begin } = await history(key, risk);
    const state = begin();
    expect(replay(state, records)).toEqual([]);
    expect(state.counts.decisions).toBe(60);
    expect(state.counts.settled).toBeGreaterThan(4);
  });

  it.each<[string, PolicyKey, string, string]>([
    ["an ALLOW that was a DELAY", "cooling", '"decision":"DELAY"', '"decision":"ALLOW"'],
    ["a code that does not follow", "cooling", "cooldown_breach", "window_limit"],
    ["a claim that was not given", "explicit", '["claimed_now"]', '["not_reserved"]'],
    ["a claim that must not be given", "explicit", '"REJECT","inputs"', '"ALLOW","inputs"'],
    ["a second payment that is not reported", "explicit", "double_payment", "replaced"],
    ["a payment that is late and not reported", "explicit", "late_commit", "replaced"],
    ["an unknown policy", "explicit", '"policy_version":"', '"policy_version":"x'],
  ])("finds %s", async (_what, key, from, to) => {
    const { records, begin } = await history(key);
    expect(replay(begin(), changed(records, from, to))).not.toEqual([]);
  });

  it.each([0, 2])("lets %i calls be under way when a policy is replaced", async (underWay) => {
    const { records, begin } = await history("implicit");
    const decisions = records.filter(({ kind }) => kind === "decision").slice(0, 3);
    const { name, policy_version } = JSON.parse(
      records.find(({ kind }) => kind === "policy")!.record,
    ) as Record<string, string>;
    const newer = { seq: 0, at: 0, kind: "policy" };
    const replaced = [
      { ...newer, record: JSON.stringify({ name, policy_version }) },
      { ...newer, record: JSON.stringify({ name, policy_version: "newer" }) },
      ...decisions,
    ];
    const faults = replay(begin(underWay), replaced).filter((text) => /not the current/.test(text));
    expect(faults).toHaveLength(decisions.length - underWay);
  });

  it("lets a rejection without a trusted time come before the policy", async () => {
    const { records, begin } = await history("implicit");
    const first = records.find(({ kind }) => kind === "decision")!;
    const given = JSON.parse(first.record) as { decision: object };
    const decision = { ...given.decision, decision: "REJECT", reason_codes: ["clock_untrusted"] };
    const untrusted = { ...first, record: JSON.stringify({ ...given, decision }) };
    expect(replay(begin(), [untrusted])).toEqual([]);
    expect(replay(begin(), [first])).not.toEqual([]);
  });

  it.each(["decision", "claim", "commit", "policy"])("finds a lost %s", async (kind) => {
    const { records, begin } = await history("explicit");
    const found = records.map((_, lost) => {
      if (records[lost]?.kind !== kind) return 0;
      return replay(
        begin(),
        records.filter((__, n) => n !== lost),
      ).length;
    });
    expect(found.some((faults) => faults > 0)).toBe(true);
  });

  it("finds a lost event", async () => {
    const { records, begin } = await history("explicit");
    const told = records.filter(({ record }) => !record.includes('"action":"late_commit"'));
    expect(told.length).toBeLessThan(records.length);
    expect(replay(begin(), told)).not.toEqual([]);
  });
});

describe("differences", () => {
  it("finds rows and freezes that are not what the records make of them", async () => {
    const { records, begin } = await history("implicit", "MEDIUM");
    const state = begin();
    replay(state, records);
    const rows = [...state.book.rows.values()];
    const contents = { rows, freezes: state.book.freezes, totals: [], faults: [] };
    expect(differences(state.book, contents)).toEqual([]);
    const [first, ...others] = rows;
    const wrong = [{ ...first!, counts: "other" }, ...others];
    expect(differences(state.book, { ...contents, rows: wrong })).toHaveLength(1);
    expect(differences(state.book, { ...contents, rows: others })).toHaveLength(1);
    const freeze = {
      ...ORDER,
      scope: "wallet:x",
      kind: "limit",
      cause: "c",
      first: 1,
      last: 1,
      count: 1,
    };
    expect(differences(state.book, { ...contents, freezes: [freeze] })).toHaveLength(1);
  });
});
