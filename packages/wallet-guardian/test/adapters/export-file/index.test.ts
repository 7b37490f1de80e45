import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { exportToFile } from "../../../src/adapters/export-file/index.js";
import { createGuardian, createMemoryLedger, type LedgerRecord } from "../../../src/index.js";

it("ends at the newest record of its beginning, though callers add a page with each page that is read", async () => {
  let size = 1_500;
  const records = (after: number, limit: number): Promise<readonly LedgerRecord[]> => {
    if (limit > 1) size = Math.min(size + limit, 20_000);
    const length = Math.max(0, Math.min(limit, size - after));
    const recordOf = (seq: number) => ({ seq, at_ms: seq, kind: "decision", record: { seq } });
    return Promise.resolve(
      Array.from({ length }, (_, i) => recordOf(after + 1 + i) as LedgerRecord),
    );
  };
  const folder = mkdtempSync(join(tmpdir(), "export-"));
  const path = join(folder, "records.jsonl");
  const { exported } = await exportToFile({ ...createMemoryLedger(), records }, { path });
  rmSync(folder, { recursive: true });
  expect(exported).toMatchObject({ records: 1_500, through_seq: 1_500 });
});

it("leaves the file as it was where it is interrupted, and goes on with it the next time", async () => {
  const ledger = createMemoryLedger();
  const guardian = createGuardian({
    policy: { max_24h: "9" },
    ledger,
    clock: () => 1_782_664_805_000,
  });
  const freeze = () => guardian.freeze("wallet", "hot", { operator: "ann", reason: "audit" });
  const folder = mkdtempSync(join(tmpdir(), "export-"));
  const path = join(folder, "records.jsonl");
  await freeze();
  await exportToFile(ledger, { path });
  const before = readFileSync(path, "utf8");
  await freeze();
  const progress = (records: number, total: number) => {
    expect(records).toBeLessThanOrEqual(total);
    throw new Error("interrupted");
  };
  await expect(exportToFile(ledger, { path, progress })).rejects.toThrow("interrupted");
  expect(readFileSync(path, "utf8")).toBe(before);
  await exportToFile(ledger, { path });
  const seqs = readFileSync(path, "utf8").match(/"seq":\d+/g);
  expect(seqs).toEqual((await ledger.records(0, 100)).map(({ seq }) => `"seq":${seq}`));
  rmSync(folder, { recursive: true });
});
