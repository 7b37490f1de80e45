/** The start of a pipeline, before its own nodes have reported: no event of a network that no one knows yet. */
import { describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS, REQUEST, see, seeBlind, site, stranger } from "../support/site.js";

const eventsOf = async ({ pipeline }: ReturnType<typeof site>): Promise<string[]> =>
  (await pipeline.overview()).defense.events.map(({ type }) => type);

describe("a pipeline that has just started", () => {
  it.each([["node-a"], ["node-a", "node-b"]])(
    "is no incident until its nodes %s have had their time, and pays nothing until one has reported",
    async (...nodes) => {
      const made = site({ further_node_ids: nodes.slice(1) });
      expect(await eventsOf(made)).toEqual([]);
      const early = await made.pipeline.decideWithdrawal(REQUEST);
      expect([early.final, early.record.veto]).toEqual([false, "own_node_stale"]);
      made.moveTo(made.now() + 2 * MINUTE_MS);
      expect(await eventsOf(made)).toEqual(["network_advisory"]);
    },
  );

  it("is one where a node does not answer", async () => {
    const made = site();
    await eventsOf(made);
    seeBlind(made, "unreachable");
    expect(await eventsOf(made)).toContain("node_unwatched");
  });

  it("takes an alarm of another site at once", async () => {
    const made = site();
    made.pipeline.receive([stranger(1, { operator: "stranger", observed_at: made.now() })]);
    expect((await eventsOf(made)).length).toBeGreaterThan(0);
  });

  it("is one again where the network falls silent later", async () => {
    const made = site();
    see(made, 3_000);
    expect(await eventsOf(made)).toEqual([]);
    made.moveTo(made.now() + HOUR_MS);
    expect(await eventsOf(made)).toContain("network_advisory");
  });
});
