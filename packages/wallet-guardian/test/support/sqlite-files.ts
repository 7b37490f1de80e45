/** Files of SQLite ledgers for tests of what becomes of them. */
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { expect } from "vitest";
import { createSqliteLedger } from "../../src/adapters/sqlite/index.js";
import type { Ledger } from "../../src/ports.js";
import { reads, stored } from "../ledger/contract/fixtures.js";
import { newPath } from "./ledgers.js";

/** One withdrawal and one record. */
export const put = (ledger: Ledger, id: string): Promise<null> =>
  ledger.transact(reads({ ids: [id] }), () => ({
    result: null,
    writes: { withdrawals: [stored(id)], records: [{ kind: "decision", json: "{}" }] },
  }));
/** The ledger of a file. */
export const open = (path: string, create = false): Ledger => createSqliteLedger({ path, create });
/** What lies in the folder of a file. */
export const files = (path: string): string[] => readdirSync(dirname(path)).sort();

/** A closed ledger with the withdrawals `w-1` … `w-n`. */
export async function made(n = 1): Promise<string> {
  const path = newPath();
  await add(path, n, true);
  return path;
}

/** Adds withdrawals and closes. */
export async function add(path: string, n: number, create = false, prefix = "w"): Promise<void> {
  const ledger = open(path, create);
  for (let k = 1; k <= n; k++) await put(ledger, `${prefix}-${k}`);
  await ledger.close();
}

/** A rejection with its cause. */
export const refused = (text: RegExp) => ({
  code: "ledger_unavailable",
  message: expect.stringMatching(text) as string,
});

/** Neither the check nor any call succeeds, and all of them name the cause. */
export async function expectRefusal(ledger: Ledger, text: RegExp): Promise<void> {
  const codes = { name: "LedgerError", code: "ledger_unavailable" };
  expect(() => ledger.check?.()).toThrow(expect.objectContaining(codes) as Error);
  expect(() => ledger.check?.()).toThrow(text);
  await expect(put(ledger, "refused")).rejects.toMatchObject(refused(text));
  await expect(ledger.withdrawal("w-1")).rejects.toMatchObject(refused(text));
  await expect(ledger.identity()).rejects.toMatchObject(refused(text));
}
