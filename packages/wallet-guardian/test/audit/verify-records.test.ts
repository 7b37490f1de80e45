/** Attacks on a ledger's records, each located. */
import fc from "fast-check";
import { runs } from "@dgb-shield/testkit/runs";
import { describe, expect, it } from "vitest";
import {
  appendLeaves,
  type Checkpoint,
  createMemoryHashStore,
  leafHash,
  prunedLeafHash,
  recordPages,
  type Verified,
  type VerifyInput,
  verifyRecords,
} from "../../src/adapters/audit/index.js";
import type { LedgerRecord } from "../../src/ports.js";
import { checkpointOver, LEDGER_ID, recordsTo, storeOf } from "../support/audit.js";

const COUNT = 50;
const RECORDS = recordsTo(COUNT);
const CHECKPOINTS = [10, 30, 45].map((size) => checkpointOver(RECORDS, size));

/** A ledger of these records alone; `broken` are the numbers that cannot be read. */
const ledgerOf = (records: readonly LedgerRecord[], broken: readonly number[] = []) => ({
  records: (after: number, limit: number) => {
    const page = records.filter(({ seq }) => seq > after).slice(0, limit);
    return page.some(({ seq }) => broken.includes(seq))
      ? Promise.reject(new Error("damaged"))
      : Promise.resolve(page);
  },
});

type Case = Partial<Omit<VerifyInput, "pages">> &
  Readonly<{ records: readonly LedgerRecord[]; broken?: readonly number[] }>;

const verify = async ({ records, broken, ...fields }: Case): Promise<Verified> =>
  verifyRecords({
    identity: { ledger_id: LEDGER_ID, epoch: 1 },
    pages: recordPages(ledgerOf(records, broken)),
    store: await storeOf(RECORDS),
    checkpoints: CHECKPOINTS,
    ...fields,
  });

const findingsOf = async (input: Case) => (await verify(input)).findings;
const changed = (seq: number): LedgerRecord => {
  const record = RECORDS[seq - 1];
  if (record === undefined) throw new RangeError("no such record");
  return { ...record, record: { ...record.record, decision: "REJECT" } };
};
const renumbered = (records: readonly LedgerRecord[]) =>
  records.map((record, at) => ({ ...record, seq: at + 1 }));

describe("verifyRecords", () => {
  it("verifies what was not changed, and reports how far it is signed", async () => {
    expect(await verify({ records: RECORDS })).toEqual({
      ...{ records: COUNT, last_seq: COUNT, pruned: 0, before_tree: 0, erased: 0 },
      ...{ checkpoints: 3, covered_through: 45 },
      root: checkpointOver(RECORDS, COUNT).root,
      ...{ findings: [], findings_count: 0 },
    });
    expect(await findingsOf({ records: RECORDS, store: null })).toEqual([]);
    expect(
      await findingsOf({ records: [], store: createMemoryHashStore(), checkpoints: [] }),
    ).toEqual([]);
  });

  it.each([
    ["flipped", RECORDS.with(19, changed(20)), [{ code: "changed", seq: 20 }]],
    [
      "dated otherwise",
      RECORDS.with(19, { ...changed(20), record: RECORDS[19]?.record ?? {}, at_ms: 1 }),
      [{ code: "changed", seq: 20 }],
    ],
    ["removed", RECORDS.toSpliced(19, 2), [{ code: "missing", from_seq: 20, through_seq: 21 }]],
    [
      "removed from the beginning",
      RECORDS.slice(3),
      [{ code: "missing", from_seq: 1, through_seq: 3 }],
    ],
    [
      "exchanged",
      renumbered(RECORDS.with(5, RECORDS[6] as LedgerRecord).with(6, RECORDS[5] as LedgerRecord)),
      [
        { code: "changed", seq: 6 },
        { code: "changed", seq: 7 },
      ],
    ],
    ["cut off", RECORDS.slice(0, 40), [{ code: "truncated", from_seq: 41, through_seq: 45 }]],
    ["emptied", [], [{ code: "truncated", from_seq: 1, through_seq: 45 }]],
    [
      "changed after the last checkpoint",
      RECORDS.with(47, changed(48)),
      [{ code: "changed", seq: 48 }],
    ],
  ])("locates records that were %s", async (_, records, findings) => {
    expect(await findingsOf({ records })).toEqual(findings);
  });

  it.each([
    ["removed and the rest moved up", RECORDS.toSpliced(19, 1)],
    ["inserted and the rest moved down", RECORDS.toSpliced(19, 0, changed(3))],
  ])("locates the first of records of which one was %s", async (_, records) => {
    const { findings, findings_count } = await verify({ records: renumbered(records) });
    expect(findings[0]).toEqual({ code: "changed", seq: 20 });
    expect(findings_count).toBeGreaterThan(25);
  });

  it("locates what cannot be read", async () => {
    const findings = await findingsOf({ records: RECORDS, broken: [7] });
    expect(findings).toEqual([{ code: "unreadable", seq: 7 }]);
  });

  it("fails where the ledger gives nothing at all", async () => {
    const broken = Array.from({ length: 1_100 }, (_, at) => at + 1);
    await expect(verify({ records: recordsTo(1_100), broken })).rejects.toThrow("damaged");
  });

  it("locates a change between two checkpoints where no hashes are stored, or they were changed alike", async () => {
    const records = RECORDS.with(19, changed(20));
    for (const store of [null, await storeOf(records)]) {
      const { findings, covered_through } = await verify({ records, store });
      expect(findings).toEqual([
        { code: "checkpoint_differs", from_seq: 11, through_seq: 30, at_ms: CHECKPOINTS[0]?.at_ms },
      ]);
      expect(covered_through).toBe(10);
    }
  });

  it("finds the stored hashes at fault where the records are those that were signed", async () => {
    const store = await storeOf(RECORDS.with(19, changed(20)));
    const { findings, checkpoints } = await verify({ records: RECORDS, store });
    expect(findings).toEqual([{ code: "store_differs", seq: 20 }]);
    expect(checkpoints).toBe(3);
  });

  it("names an older copy of an adopted ledger, and a checkpoint of a ledger that never was so long", async () => {
    const later = checkpointOver(RECORDS, 45, { epoch: 2 });
    expect(await findingsOf({ records: RECORDS, checkpoints: [later] })).toEqual([
      { code: "older_ledger", epoch: 1, signed_epoch: 2 },
    ]);
    const longer = { ...checkpointOver(RECORDS, 45), tree_size: 1_000 };
    expect(await findingsOf({ records: RECORDS, checkpoints: [longer] })).toEqual([
      { code: "truncated", from_seq: 51, through_seq: 1_000 },
    ]);
  });

  it("refuses one of two ledgers under one checkpoint", async () => {
    const other = recordsTo(50).map((record) => ({ ...record, at_ms: record.at_ms + 1 }));
    const store = await storeOf(other);
    expect((await verify({ records: other, store })).covered_through).toBe(0);
    expect((await findingsOf({ records: other, store }))[0]?.code).toBe("checkpoint_differs");
  });

  it("lists what was signed and lost before an adoption, and verifies what came after", async () => {
    const adopted: LedgerRecord = { ...changed(21), kind: "adopted", record: { epoch: 2 } };
    const records = [...RECORDS.slice(0, 20), adopted, ...recordsTo(60).slice(21)];
    const checkpoints: Checkpoint[] = [
      ...CHECKPOINTS,
      checkpointOver(records, 25, { epoch: 2 }),
      checkpointOver(records, 60, { epoch: 2 }),
    ];
    const found = await verify({
      ...{ records, checkpoints, store: await storeOf(records) },
      identity: { ledger_id: LEDGER_ID, epoch: 2 },
    });
    expect(found.findings).toEqual([
      { code: "lost_at_adoption", epoch: 1, from_seq: 21, through_seq: 45 },
    ]);
    expect(found).toMatchObject({ checkpoints: 3, covered_through: 60 });
  });

  it("takes the hashes of pruned records where a record says that they were pruned", async () => {
    const pruned: LedgerRecord = {
      ...changed(50),
      kind: "pruned",
      record: {
        segments: [
          { from_seq: 1, through_seq: 12 },
          { from_seq: 13, through_seq: 20 },
        ],
      },
    };
    const all = RECORDS.with(49, pruned);
    const store = await storeOf(all);
    const verified = await verify({ records: all.slice(20), store });
    expect(verified).toMatchObject({ findings: [], pruned: 20, checkpoints: 3 });
    // One more record is gone than was pruned.
    expect(await findingsOf({ records: all.slice(21), store })).toEqual([
      { code: "missing", from_seq: 21, through_seq: 21 },
    ]);
    expect((await findingsOf({ records: all.slice(20), store: null }))[0]?.code).toBe(
      "checkpoint_differs",
    );
  });

  it("counts records that were pruned before the tree began", async () => {
    const pruned: LedgerRecord = {
      ...changed(21),
      kind: "pruned",
      record: { segments: [{ from_seq: 1, through_seq: 20 }] },
    };
    const records = RECORDS.with(20, pruned).slice(20);
    const store = createMemoryHashStore();
    const places = Array.from({ length: 20 }, (_, at) => prunedLeafHash(at + 1));
    await appendLeaves(store, 0, [...places, ...records.map(leafHash)]);
    expect(await verify({ records, store, checkpoints: [] })).toMatchObject({
      ...{ findings: [], pruned: 20, before_tree: 20, last_seq: 50 },
    });
  });

  it("finds any change of what is signed, whatever it is", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ how: fc.constantFrom("change", "remove", "insert", "swap"), at: fc.nat(43) }),
          { minLength: 1, maxLength: 4 },
        ),
        fc.boolean(),
        async (edits, isStored) => {
          let records = [...RECORDS];
          for (const { how, at } of edits) records = edited(records, how, at);
          const isSame = records
            .slice(0, 45)
            .every((record, at) => leafHash(record) === leafHash(RECORDS[at] as LedgerRecord));
          const store = isStored ? await storeOf(RECORDS) : null;
          const found = await findingsOf({ records, store });
          if (isSame && records.length >= 45) return;
          expect(found.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: runs(100, 5_000) },
    ));
});

function edited(records: readonly LedgerRecord[], how: string, at: number): LedgerRecord[] {
  const place = at % Math.max(records.length - 1, 1);
  const [one, two] = [records[place], records[place + 1]];
  if (one === undefined || two === undefined) return [...records];
  switch (how) {
    case "change":
      return records.with(place, { ...one, record: { ...one.record, more: 1 } });
    case "remove":
      return renumbered(records.toSpliced(place, 1));
    case "insert":
      return renumbered(records.toSpliced(place, 0, two));
    default:
      return renumbered(records.with(place, two).with(place + 1, one));
  }
}
