/** Incidents from their begin to their end, over restarts, failures and bounds, in a file and in PostgreSQL. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "@dgb-shield/contract";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { Overview } from "../../../src/pipeline/index.js";
import type { PastIncident } from "../../../src/service/service.js";
import { createIncidentFile } from "../../../src/service/runtime/incident-log/file.js";
import { createIncidentLog } from "../../../src/service/runtime/incident-log/index.js";
import { type IncidentStore, MAX_KEPT } from "../../../src/service/runtime/incident-log/store.js";
import { createIncidentTable } from "../../../src/service/runtime/incident-log/table.js";
import { incidentsOf } from "../../../src/service/runtime/incidents.js";
import { hasPostgres } from "../../support/postgres.js";
import { makeSchema } from "../../support/several.js";

const folder = mkdtempSync(join(tmpdir(), "shield-incidents-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
const ALL = { status: "all", from_ms: 0, to_ms: 1e12, limit: 100 } as const;

type Found = Readonly<{ detector: string; severity?: number; since_ms?: number; summary?: string }>;
const overviewAt = (
  at_ms: number,
  found: readonly Found[],
  more: Partial<Overview> = {},
): Overview =>
  ({
    ...{ at_ms, veto: null, together: null, defense: { events: [] } },
    reports: [
      {
        node_id: "a",
        findings: found.map(
          ({ detector, severity = 0.7, since_ms = 1_000, summary = "found" }): Finding => ({
            ...{ finding_id: `${detector}:1`, detector, severity, summary, latched: false },
            ...{ detected_at_ms: since_ms, height: 1, evidence: {} },
          }),
        ),
      },
    ],
    ...more,
  }) as unknown as Overview;

/** A log over a store; a look is taken in at once. */
function logOver(store: IncidentStore, isActive = true) {
  const logged: string[] = [];
  const log = createIncidentLog({
    ...{ store, isActive: () => isActive, clock: () => 9_000 },
    log: (text) => void logged.push(text),
  });
  let live: Overview = overviewAt(0, []);
  return {
    logged,
    async at(overview: Overview) {
      live = overview;
      log.sample(overview);
      await log.settled();
    },
    list: (query: Partial<Parameters<typeof log.list>[0]> = {}) =>
      log.list({ ...ALL, ...query }, incidentsOf(live)),
    noting: log.noting,
  };
}

let files = 0;
const newPath = () => join(folder, `incidents-${files++}.jsonl`);
const clock = (): number => 500;

const stores: [string, boolean, () => Promise<() => Promise<IncidentStore>>][] = [
  [
    "a file",
    true,
    async () => {
      const path = newPath();
      return async () => createIncidentFile(path, clock);
    },
  ],
  [
    "PostgreSQL",
    await hasPostgres(),
    async () => {
      const { pool, schema, drop } = await makeSchema();
      endings.push(drop);
      return () => createIncidentTable(pool, schema, clock);
    },
  ],
];

for (const [where, isThere, storeIn] of stores) {
  describe.skipIf(!isThere)(`the log of incidents in ${where}`, () => {
    it("lists as many of a status as are wanted, and counts those that it leaves out", async () => {
      const log = logOver(await (await storeIn())());
      await log.at(overviewAt(1_000, [{ detector: "block_stall" }]));
      await log.at(overviewAt(2_000, []));
      const open = [2_000, 3_000].map((since_ms) => ({ detector: `reorg_${since_ms}`, since_ms }));
      await log.at(overviewAt(3_000, open));
      expect(await log.list({ status: "ended", limit: 1 })).toMatchObject({
        ...{ incidents: [{ cause: "block_stall", ended_ms: 2_000 }], left_out: 0 },
      });
      const current = await log.list({ status: "open", limit: 1 });
      expect(current.incidents.map(({ since_ms }) => since_ms)).toEqual([3_000]);
      expect(current.left_out).toBe(1);
    });

    it("has an incident as it was at its worst, from its begin to its end, also after a restart", async () => {
      const reopen = await storeIn();
      const first = logOver(await reopen());
      await first.at(overviewAt(1_000, [{ detector: "block_stall", severity: 0.3 }]));
      await first.at(
        overviewAt(2_000, [{ detector: "block_stall", severity: 0.9, summary: "worse" }]),
      );
      await first.at(overviewAt(3_000, [{ detector: "block_stall", severity: 0.4 }]));
      await first.at(overviewAt(4_000, [{ detector: "reorg", since_ms: 4_000 }]));
      const { incidents, since_ms, left_out } = await first.list();
      expect([since_ms, left_out]).toEqual([500, 0]);
      expect(incidents).toMatchObject([
        { cause: "reorg", since_ms: 4_000, ended_ms: null },
        {
          ...{ cause: "block_stall", since_ms: 1_000, ended_ms: 4_000, severity: 0.9 },
          ...{ level: "critical", summary: "worse", released: null },
        },
      ]);
      const again = logOver(await reopen());
      expect((await again.list()).incidents.map(({ cause }) => cause)).toEqual(["block_stall"]);
      // Before the nodes are heard, and while nothing can be relied on, nothing has ended.
      await again.at(overviewAt(5_000, [], { reports: [] }));
      await again.at(overviewAt(6_000, [], { veto: "own_node_stale" }));
      await again.at(overviewAt(7_000, []));
      expect((await again.list()).incidents.map(({ ended_ms }) => ended_ms)).toEqual([
        7_000, 4_000,
      ]);
    });

    it("lists those that were open in a range, by what became of them, and says how many it leaves out", async () => {
      const log = logOver(await (await storeIn())());
      for (let i = 1; i <= 5; i++)
        await log.at(overviewAt(i * 1_000, [{ detector: `d${i}`, since_ms: i * 1_000 }]));
      const causes = async (query: object) =>
        (await log.list(query)).incidents.map(({ cause }) => cause);
      expect(await causes({})).toEqual(["d5", "d4", "d3", "d2", "d1"]);
      expect(await causes({ status: "open" })).toEqual(["d5"]);
      expect(await causes({ status: "ended" })).toEqual(["d4", "d3", "d2", "d1"]);
      expect(await causes({ from_ms: 2_500, to_ms: 3_500 })).toEqual(["d3", "d2"]);
      expect(await causes({ from_ms: 9_000, to_ms: 9_500 })).toEqual(["d5"]);
      expect(await log.list({ limit: 2 })).toMatchObject({
        incidents: [{ cause: "d5" }, { cause: "d4" }],
        left_out: 3,
      });
    });

    it("has who released an incident and why, whatever the next look keeps", async () => {
      const reopen = await storeIn();
      const log = logOver(await reopen());
      const stall = { detector: "block_stall" };
      await log.at(overviewAt(1_000, [stall]));
      const orders = log.noting({
        releaseIncident: async () => ({ released: ["block_stall"], lifted_freezes: 0 }),
      } as never);
      const by = { operator: "ann", key_id: "k-ann" };
      await orders.releaseIncident("block_stall-1000", "a test", by);
      await log.at(overviewAt(2_000, [{ ...stall, severity: 0.8 }]));
      await log.at(overviewAt(3_000, []));
      const released = { at_ms: 9_000, operator: "ann", reason: "a test" };
      const expected = [{ ended_ms: 3_000, released, severity: 0.8 }];
      expect((await log.list()).incidents).toMatchObject(expected);
      expect((await logOver(await reopen()).list()).incidents).toMatchObject(expected);
    });

    it("keeps the newest ones, and says from when on it has all", async () => {
      const store = await (await storeIn())();
      const many = Array.from({ length: MAX_KEPT + 3 }, (_, i) => incident(i + 1_000));
      await store.save(many);
      const { incidents, left_out, since_ms } = await store.read({ ...ALL, limit: 1 });
      expect([incidents[0]?.since_ms, left_out]).toEqual([MAX_KEPT + 1_002, MAX_KEPT - 1]);
      expect(since_ms).toBe(1_003);
    });

    it("takes in hostile texts whole or cut, and gives them back", async () => {
      const log = logOver(await (await storeIn())());
      const summary = `<script>'"\\ \0\u202e\ud83d ${"x".repeat(2_000)}`;
      await log.at(overviewAt(1_000, [{ detector: "a'; DROP TABLE x; --", summary }]));
      await log.at(overviewAt(2_000, []));
      const [one] = (await log.list()).incidents;
      expect(one?.cause).toBe("a'; DROP TABLE x; --");
      expect(one?.summary).toHaveLength(512);
      expect(one?.summary.isWellFormed()).toBe(true);
    });
  });
}

const incident = (since_ms: number): PastIncident => ({
  ...{ incident_id: `d-${since_ms}`, cause: "d", severity: 0.5, level: "elevated", since_ms },
  ...{ ended_ms: since_ms + 1, summary: "s", findings: [], defense_events: [], latched: false },
  released: null,
});

describe("the file of incidents", () => {
  it("leaves out a line that was cut off, and goes on behind it", async () => {
    const path = newPath();
    await createIncidentFile(path, clock).save([incident(1_000)]);
    appendFileSync(path, `{"incident_id":"d-2`);
    const store = createIncidentFile(path, clock);
    await store.save([incident(3_000)]);
    const { incidents } = await createIncidentFile(path, clock).read(ALL);
    expect(incidents.map(({ since_ms }) => since_ms)).toEqual([3_000, 1_000]);
    expect(readFileSync(path, "utf8")).not.toContain("d-2");
  });
});

describe("a log whose store fails", () => {
  it("says so once, lists nothing as if it were empty, and keeps what was missed when it works again", async () => {
    const store = createIncidentFile(newPath(), clock);
    let isFailing = true;
    const log = logOver({
      ...store,
      save: (all) => (isFailing ? Promise.reject(new Error("no space")) : store.save(all)),
      read: (range) => (isFailing ? Promise.reject(new Error("no space")) : store.read(range)),
    });
    await log.at(overviewAt(1_000, [{ detector: "reorg" }]));
    await log.at(overviewAt(2_000, [{ detector: "reorg" }]));
    expect(log.logged).toEqual(["incidents are not kept: no space"]);
    await expect(log.list()).rejects.toThrow("no space");
    isFailing = false;
    await log.at(overviewAt(3_000, [{ detector: "reorg" }]));
    await log.at(overviewAt(4_000, []));
    expect((await log.list()).incidents).toMatchObject([{ cause: "reorg", ended_ms: 4_000 }]);
  });

  it("keeps nothing where another process watches", async () => {
    const store = createIncidentFile(newPath(), clock);
    await logOver(store, false).at(overviewAt(1_000, [{ detector: "reorg" }]));
    expect((await store.read(ALL)).incidents).toEqual([]);
  });
});
