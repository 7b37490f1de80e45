import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { exportTo } from "../../../src/adapters/command/export-file.js";
import type { Options } from "../../../src/adapters/command/options.js";
import { createMemoryLedger, type LedgerRecord } from "../../../src/index.js";

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
  const options = { out: join(folder, "records.jsonl") } as Options;
  const { exported } = await exportTo({ ...createMemoryLedger(), records }, options);
  rmSync(folder, { recursive: true });
  expect(exported).toMatchObject({ records: 1_500, through_seq: 1_500 });
});
