/** The witness of a SQLite ledger while its file, or the folder, goes and comes back. */
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openWitness, readWitness, witnessPath } from "../../../src/adapters/sqlite/witness.js";

const ledger_id = "ab".repeat(16);

describe("openWitness", () => {
  let root: string;
  let folder: string;
  let nowMs = 0;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "witness-"));
    folder = mkdtempSync(join(root, "ledger-"));
    vi.spyOn(performance, "now").mockImplementation(() => (nowMs += 2_000));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(root, { recursive: true, force: true });
  });

  it("writes to no other file after its own could not be opened again, and to its own once it can", () => {
    const ledger = join(folder, "ledger.sqlite");
    const path = witnessPath(ledger);
    const witness = openWitness(path, { ledger_id, epoch: 1, seq: 0 }, null, ledger);
    renameSync(folder, `${folder}-away`);
    witness.note(1);
    // Whatever is opened next would get the number of a file that was closed.
    const other = join(root, "other");
    writeFileSync(other, "of another part of the process");
    const opened = [0, 1, 2].map(() => openSync(other, "r+"));
    vi.spyOn(performance, "now").mockImplementation(() => nowMs);
    witness.note(2);
    vi.spyOn(performance, "now").mockImplementation(() => (nowMs += 2_000));
    witness.note(3);
    expect(readFileSync(other, "utf8")).toBe("of another part of the process");
    renameSync(`${folder}-away`, folder);
    witness.note(4);
    expect(readWitness(path, ledger)).toEqual({ ledger_id, epoch: 1, seq: 4 });
    // All of them are open still.
    for (const file of opened) closeSync(file);
    witness.close();
  });

  it("makes its file again where that was removed", () => {
    const ledger = join(folder, "ledger.sqlite");
    const path = witnessPath(ledger);
    const witness = openWitness(path, { ledger_id, epoch: 1, seq: 0 }, null, ledger);
    rmSync(path);
    witness.note(1);
    expect(readWitness(path, ledger)).toEqual({ ledger_id, epoch: 1, seq: 1 });
    witness.close();
  });
});
