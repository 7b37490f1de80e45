/** Where a reader goes on whose ledger was restored, once, again, and by several orders. */
import type { LedgerRecord } from "@dgb-shield/wallet-guardian";
import { describe, expect, it } from "vitest";
import { createContinuations } from "../../../src/service/runtime/places/continuation.js";
import { markOf, placeText, readPlace } from "../../../src/service/runtime/places/place.js";

const LEDGER = "ab".repeat(16);
const MOST = 100_000;

let writes = 0;
/** A ledger whose states are kept, as backups are. */
class History {
  records: LedgerRecord[] = [];
  epoch = 1;
  write(count: number): this {
    for (let i = 0; i < count; i++) this.add("claim", { payment_id: `p-${++writes}` });
    return this;
  }
  /** Restores the state of before a record, and adopts it as many times as it takes. */
  restore(seq: number, epochs: readonly number[]): this {
    this.records = this.records.slice(0, seq);
    for (const epoch of epochs) this.add("adopted", { epoch, at: ++writes });
    this.epoch = epochs.at(-1) ?? this.epoch;
    return this;
  }
  /** Adopts the ledger as it is: it was moved. */
  move(epoch: number): this {
    return this.restore(this.records.length, [epoch]);
  }
  prune(through: number): this {
    this.records = this.records.filter(({ seq }) => seq > through);
    return this;
  }
  place(seq: number) {
    const record = this.records.find((one) => one.seq === seq);
    const mark = record === undefined ? null : markOf(record);
    return { ledger_id: LEDGER, epoch: this.epoch, seq, mark };
  }
  reading() {
    return {
      identity: async () => ({ ledger_id: LEDGER, epoch: this.epoch }),
      records: async (after: number, limit: number) =>
        this.records.filter(({ seq }) => seq > after).slice(0, limit),
    };
  }
  private add(kind: LedgerRecord["kind"], record: LedgerRecord["record"]): void {
    this.records.push({ seq: (this.records.at(-1)?.seq ?? 0) + 1, at_ms: 1, kind, record });
  }
}

type Case = readonly [
  title: string,
  build: (history: History) => ReturnType<History["place"]>,
  expected: object,
];

const epoch = (from_seq: number, of = 2) => ({
  ...{ kind: "epoch", from_seq },
  place: { epoch: of, seq: from_seq - 1 },
});
const same = (seq: number) => ({ kind: "same", place: { seq } });

const CASES: readonly Case[] = [
  ["behind a record that is there", (h) => h.write(9).place(5), same(5)],
  ["before the first record", (h) => h.write(9).place(0), same(0)],
  [
    "where the epoch began, though the ledger has grown beyond the place",
    (h) => {
      const place = h.write(100).place(80);
      h.restore(50, [2]).write(60);
      return place;
    },
    epoch(51),
  ],
  [
    "where the epoch began, while the ledger is still behind the place",
    (h) => {
      const place = h.write(100).place(80);
      h.restore(50, [2]).write(3);
      return place;
    },
    epoch(51),
  ],
  [
    "behind a place of before the backup",
    (h) => {
      const place = h.write(100).place(50);
      h.restore(50, [2]).write(60);
      return place;
    },
    same(50),
  ],
  [
    "behind a place of a ledger that was only moved",
    (h) => {
      const place = h.write(100).place(80);
      h.write(9).move(2).write(60);
      return place;
    },
    same(80),
  ],
  [
    "where the first of two epochs began",
    (h) => {
      const place = h.write(100).place(80);
      h.restore(50, [2]).write(20).move(3).write(60);
      return place;
    },
    epoch(51, 3),
  ],
  [
    "where the last of two epochs began, for a place of the one between",
    (h) => {
      const between = h.write(100).restore(50, [2]).write(50).place(90);
      h.restore(70, [3]).write(60);
      return between;
    },
    epoch(71, 3),
  ],
  [
    "at the first of several orders, where a backup of an earlier epoch needed them",
    (h) => {
      const backup = h.write(60).records;
      const between = h.write(40).restore(50, [2]).write(50).place(90);
      h.records = backup.slice();
      h.restore(60, [2, 3]).write(60);
      return between;
    },
    epoch(61, 3),
  ],
  [
    "behind pruned records",
    (h) => {
      const place = h.write(100).place(20);
      h.prune(40);
      return place;
    },
    { kind: "pruned", place: { seq: 40 } },
  ],
  [
    "nowhere, where a backup was restored with everything around it",
    (h) => {
      const place = h.write(100).place(80);
      h.restore(50, []).write(60);
      return place;
    },
    { kind: "unknown" },
  ],
  [
    "nowhere, for a place ahead of the ledger",
    (h) => ({ ...h.write(9).place(9), seq: 10 }),
    { kind: "unknown" },
  ],
  [
    "nowhere, for another ledger",
    (h) => ({ ...h.write(9).place(5), ledger_id: "cd".repeat(16) }),
    { kind: "unknown" },
  ],
];

describe("continuations", () => {
  it.each(CASES)("go on %s", async (_, build, expected) => {
    const history = new History();
    const place = build(history);
    expect(await createContinuations(history.reading()).of(place, MOST)).toMatchObject(expected);
  });

  it("search a bounded number of records, over as many pages as it takes", async () => {
    const history = new History().write(6_000);
    const place = history.place(5_000);
    history.restore(2_000, [2]).write(5_000);
    const { of } = createContinuations(history.reading());
    expect(await of(place, 4_000)).toEqual({ kind: "unknown", place: null });
    expect(await of(place, MOST)).toMatchObject(epoch(2_001));
  });

  it("take the place of a version without epochs as that version did", async () => {
    const history = new History().write(9);
    const { of } = createContinuations(history.reading());
    const before = (seq: number) => ({ ledger_id: LEDGER, epoch: null, seq, mark: null });
    expect(await of(before(5), MOST)).toMatchObject(same(5));
    expect(await of(before(10), MOST)).toMatchObject({ kind: "unknown" });
  });
});

describe("a place as text", () => {
  it("is read as it was written", () => {
    for (const place of [new History().write(3).place(2), new History().place(0)])
      expect(readPlace(placeText(place))).toEqual(place);
  });

  it.each([
    "",
    "1-1",
    `${LEDGER}-5`,
    `${LEDGER}-0-5-${"0".repeat(16)}`,
    `${LEDGER}-1-5-${"0".repeat(15)}`,
    `${LEDGER}-1-05`,
    `${LEDGER}-1-9007199254740993`,
    `${LEDGER}-1-5-${"0".repeat(16)}\n`,
  ])("is none: %j", (text) => {
    expect(readPlace(text)).toBeNull();
  });
});
