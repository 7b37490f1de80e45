import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownerRounds } from "../../../fault-injection/owner-rounds.js";
import { nodeTimers } from "../../../src/adapters/node/index.js";
import { openOutbox, type OutboxOptions } from "../../../src/adapters/outbox/index.js";
import { buildScript } from "../../support/build.js";
import { eventOf } from "../../support/events.js";
import { startScript } from "@dgb-shield/testkit/child-process";
import { hasNamespaces } from "../../support/services.js";
import { recordingSink } from "../../support/sinks.js";

let folder = "";
let script = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "outbox-owner-"));
  script = await buildScript("fault-injection/contender.ts", folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const open = (place: string, change: Partial<OutboxOptions> = {}) =>
  openOutbox({
    folder: join(folder, place),
    sinks: [recordingSink("a").sink],
    timers: nodeTimers,
    ...change,
  });

// `pnpm run crash owners` runs 1,000 rounds of each kind.
describe("an outbox folder has one owner, and nothing that was acknowledged is lost", () => {
  it("when 2 and 4 processes start at once on the folder of a killed one", async () => {
    const place = join(folder, "plain");
    const plan = { script, folder: place, rounds: 12, sizes: [2, 4], isNamespaced: false };
    expect(await ownerRounds(plan)).toMatchObject({ oneOwner: 12, lost: [], damaged: 0 });
  }, 60_000);

  it.skipIf(!hasNamespaces())(
    "when each is process 1 of its own container",
    async () => {
      const place = join(folder, "contained");
      const plan = { script, folder: place, rounds: 8, sizes: [2, 4], isNamespaced: true };
      expect(await ownerRounds(plan)).toMatchObject({ oneOwner: 8, lost: [], damaged: 0 });
    },
    60_000,
  );

  it("when its owner is stopped for a while: the folder stays the owner's", async () => {
    const owner = startScript(script, [join(folder, "stopped"), "first"]);
    await owner.line((line) => line.startsWith("owner "));
    owner.process.kill("SIGSTOP");
    await expect(open("stopped")).rejects.toMatchObject({ code: "outbox_locked" });
    owner.process.kill("SIGCONT");
    await expect(open("stopped")).rejects.toMatchObject({ code: "outbox_locked" });
    await owner.end("SIGKILL");
    await (await open("stopped")).close();
  });

  it("when a file names a process that lives, whichever it is", async () => {
    await (await open("reused")).close();
    const other = spawn("sleep", ["30"]);
    await once(other, "spawn");
    await writeFile(join(folder, "reused", "lock"), String(other.pid));
    await (await open("reused")).close();
    other.kill();
  });

  it("when it is reached by another path", async () => {
    const outbox = await open("one");
    await symlink(folder, join(folder, "parent"));
    await expect(open("parent/one")).rejects.toMatchObject({ code: "outbox_locked" });
    await outbox.close();
  });

  it("when it was copied: the copy is another folder", async () => {
    const down = { name: "a", write: () => Promise.reject(new Error("down")) };
    const outbox = await open("original", { sinks: [down], retryDelayMs: 60_000 });
    await outbox.write([eventOf(1)]);
    await cp(join(folder, "original"), join(folder, "copy"), { recursive: true });
    const copy = await open("copy");
    await copy.close();
    await outbox.close();
  });
});

describe("openOutbox, where a folder cannot be locked", () => {
  it("refuses, with what to do", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = "/nonexistent";
    try {
      await expect(open("unlockable")).rejects.toMatchObject({
        code: "lock_unavailable",
        message: expect.stringContaining("util-linux") as string,
      });
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("takes another way to lock", async () => {
    const lockDescriptor = (fd: number) => Promise.resolve(fd > 2);
    await (await open("other-way", { lockDescriptor })).close();
    await expect(
      open("other-way", { lockDescriptor: () => Promise.resolve(false) }),
    ).rejects.toMatchObject({ code: "outbox_locked" });
  });
});
