import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { afterAll, describe, expect, it } from "vitest";
import type { Outcome } from "../../src/timeline/entries.js";
import { entriesOf, outcomesOf, shield, start, summaryOf } from "../support/shield.js";

const folder = mkdtempSync(join(tmpdir(), "shield-restart-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What must not depend on whether a run was interrupted. */
const essence = ({ withdrawal_id, record }: Outcome) => ({ withdrawal_id, record });

/** Starts the recording at a speed that takes seconds, and stops it after `count` decisions. */
async function stopAfter(data: string, count: number, signal: "SIGKILL" | "SIGINT") {
  const args = ["demo", "dgb-regtest", "--once", "--json", "--speed", "1500", "--data", data];
  const { child, ended } = start(args);
  let seen = 0;
  child.stdout?.on("data", (text: string) => {
    seen += text.split('"type":"withdrawal"').length - 1;
    if (seen >= count) child.kill(signal);
  });
  return ended;
}

describe.skipIf(!hasSqlite)("shield demo, stopped half way", () => {
  it.each(["SIGKILL", "SIGINT"] as const)(
    "loses no decision and counts none twice after %s",
    async (signal) => {
      const data = join(folder, signal);
      const whole = entriesOf(await shield("demo", "dgb-regtest", "--once", "--json"));
      const stopped = await stopAfter(data, 20, signal);
      expect(stopped.code).toBe(signal === "SIGINT" ? 130 : null);
      const before = outcomesOf(entriesOf(stopped));
      expect(before.length).toBeGreaterThanOrEqual(20);
      expect(before.length).toBeLessThan(outcomesOf(whole).length);

      const resumed = await shield("demo", "dgb-regtest", "--once", "--json", "--data", data);
      expect(resumed.code).toBe(0);
      const after = entriesOf(resumed);
      expect(summaryOf(after).recalled).toBeGreaterThanOrEqual(before.length);
      expect(outcomesOf(after).map(essence)).toEqual(outcomesOf(whole).map(essence));
    },
  );
});
