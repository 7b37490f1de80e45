/** What each producer sends, in examples/, goes in as it stands (design section 4.2). */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Channel, SIGNAL_SOURCES, type SignalV2 } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import {
  aggregate,
  channelOf,
  createDqsn,
  createNetworkState,
  signalToEnvelope,
} from "../src/index.js";
import { request } from "./support/envelopes.js";

const NOW = 1_782_664_805_000;
const folder = join(import.meta.dirname, "../examples");
const read = (name: string) =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as SignalV2[];

describe("the examples", () => {
  it("are one file per source, and the seed's own", () => {
    const names = [...SIGNAL_SOURCES, "sample_signals"].map((name) => `${name}.json`);
    expect(readdirSync(folder).sort()).toEqual(names.sort());
  });

  it.each([
    ["sentinel", ["consensus", "consensus", "mempool", "infra"], "CRITICAL_LOCAL", "BLOCK"],
    ["adn", ["infra"], "CRITICAL_LOCAL", "BLOCK"],
    ["wallet_guard", ["wallet", "wallet"], "ELEVATED", "WARN"],
    ["oracle", ["infra", "infra"], "ELEVATED", "WARN"],
    ["infra", ["infra", "infra", "infra"], "ELEVATED", "WARN"],
    ["sample_signals", ["consensus", "consensus", "infra"], "CRITICAL_GLOBAL", "BLOCK"],
  ] as [string, Channel[], string, string][])(
    "%s: into channels %j, as v3 envelopes, and makes the network %s",
    (name, channels, level, decision) => {
      const signals = read(name);
      expect(signals.map(channelOf)).toEqual(channels);

      const network = createNetworkState();
      const answers = signals.map((signal) => network.ingest(signal, NOW));
      expect(answers).toEqual(signals.map(() => ({ accepted: true })));
      expect(network.view(NOW).level).toBe(level);

      const envelopes = signals.map((signal) => {
        const result = signalToEnvelope(signal);
        return result.accepted ? result.envelope : result;
      });
      expect(createDqsn().evaluate(request(envelopes)).decision).toBe(decision);
      expect(aggregate(signals).refused).toEqual([]);
    },
  );
});
