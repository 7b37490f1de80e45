/** Contract of a ledger: known destinations of owners, and the current version of a policy. */
import { describe, expect, it } from "vitest";
import type { StoredDestination } from "../../../src/ports.js";
import { type Calls, MAX, reads } from "./fixtures.js";

const destination = (more: Partial<StoredDestination> = {}): StoredDestination => ({
  owner: "account:x",
  script: "0014aa",
  shape: "abcdwxyz",
  known_at_ms: 1_000,
  approved: false,
  lookalike: false,
  free_used: 0n,
  ...more,
});

/** Declares this part of the suite. */
export function describeKnown({ look, write }: Calls): void {
  const ask = async (...destinations: readonly Partial<StoredDestination>[]) => {
    const asked = destinations.map((more) => {
      const { owner, script, shape } = destination(more);
      return { owner, script, shape };
    });
    return (await look(reads({ destinations: asked }))).destinations;
  };

  describe("destinations", () => {
    it("are known by owner and script, as they were put last, and read in the order of the reads", async () => {
      const known = destination({ approved: true, lookalike: true, free_used: MAX });
      await write({
        destinations: [destination(), destination({ script: "0014bb", shape: null })],
      });
      await write({ destinations: [known] });
      const answers = await ask({ script: "0014bb", shape: null }, {}, { owner: "wallet:a" });
      expect(answers.map(({ stored }) => stored)).toEqual([
        destination({ script: "0014bb", shape: null }),
        known,
        null,
      ]);
    });

    it("look like another known script of the same owner and shape", async () => {
      await write({ destinations: [destination()] });
      const answers = await ask(
        {}, // itself
        { script: "0014bb" },
        { script: "0014bb", shape: "other" },
        { script: "0014bb", shape: null },
        { script: "0014bb", owner: "account:y" },
      );
      expect(answers.map(({ has_lookalike }) => has_lookalike)).toEqual([
        false,
        true,
        false,
        false,
        false,
      ]);
      await write({ destinations: [destination({ script: "0014bb", lookalike: true })] });
      const [first, second] = await ask({}, { script: "0014bb" });
      expect([first?.has_lookalike, second?.has_lookalike]).toEqual([true, true]);
    });

    it("without a shape look like nothing", async () => {
      await write({ destinations: [destination({ shape: null })] });
      expect((await ask({ script: "0014bb", shape: null }))[0]!.has_lookalike).toBe(false);
    });

    it("are none where none are requested", async () => {
      await write({ destinations: [destination()] });
      expect((await look(reads())).destinations).toEqual([]);
    });
  });

  describe("policies", () => {
    it("have the version that was made the current one last, as the next generation of their name", async () => {
      const current = async (policy: string) => (await look(reads({ policy }))).policy;
      expect(await current("default")).toBeNull();
      await write({ policy: { name: "default", version: "v1" } });
      expect(await current("default")).toEqual({ version: "v1", generation: 1 });
      await write({ policy: { name: "default", version: "v2" } });
      await write({ policy: { name: "other", version: "v9" } });
      await write({ policy: { name: "default", version: "v1" } });
      expect(await current("default")).toEqual({ version: "v1", generation: 3 });
      expect(await current("other")).toEqual({ version: "v9", generation: 1 });
      expect((await look(reads())).policy).toBeNull();
    });
  });
}
