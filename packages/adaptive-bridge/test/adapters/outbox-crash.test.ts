import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { crashRounds } from "../../crash/rounds.js";
import { seededRandom } from "../../crash/seeded-random.js";
import { buildScript } from "../support/build.js";

// `pnpm run crash` runs 100 rounds.
it("loses nothing that was acknowledged to the outbox, and keeps the order, over 6 kill -9", async () => {
  const folder = await mkdtemp(join(tmpdir(), "outbox-crash-"));
  try {
    const script = await buildScript("crash/emitter.ts", folder);
    const random = seededRandom(7);
    const report = await crashRounds({
      script,
      folder: join(folder, "outbox"),
      rounds: 6,
      lifeMs: () => 50 + Math.floor(random() * 300),
    });
    expect(report).toMatchObject({ killed: 6, lost: [], outOfOrder: 0 });
    expect(report.acknowledged).toBeGreaterThan(100);
    expect(report.arrived).toBeGreaterThanOrEqual(report.acknowledged);
    expect(report.duplicates).toBeGreaterThan(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
