/** What has to hold after every fault: nothing acknowledged is lost, no limit forgotten, nothing leaked. */
import { expect } from "vitest";
import { AMOUNT, type BackEnd, PERSONAL } from "./back-end.js";

type Recorded = Readonly<{ seq: number; kind: string; record: Readonly<Record<string, unknown>> }>;

/** Reads all records of the ledger through the service. */
async function recordsOf(backEnd: BackEnd): Promise<readonly Recorded[]> {
  const all: Recorded[] = [];
  for (;;) {
    const route = `GET /v1/records?after=${all.at(-1)?.seq ?? 0}&limit=1000`;
    const answer = await backEnd.ask(route, undefined, "reader");
    const page = (answer?.body["records"] ?? null) as readonly Recorded[] | null;
    if (page === null) throw new Error(`no records: ${JSON.stringify(answer)}`);
    all.push(...page);
    if (page.length === 0) return all;
  }
}

/**
 * Compares what was acknowledged with the ledger: every ALLOW, claim and commit is recorded, and the wallet's window
 * counts each payment that was ever allowed.
 */
export async function expectNothingLost(backEnd: BackEnd): Promise<void> {
  const records = await recordsOf(backEnd);
  const { allowed, claimed, committed } = backEnd.acknowledged;
  const found = idsIn(records);
  expect([...allowed].filter((id) => !found.allowed.has(id))).toEqual([]);
  expect([...claimed].filter((id) => !found.claimed.has(id))).toEqual([]);
  expect([...committed].filter((id) => !found.committed.has(id))).toEqual([]);
  expect(await spentOf(backEnd)).toBe(found.allowed.size * AMOUNT);
}

/** Coins that count in the wallet's 24 hours. */
export async function spentOf(backEnd: BackEnd): Promise<number> {
  const answer = await backEnd.ask("GET /v1/wallets/hot", undefined, "reader");
  const windows = answer?.body["windows"] as readonly { spent: string }[] | undefined;
  return Number(windows?.[0]?.spent ?? NaN);
}

function idsIn(records: readonly Recorded[]) {
  const of = (kind: string, isMeant: (record: Recorded["record"]) => boolean): Set<string> =>
    new Set(
      records.flatMap(({ kind: one, record }) =>
        one === kind && isMeant(record) ? [idOf(record)] : [],
      ),
    );
  return {
    allowed: of("decision", ({ final }) => final === "ALLOW"),
    claimed: of("claim", ({ decision }) => decision === "ALLOW"),
    committed: of("commit", () => true),
  };
}

function idOf(record: Recorded["record"]): string {
  const { guardian } = record as { guardian?: Recorded["record"] };
  const ids = [record["withdrawal_id"], record["payment_id"], guardian?.["withdrawal_id"]];
  return ids.find((id) => typeof id === "string") ?? "";
}

/** Where code was, in any form that Node writes. */
const STACK = /\n\s+at |"at":\[|node_modules|\.[jt]s:\d+:\d+|"stack"/;
/** Texts of failures that nothing foresaw. */
const UNFORESEEN = /"internal_error"|unexpected failure|UnhandledPromise/;

/**
 * Checks that no answer and no line of the log holds a stack trace, a secret or personal data, and that nothing failed
 * in a way that the service does not foresee.
 */
export function expectNothingLeaked(backEnd: BackEnd, ...logs: readonly string[]): void {
  const planted = [...Object.values(PERSONAL), ...backEnd.site.secrets];
  for (const text of [...backEnd.texts, ...logs]) {
    expect(planted.filter((secret) => text.includes(secret))).toEqual([]);
    expect(text).not.toMatch(STACK);
    expect(text).not.toMatch(UNFORESEEN);
  }
}
