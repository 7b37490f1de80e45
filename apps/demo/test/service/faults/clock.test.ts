/** A clock that steps under the running service, and between two of its runs. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missing } from "@dgb-shield/testkit/services";
import { describe, expect, it } from "vitest";
import { expectNothingLeaked, expectNothingLost, spentOf } from "../../support/faults/checks.js";
import { faultSuite } from "../../support/faults/suite.js";

const { hasNode, serve, running, atEnd } = faultSuite();

/** Finds the library that fakes the wall clock of a process. */
function fakeClock(): string | false {
  const [folder = ""] = String(spawnSync("gcc", ["-print-multiarch"]).stdout).split("\n");
  const names = [folder, "x86_64-linux-gnu", "aarch64-linux-gnu"];
  const found = names
    .map((name) => `/usr/lib/${name}/faketime/libfaketime.so.1`)
    .find((path) => existsSync(path));
  return found ?? missing("libfaketime", "Debian: apt-get install libfaketime");
}
const library = fakeClock();

/** A wall clock that a test moves; the monotonic one is the machine's. */
function movedClock() {
  const folder = mkdtempSync(join(tmpdir(), "shield-clock-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "offset");
  const move = (seconds: number): void =>
    writeFileSync(file, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}s\n`);
  move(0);
  return {
    move,
    env: {
      LD_PRELOAD: String(library),
      ...{ FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: "1" },
      ...{ FAKETIME_DONT_FAKE_MONOTONIC: "1", DONT_FAKE_MONOTONIC: "1", NO_FAKE_STAT: "1" },
    },
  };
}

const HOUR_S = 3_600;

describe.skipIf(!hasNode || library === false)("a clock", { timeout: 180_000 }, () => {
  it.each([
    ["ahead", HOUR_S],
    ["back", -HOUR_S],
  ])("that steps %s refuses payments until it is right again", async (_, seconds) => {
    const { move, env } = movedClock();
    const { served, backEnd } = await running({}, { env });
    const spent = await spentOf(backEnd);
    move(seconds);
    const refused = await backEnd.until("clock_untrusted");
    expect(refused.body["final"] ?? "REFUSED").toBe("REFUSED");
    const status = await backEnd.ask("GET /v1/status", undefined, "reader");
    expect(status?.body).toMatchObject({ state: "blind", cause: { code: "clock_untrusted" } });
    move(0);
    await backEnd.until("ALLOW");
    await expectNothingLost(backEnd);
    expect(await spentOf(backEnd)).toBeGreaterThan(spent);
    expectNothingLeaked(backEnd, served.log());
  });

  it("that was set back between two runs pays nothing until an operator accepts it, and no limit is forgotten", async () => {
    const { move, env } = movedClock();
    const { site, served, backEnd } = await running({}, { env });
    await backEnd.until("ALLOW");
    await served.end();
    move(-HOUR_S);
    const again = await serve(site, { env });
    await backEnd.until("clock_untrusted");
    const accept = await backEnd.ask("POST /v1/clock/accept", { reason: "compared" }, "operator");
    expect(accept?.status).toBe(200);
    await backEnd.until("ALLOW");
    await expectNothingLost(backEnd);
    expectNothingLeaked(backEnd, again.log());
  });
});
