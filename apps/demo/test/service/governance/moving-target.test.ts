/** A proposal about an incident that grows before it is carried out. */
import { describe, expect, it } from "vitest";
import { createEffects, type EffectParts } from "../../../src/service/governance/effects.js";

const finding = (finding_id: string) => ({
  ...{ finding_id, detector: "reorg", severity: 0.95, detected_at_ms: 1_000 },
  ...{ summary: "a reorganisation", latched: true },
});

describe("the release of an incident", () => {
  it("is stale once more was found of the same cause", async () => {
    const findings = [finding("reorg:100:aa")];
    const released: string[] = [];
    const overview = () =>
      Promise.resolve({
        ...{ reports: [{ node_id: "node-1", findings }], together: null },
        defense: { events: [] },
      });
    const effects = createEffects({
      decider: { overview },
      watcher: {
        releaseIncident(id: string) {
          released.push(id);
          return Promise.resolve({ released: [id], lifted_freezes: 0 });
        },
      },
    } as unknown as EffectParts);
    const change = { kind: "release_incident", incident_id: "reorg-1000" } as const;
    const order = { by: { operator: "p", key_id: "k" }, reason: "known", resumed: false };
    const binds = (await effects.bind(change)) as string;
    findings.push(finding("reorg:120:bb"));
    expect(await effects.carryOut(change, binds, order)).toMatchObject({ result: "stale" });
    findings.pop();
    expect(await effects.carryOut(change, binds, order)).toMatchObject({ result: "done" });
    expect(released).toEqual(["reorg-1000"]);
  });
});
