/** A clock that steps under the running service, and between two of its runs. */
import { describe, expect, it } from "vitest";
import { expectNothingLeaked, expectNothingLost, spentOf } from "../../support/faults/checks.js";
import { fakeClock, movedClock } from "../../support/faults/moved-clock.js";
import { faultSuite } from "../../support/faults/suite.js";

const { hasNode, serve, running, atEnd } = faultSuite();

const library = fakeClock();
const moved = () => movedClock(String(library), atEnd);

const HOUR_S = 3_600;

describe.skipIf(!hasNode || library === false)("a clock", { timeout: 180_000 }, () => {
  it.each([
    ["ahead", HOUR_S],
    ["back", -HOUR_S],
  ])("that steps %s refuses payments until it is right again", async (_, seconds) => {
    const { move, env } = moved();
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
    const { move, env } = moved();
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
