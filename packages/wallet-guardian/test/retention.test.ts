import { describe, expect, it } from "vitest";
import {
  createGuardian,
  createMemoryLedger,
  type ExportedRecord,
  exportRecords,
  type Ledger,
  parsePolicy,
  pruneLedger,
  type Segment,
  verifyRecord,
} from "../src/index.js";
import { LEDGERS } from "./support/ledgers.js";

const DAY_MS = 86_400_000;
const START_MS = 1_782_664_805_000;
const policy = parsePolicy({ max_24h: "1000", windows: [{ seconds: 7 * 86_400, max_count: 90 }] });
const order = { operator: "ann", reason: "yearly" };
const txid = (n: number) => n.toString(16).padStart(64, "0");

/** A ledger with `paid` payments that were allowed and committed a second apart. */
async function filled(ledger: Ledger, paid: number) {
  const time = { now: START_MS };
  const guardian = createGuardian({ policy, ledger, clock: () => time.now });
  for (let n = 0; n < paid; n++) {
    time.now += 1_000;
    await guardian.evaluate({ withdrawal_id: `w-${n}`, wallet_id: "hot", amount: "1" }, "LOW");
    await guardian.commit(`w-${n}`, { txid: txid(n) });
  }
  return { guardian, time };
}

async function exported(
  ledger: Ledger,
  options: { after_seq?: number; through_seq?: number } = {},
) {
  const lines: string[] = [];
  const result = await exportRecords(ledger, { ...options, write: (line) => lines.push(line) });
  return { result, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe.each(LEDGERS)("exportRecords, %s", (_name, createLedger) => {
  it("writes each record once, in order, with a proof that fits the segment's root", async () => {
    const ledger = createLedger();
    await filled(ledger, 20);
    const { result, lines } = await exported(ledger);
    const [head, ...records] = lines;
    const all = await ledger.records(0, 1_000);
    expect(records).toHaveLength(all.length);
    expect(result).toMatchObject({ records: all.length, through_seq: all.at(-1)?.seq });
    const { root } = (head as { segment: { root: string } }).segment;
    expect(result.segments).toEqual([(head as { segment: object }).segment]);
    for (const one of records as ExportedRecord[]) expect(verifyRecord(one, root)).toBe(true);
    const [first] = records as ExportedRecord[];
    expect(verifyRecord({ ...first!, at_ms: first!.at_ms + 1 }, root)).toBe(false);
    expect(verifyRecord({ ...first!, proof: first!.proof.slice(1) }, root)).toBe(false);
    expect(verifyRecord(null as never, root)).toBe(false);
    await ledger.close();
  });

  it("begins after one number and ends at another", async () => {
    const ledger = createLedger();
    await filled(ledger, 5);
    const { result } = await exported(ledger, { after_seq: 3, through_seq: 6 });
    expect(result).toMatchObject({ records: 3, through_seq: 6 });
    expect((await exported(ledger, { after_seq: 1_000 })).result).toEqual({
      records: 0,
      through_seq: 1_000,
      segments: [],
    });
    await ledger.close();
  });
});

describe("exportRecords", () => {
  it("ends at the record that was the newest when it began, however many are added meanwhile", async () => {
    const ledger = createMemoryLedger();
    const { guardian } = await filled(ledger, 400);
    const first = await ledger.records(0, 1_000);
    const newest = first.length + (await ledger.records(1_000, 1_000)).length;
    let n = 0;
    const exporting = exportRecords(ledger, {
      write: async () => {
        n += 1;
        const id = `later-${n}`;
        if (n < 5_000)
          await guardian.evaluate({ withdrawal_id: id, wallet_id: "hot", amount: "1" }, "LOW");
      },
    });
    expect(await exporting).toMatchObject({ records: newest, through_seq: newest });
  });
});

describe.each(LEDGERS)("pruneLedger, %s", (_name, createLedger) => {
  const options = { policies: [policy], ...order };

  it("drops nothing that a window may still read", async () => {
    const ledger = createLedger();
    const { guardian, time } = await filled(ledger, 30);
    const before = await guardian.wallet("hot");
    const { result } = await exported(ledger);
    await pruneLedger(ledger, { ...options, now_ms: time.now, exported: result, rows: 7 });
    expect(await guardian.wallet("hot")).toEqual(before);
    await ledger.close();
  });

  it("removes what was exported, keeps its roots, and keeps every id", async () => {
    const ledger = createLedger();
    const { guardian, time } = await filled(ledger, 30);
    time.now += 10 * DAY_MS;
    await guardian.evaluate({ withdrawal_id: "late", wallet_id: "hot", amount: "1" }, "LOW");
    const { result } = await exported(ledger);
    const steps: number[] = [];
    const rows = await pruneLedger(ledger, {
      ...options,
      now_ms: time.now,
      exported: result,
      rows: 10,
      progress: (done) => steps.push(done),
    });
    expect(rows).toBeGreaterThanOrEqual(result.records + 30);
    expect(steps.length).toBeGreaterThan(rows / 10 - 1);
    const [kept] = await ledger.records(0, 10);
    const { from_seq, through_seq, root } = result.segments[0]!;
    expect(kept).toMatchObject({
      kind: "pruned",
      seq: result.through_seq + 1,
      record: { segments: [{ from_seq, through_seq, root }] },
    });
    const again = await guardian.evaluate(
      { withdrawal_id: "w-3", wallet_id: "hot", amount: "1" },
      "LOW",
    );
    expect([again.reason_codes, again.txid]).toEqual([["already_committed"], txid(3)]);
    await ledger.close();
  });

  it("refuses an export of another ledger, and a ledger whose policies are not named", async () => {
    const ledger = createLedger();
    await filled(ledger, 2);
    const { result } = await exported(ledger);
    const [segment] = result.segments;
    const foreign = { ...result, segments: [{ ...segment!, ledger_id: "f".repeat(32) }] };
    const prune = (more: object) => pruneLedger(ledger, { ...options, now_ms: START_MS, ...more });
    await expect(prune({ exported: foreign })).rejects.toThrow(/another ledger/);
    await expect(prune({ policies: [] })).rejects.toThrow(RangeError);
    await ledger.close();
  });

  const kinds = async (ledger: Ledger) => (await ledger.records(0, 1_000)).map(({ kind }) => kind);

  it("removes nothing where an export has no segments, or they are not the ledger's first records", async () => {
    const ledger = createLedger();
    const { time } = await filled(ledger, 5);
    const before = await kinds(ledger);
    const { result } = await exported(ledger);
    const late = await exported(ledger, { after_seq: 3 });
    const gap = [
      ...(await exported(ledger, { through_seq: 2 })).result.segments,
      ...late.result.segments,
    ];
    const [whole] = result.segments;
    const refuse = (segments: Segment[], text: RegExp) =>
      expect(
        pruneLedger(ledger, {
          ...options,
          now_ms: time.now,
          exported: { ...result, segments },
        }),
      ).rejects.toThrow(text);
    await refuse([...late.result.segments], /lacks record 1/);
    await refuse(gap, /lacks record 3/);
    await refuse([{ ...whole!, root: "0".repeat(64) }], /differs from the ledger/);
    await refuse([{ ...whole!, through_seq: 999 }], /differs from the ledger/);
    await refuse([{ ...whole!, through_seq: 100_000 }], /differs from the ledger/);
    await refuse([{ ...whole!, epoch: 2 }], /not of epoch 1/);
    expect(await kinds(ledger)).toEqual(before);
    const none = { through_seq: 999, records: 0, segments: [] };
    await pruneLedger(ledger, { ...options, now_ms: time.now, exported: none });
    expect(await kinds(ledger)).toEqual(before);
    await ledger.close();
  });

  it("goes on after earlier segments whose records are removed already", async () => {
    const ledger = createLedger();
    const { time } = await filled(ledger, 5);
    const first = await exported(ledger, { through_seq: 4 });
    const prune = (segments: readonly Segment[]) =>
      pruneLedger(ledger, {
        ...options,
        now_ms: time.now,
        exported: { ...first.result, segments },
      });
    expect(await prune(first.result.segments)).toBe(4);
    const second = await exported(ledger, { after_seq: 4 });
    const all = [...first.result.segments, ...second.result.segments];
    expect(await prune(all)).toBe(second.result.records);
    expect(await prune(all)).toBe(0);
    expect(await kinds(ledger)).toEqual(["pruned"]);
    await ledger.close();
  });

  it.each([1, 2, 3, 7, 30])(
    "keeps what counts by the newest of the ledger's records, though the clock is days ahead (%i payments)",
    async (paid) => {
      const ledger = createLedger();
      const { guardian, time } = await filled(ledger, paid);
      const before = await guardian.wallet("hot");
      const now_ms = time.now + 10 * DAY_MS;
      for (let turn = 0; turn < 2; turn++) {
        const { result } = await exported(ledger);
        await pruneLedger(ledger, { ...options, now_ms, exported: result });
        expect(await guardian.wallet("hot")).toEqual(before);
        expect((await ledger.withdrawal("w-0"))?.state).not.toBeNull();
      }
      await ledger.close();
    },
  );
});

describe("keep_since_ms", () => {
  it("keeps the segments that hold a record from then on, and removes the older ones", async () => {
    const ledger = createMemoryLedger();
    const { guardian, time } = await filled(ledger, 3);
    const first = await exportRecords(ledger, { write: () => undefined });
    time.now += 30 * DAY_MS;
    const keep_since_ms = time.now;
    await guardian.freeze("wallet", "hot", order);
    const { through_seq } = first;
    const second = await exportRecords(ledger, { after_seq: through_seq, write: () => undefined });
    const segments = [...first.segments, ...second.segments];
    const options = { policies: [policy], now_ms: time.now, exported: { ...second, segments } };
    await pruneLedger(ledger, { ...options, keep_since_ms: START_MS, ...order });
    expect((await ledger.records(0, 1)).map(({ seq }) => seq)).toEqual([1]);
    await pruneLedger(ledger, { ...options, keep_since_ms, ...order });
    const left = await ledger.records(0, 100);
    expect(left[0]).toMatchObject({ seq: through_seq + 1, kind: "freeze" });
    expect(left.filter(({ kind }) => kind === "pruned").at(-1)?.record).toMatchObject({
      segments: first.segments.map(({ root }) => ({ root })),
    });
  });
});
