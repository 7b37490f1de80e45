import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createCursorFile } from "../../../src/service/runtime/publishing/cursor.js";

const folder = mkdtempSync(join(tmpdir(), "shield-cursor-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const PLACE = { ledger_id: "0123456789abcdef".repeat(2), seq: 7 };

describe("createCursorFile", () => {
  it("gives null where none was kept, then what was kept", async () => {
    const cursor = createCursorFile(join(folder, "kept.json"));
    expect(await cursor.load()).toBeNull();
    await cursor.save(PLACE);
    expect(await cursor.load()).toEqual(PLACE);
  });

  it.each([
    ["empty", ""],
    ["half written", '{"ledger_id": "0123'],
    ["of another kind", '{"seq": 7}'],
    ["with a negative place", JSON.stringify({ ...PLACE, seq: -1 })],
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
