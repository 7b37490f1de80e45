/** The commands that texts of errors name: those of this package, or of who embeds the ledger. */
import { copyFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { describe, expect, it } from "vitest";
import {
  adoptSqliteLedger,
  createSqliteLedger,
  type LedgerCommands,
} from "../../../src/adapters/sqlite/index.js";
import { LedgerError } from "../../../src/errors.js";
import { newPath } from "../../support/ledgers.js";
import { made } from "../../support/sqlite-files.js";

const OTHERS: LedgerCommands = { adopt: "svc take $& it", create: "svc make" };
const SOURCES = join(import.meta.dirname, "../../../src/adapters/sqlite");

/** The file with its pages overwritten, but for its header. */
const damaged = (bytes: Buffer): Buffer => bytes.fill(0xff, 100);

/** Text of the error that a call at the file ends with. */
async function refusal(path: string, commands?: LedgerCommands): Promise<string> {
  const ledger = createSqliteLedger({ path, ...(commands !== undefined && { commands }) });
  const error = await ledger.identity().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  await ledger.close();
  if (!(error instanceof LedgerError)) throw new Error("it was not refused");
  return error.message;
}

describe.skipIf(!hasSqlite)("the texts of a SQLite ledger's errors", () => {
  const faults: readonly (readonly [string, (path: string) => void])[] = [
    ["a missing file", (path) => renameSync(path, `${path}.away`)],
    ["an empty file", (path) => writeFileSync(path, "")],
    ["a file that is damaged", (path) => writeFileSync(path, damaged(readFileSync(path)))],
  ];

  it.each(faults)("name the command for %s", async (_, fault) => {
    const path = await made(1);
    fault(path);
    const own = await refusal(path);
    expect(own).toContain("guardian-ledger adopt (adoptSqliteLedger)");
    const other = await refusal(path, OTHERS);
    expect(other).toContain("svc take $& it");
    expect(other).not.toMatch(/guardian-ledger|SqliteLedger/);
  });

  it("name the command for the witness of another ledger", async () => {
    const [path, other] = [await made(1), await made(1)];
    copyFileSync(`${other}.witness`, `${path}.witness`);
    expect(await refusal(path, OTHERS)).toContain("adopt this one with svc take $& it");
  });

  it("name the command for a copy at another path, also where it is new", async () => {
    const [path, copy] = [await made(1), newPath()];
    copyFileSync(path, copy);
    expect(await refusal(copy, OTHERS)).toContain("adopt it with svc take $& it");
    expect(await refusal(newPath(), OTHERS)).toContain("a new ledger is made by svc make alone");
  });

  it("name the command where an order to adopt fails", async () => {
    const order = { path: newPath(), operator: "ann", reason: "moved", clock: () => 1 };
    await expect(adoptSqliteLedger(order)).rejects.toThrow("guardian-ledger adopt");
    await expect(adoptSqliteLedger({ ...order, commands: OTHERS })).rejects.toThrow(
      "svc take $& it",
    );
  });

  it("are written in one place", () => {
    const named = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .filter((file) =>
        readFileSync(join(SOURCES, file), "utf8").includes("guardian-ledger adopt"),
      );
    expect(named).toEqual(["commands.ts"]);
  });
});
