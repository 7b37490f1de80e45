import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { crashRounds } from "../../../fault-injection/rounds.js";
import { createRandom } from "@dgb-shield/testkit/random";
import { nodeTimers } from "../../../src/adapters/node/index.js";
import { openOutbox } from "../../../src/adapters/outbox/index.js";
import type { SinkStats } from "../../../src/index.js";
import { buildScript } from "../../support/build.js";
import { idsOf } from "../../support/events.js";
import { startScript } from "@dgb-shield/testkit/child-process";
import { recordingSink } from "../../support/sinks.js";

let folder = "";
let script = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "outbox-crash-"));
  script = await buildScript("fault-injection/emitter.ts", folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

// `pnpm run crash` runs 100 rounds.
it("loses nothing that was acknowledged to the outbox, and keeps the order, over 6 kill -9", async () => {
  const random = createRandom(7).next;
  const report = await crashRounds({
    script,
    folder: join(folder, "killed"),
    rounds: 6,
    lifeMs: () => 50 + Math.floor(random() * 300),
  });
  expect(report).toMatchObject({ killed: 6, lost: [], outOfOrder: 0 });
  expect(report.acknowledged).toBeGreaterThan(100);
  expect(report.arrived).toBeGreaterThanOrEqual(report.acknowledged);
  expect(report.duplicates).toBeGreaterThan(0);
});

it("has everything that was emitted on the disk after SIGTERM, though no receiver listens", async () => {
  const place = join(folder, "stopped");
  const child = startScript(script, [place, "http://127.0.0.1:9/", "0", "1000000"]);
  await child.line((line) => /^\d{4}-/.test(line));
  expect(await child.end("SIGTERM")).toBe(0);
  const closing = child.lines.find((line) => line.startsWith("closed "))!;
  const { emitted, delivered } = JSON.parse(closing.slice("closed ".length)) as SinkStats;
  const { sink, events } = recordingSink("http");
  const outbox = await openOutbox({ folder: place, sinks: [sink], timers: nodeTimers });
  expect(await outbox.drained(10_000)).toBe(true);
  await outbox.close();
  expect(delivered).toBeGreaterThan(0);
  expect(emitted - delivered).toBeLessThanOrEqual(10); // emitted after the signal, and counted as closed
  expect(idsOf(events())).toEqual(child.lines.filter((line) => /^\d{4}-/.test(line)));
  expect(events().length).toBe(delivered);
});
