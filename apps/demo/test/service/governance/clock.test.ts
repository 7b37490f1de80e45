/** A proposal to accept the clock of a real service whose clock steps, and steps on while approvals come in. */
import { describe, expect, it } from "vitest";
import { governedSite } from "../../support/faults/governed-site.js";
import { fakeClock, movedClock } from "../../support/faults/moved-clock.js";
import { faultSuite } from "../../support/faults/suite.js";

const { hasNode, make, serve, atEnd } = faultSuite();
const library = fakeClock();
const HOUR_S = 3_600;

describe.skipIf(!hasNode || library === false)("a clock that steps", { timeout: 300_000 }, () => {
  it("is accepted as far as voters saw it, and not a day further", async () => {
    const { move, env } = movedClock(String(library), atEnd);
    const { site, backEnd, governors, propose, vote, read } = await governedSite(make);
    await serve(site, { env });
    await backEnd.until("ALLOW");
    move(HOUR_S);
    await backEnd.until("clock_untrusted");
    const first = await propose({ kind: "accept_clock" });
    const { change } = (await read(first)) as { change: { seen: { step_ms: number } } };
    expect(change).toMatchObject({ kind: "accept_clock", seen: { status: "ahead" } });
    expect(Math.abs(change.seen.step_ms - HOUR_S * 1_000)).toBeLessThan(30_000);
    await vote(first, governors[0]);
    move(25 * HOUR_S);
    await backEnd.until("clock_untrusted");
    await vote(first, governors[1]);
    expect(await read(first)).toMatchObject({
      ...{ status: "stale", outcome: { code: "clock_moved" } },
    });
    await backEnd.until("clock_untrusted");
    move(HOUR_S);
    const second = await propose({ kind: "accept_clock" });
    for (const token of governors) await vote(second, token);
    expect(await read(second)).toMatchObject({ status: "executed" });
    // The network's view holds what it last was, for a minute after its cause.
    await backEnd.until("ALLOW", 150_000);
  });
});
