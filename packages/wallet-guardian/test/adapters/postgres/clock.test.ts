/** The clock of the PostgreSQL server: what jumps is rejected, the process's own clocks have no effect (design, section 7: clocks). */
import type { ShieldEvent } from "@dgb-shield/contract";
import type pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { createPostgresLedger } from "../../../src/adapters/postgres/index.js";
import { createGuardian, type GuardianPolicyInput } from "../../../src/index.js";
import { HOUR, said } from "../../support/guardian.js";
import { hasPostgres, newPool, newSchema } from "../../support/postgres.js";

const ORDER = { operator: "ann", reason: "the server's clock is right" };
const LIMITED = { max_24h: "1000", limits: { global: { max_24h: "5000" } } };

describe.skipIf(!hasPostgres)("the server's clock", () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  });

  /** A schema whose clock can be moved, and processes with clocks of their own. */
  function place() {
    const schema = newSchema();
    const pool: pg.Pool = newPool(4);
    cleanUps.push(async () => {
      await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await pool.end();
    });
    const moveServer = (interval: string) =>
      pool.query(`CREATE OR REPLACE FUNCTION ${schema}.now_ms() RETURNS bigint LANGUAGE sql VOLATILE AS
        $$ SELECT floor(extract(epoch FROM clock_timestamp() + interval '${interval}') * 1000)::bigint $$`);
    const start = (policy: GuardianPolicyInput = LIMITED, hasSteady = true) => {
      const shift = { wall: 0, steady: 0 };
      const events: ShieldEvent[] = [];
      const guardian = createGuardian({
        policy,
        ledger: createPostgresLedger({ pool, schema, limitMs: 60_000 }),
        clock: () => Date.now() + shift.wall,
        ...(hasSteady ? { monotonic: () => performance.now() + shift.steady } : {}),
        events: { emit: (event) => void events.push(event) },
      });
      const ask = (withdrawal_id: string, amount = "1", wallet_id = "hot") =>
        guardian.evaluate({ withdrawal_id, wallet_id, amount }, "LOW");
      const told = () =>
        events.map(({ action, extra }) => `${action} ${JSON.stringify(extra["status"] ?? null)}`);
      return { guardian, shift, events, ask, told };
    };
    return { moveServer, start };
  }

  it("that jumps ahead for a moment empties no window, is an event, and poisons nothing", async () => {
    const { start, moveServer } = place();
    const { ask, guardian, told } = start();
    for (const id of ["a", "b"]) await ask(id, "500");
    expect(said(await ask("c"))).toBe("DELAY daily_limit");
    await moveServer("25 hours");
    for (const wallet of ["hot", "hot-2"]) {
      const answer = await ask("d", "1000", wallet);
      expect([said(answer), answer.final]).toEqual(["REJECT clock_untrusted", false]);
      expect(answer.detail).toMatch(/^the ledger's clock jumped ahead: /);
    }
    // what an operator settles meanwhile is not dated by that clock
    await guardian.freeze("wallet", "hot-3", ORDER);
    expect(await guardian.wallet("hot")).toMatchObject({ clock: "ahead" });
    await moveServer("0 hours");
    expect(said(await ask("e"))).toBe("DELAY daily_limit");
    expect(said(await ask("f", "1", "hot-2"))).toBe("ALLOW within_limits");
    expect(told()).toEqual([
      "limit_breach null",
      'clock_untrusted "ahead"',
      "freeze null",
      "limit_breach null",
    ]);
  });

  it("that jumped for good is accepted by an operator, for every process", async () => {
    const { start, moveServer } = place();
    const sides = [start(), start()];
    for (const [n, { ask }] of sides.entries()) await ask(`w-${n}`, "500");
    await moveServer("25 hours");
    for (const [n, { ask }] of sides.entries()) {
      expect(said(await ask(`x-${n}`, "500"))).toBe("REJECT clock_untrusted");
    }
    expect(await sides[0]!.guardian.acceptClock(ORDER)).toMatchObject({ accepted: true });
    for (const [n, { ask }] of sides.entries()) {
      expect(said(await ask(`x-${n}`, "500"))).toBe("ALLOW within_limits");
    }
  });

  it("that was ahead at the start leaves a wallet that acceptClock opens again, dated now", async () => {
    const { start, moveServer } = place();
    await start().guardian.wallet("hot");
    await moveServer("8 hours");
    const early = await start({ max_24h: "10", cooldown_seconds: 60 }).ask("w1", "5");
    expect(early).toMatchObject({ final: true, valid_for_ms: 60_000 });
    await moveServer("0 hours");
    const sides = [1, 2].map(() => start({ max_24h: "10", cooldown_seconds: 60 }));
    for (const { ask } of sides) {
      expect(said(await ask("w1", "5"))).toBe("REJECT clock_untrusted");
      expect(said(await ask("w2", "5"))).toBe("REJECT clock_untrusted");
    }
    await sides[0]!.guardian.acceptClock(ORDER);
    for (const { ask } of sides) {
      const delayed = await ask("w2", "5");
      expect(said(delayed)).toBe("DELAY cooldown_breach");
      expect(delayed.retry_after_ms).toBeLessThanOrEqual(60_000);
    }
  });

  it("that steps back is not trusted until it has caught up or is accepted", async () => {
    const { start, moveServer } = place();
    const { ask, guardian, told } = start();
    await ask("a", "1000");
    await moveServer("-2 hours");
    expect(said(await ask("b"))).toBe("REJECT clock_untrusted");
    expect(said(await ask("b", "1", "hot-2"))).toBe("REJECT clock_untrusted");
    expect(told()).toEqual(['clock_untrusted "behind"']);
    await guardian.acceptClock(ORDER);
    expect(said(await ask("b"))).toBe("DELAY daily_limit");
    expect(said(await ask("c", "1", "hot-2"))).toBe("ALLOW within_limits");
  });

  it.each([
    ["1970", "-56 years", /is before 2009/],
    ["2101 and later", "90 years", /is after 2100/],
  ])("that reads %s gives no time", async (_what, interval, detail) => {
    const { start, moveServer } = place();
    const { guardian, ask } = start();
    await guardian.wallet("hot");
    await moveServer(interval);
    const answer = await ask("a");
    expect(said(answer)).toBe("REJECT clock_untrusted");
    expect(answer.detail).toMatch(/^the ledger's clock: \d+ /);
    expect(answer.detail).toMatch(detail);
    expect(await guardian.acceptClock(ORDER)).toMatchObject({
      accepted: false,
      reason_codes: ["clock_untrusted"],
    });
  });

  it("counts while a process was paused: the pause is an event, and decisions go on", async () => {
    const { start, moveServer } = place();
    const { ask, shift, told } = start();
    await ask("a");
    // the machine stood still: its monotonic clock did not see it, the wall clocks did
    const pause = async (totalMs: number) => {
      await moveServer(`${totalMs} milliseconds`);
      shift.wall = totalMs;
    };
    await pause(20_000);
    for (const id of ["b", "c"]) expect(said(await ask(id))).toBe("ALLOW within_limits");
    expect(told()).toEqual(['clock_untrusted "ahead"']);
    await pause(60_000);
    expect(said(await ask("d"))).toBe("ALLOW within_limits");
    // longer than a pause may prove itself
    await pause(150_000);
    expect(said(await ask("e"))).toBe("REJECT clock_untrusted");
  });

  it.each([
    ["10 minutes slow", -600_000],
    ["25 hours ahead", 25 * HOUR],
    ["years behind", -365 * 24 * HOUR],
  ])("counts though the process's wall clock is %s, which is an event", async (_what, wall) => {
    const { start } = place();
    const { ask, shift, told, guardian } = start();
    shift.wall = wall;
    const answer = await ask("a");
    expect([said(answer), answer.valid_for_ms]).toEqual(["ALLOW within_limits", 60_000]);
    expect(await guardian.wallet("hot")).toMatchObject({ clock: "trusted" });
    await ask("b");
    expect(told()).toEqual(['clock_skew "trusted"']);
  });

  it("does not hide a process's clock that gives seconds", async () => {
    const { start } = place();
    const { ask, shift, guardian } = start();
    await guardian.wallet("hot");
    shift.wall = Math.floor(Date.now() / 1_000) - Date.now();
    const answer = await ask("a");
    expect(said(answer)).toBe("REJECT clock_untrusted");
    expect(answer.detail).toMatch(/seconds were given where milliseconds are expected$/);
  });

  it("is not taken for one that jumped when the process was busy for long", async () => {
    const { start } = place();
    const { ask, shift } = start();
    await ask("a");
    // the event loop stood: all clocks of the process went on, the answer is read late
    shift.steady += 7_000;
    shift.wall += 7_000;
    expect(said(await ask("b"))).toBe("ALLOW within_limits");
    shift.steady -= 7_000;
    shift.wall -= 7_000;
    expect(said(await ask("c"))).toBe("ALLOW within_limits");
  });
});
