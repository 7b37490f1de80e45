/** An operator's order hides no incident that the same operators report in place of the known one (row G1). */
import { expect, it } from "vitest";
import { calmSite, see } from "../support/site.js";

it("names the types that operators report as critical in what the network's event rests on", () => {
  const made = calmSite();
  const report = (types: Readonly<Record<string, number>>) => {
    const signals = ["b", "c"].flatMap((name) =>
      Object.entries(types).map(([type, severity]) => ({
        ...{ node_id: name, operator: `op-${name}`, source: "sentinel" as const },
        ...{ type, severity },
      })),
    );
    made.pipeline.receive(signals);
  };
  let height = 3_040;
  const networkEvent = () => {
    const { defense, view } = see(made, height++);
    expect(view.level).toBe("CRITICAL_GLOBAL");
    return defense.events.find(({ type }) => type === "network_advisory")?.event_id;
  };
  report({ block_stall: 0.95, retired_algorithm: 0 });
  const stall = networkEvent();
  report({ block_stall: 0.95, retired_algorithm: 0 });
  expect(networkEvent()).toBe(stall);
  // both operators at once: level, operators, channels and numbers of signals stay as they are
  report({ block_stall: 0, retired_algorithm: 0.95 });
  expect(networkEvent()).not.toBe(stall);
});
