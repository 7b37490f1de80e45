import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  createCursorFile,
  createNamedCursors,
} from "../../../src/service/runtime/publishing/cursor.js";
import { hasPostgres } from "../../support/postgres.js";
import { makeSchema } from "../../support/several.js";

const folder = mkdtempSync(join(tmpdir(), "shield-cursor-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const PLACE = {
  ledger_id: "0123456789abcdef".repeat(2),
  epoch: 2,
  seq: 7,
  mark: "0123456789abcdef",
};

describe("createCursorFile", () => {
  it("gives null where none was kept, then what was kept", async () => {
    const cursor = createCursorFile(join(folder, "kept.json"));
    expect(await cursor.load()).toBeNull();
    await cursor.save(PLACE);
    expect(await cursor.load()).toEqual(PLACE);
  });

  it("reads what a version without epochs kept", async () => {
    const path = join(folder, "before.json");
    writeFileSync(path, JSON.stringify({ ledger_id: PLACE.ledger_id, seq: 7 }));
    expect(await createCursorFile(path).load()).toEqual({ ...PLACE, epoch: null, mark: null });
  });

  it.each([
    ["empty", ""],
    ["half written", '{"ledger_id": "0123'],
    ["of another kind", '{"seq": 7}'],
    ["with a negative place", JSON.stringify({ ...PLACE, seq: -1 })],
    ["with another mark", JSON.stringify({ ...PLACE, mark: "0123" })],
  ])("throws for one that is %s, and names the file and what to do", async (_, text) => {
    const path = join(folder, "damaged.json");
    writeFileSync(path, text);
    await expect(createCursorFile(path).load()).rejects.toThrow(
      /damaged\.json is damaged: write .* or remove it/,
    );
  });

  it("throws where the file cannot be read", async () => {
    await expect(createCursorFile(folder).load()).rejects.toThrow(/EISDIR/);
  });
});

describe.skipIf(!(await hasPostgres()))("a cursor of a webhook in PostgreSQL", () => {
  it("keeps the latest place of the latest epoch, and what a process without epochs keeps", async () => {
    const shared = await makeSchema();
    try {
      const table = `${shared.schema}.service_webhooks`;
      await shared.pool.query(
        `CREATE TABLE ${table} (name text PRIMARY KEY, ledger_id text NOT NULL, seq bigint NOT NULL)`,
      );
      const earlier = (seq: number) =>
        shared.pool.query(
          `INSERT INTO ${table} AS kept VALUES ('ops', $1, $2) ON CONFLICT (name)
           DO UPDATE SET ledger_id = excluded.ledger_id, seq = excluded.seq`,
          [PLACE.ledger_id, seq],
        );
      await earlier(5);
      const cursor = (await createNamedCursors(shared.pool, shared.schema))("ops");
      const unknown = { epoch: null, mark: null };
      expect(await cursor.load()).toEqual({ ...PLACE, ...unknown, seq: 5 });
      await cursor.save(PLACE);
      await cursor.save({ ...PLACE, seq: 6 });
      await cursor.save({ ...PLACE, epoch: 1, seq: 9 });
      expect(await cursor.load()).toEqual(PLACE);
      await cursor.save({ ...PLACE, epoch: 3, seq: 2, mark: null });
      expect(await cursor.load()).toEqual({ ...PLACE, epoch: 3, seq: 2, mark: null });
      await cursor.restart({ ...PLACE, epoch: 3, seq: 1 });
      expect(await cursor.load()).toEqual({ ...PLACE, epoch: 3, seq: 1 });
      await earlier(4);
      expect(await cursor.load()).toEqual({ ...PLACE, ...unknown, seq: 4 });
    } finally {
      await shared.drop();
    }
  });
});
