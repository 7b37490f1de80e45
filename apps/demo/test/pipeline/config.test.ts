import { digibyteRegtest } from "@dgb-shield/chain";
import { createMemoryLedger } from "@dgb-shield/wallet-guardian";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/pipeline/config.js";
import { createPipeline, PipelineError } from "../../src/pipeline/index.js";

const SOUND = {
  chain: digibyteRegtest,
  node_id: "node-a",
  operator: "op",
  ledger: createMemoryLedger(),
  guardian_policy: { max_per_tx: "100", max_24h: "500", cooldown_seconds: 0 },
  qwg_policy: {},
  events: { emit: () => undefined },
  clock: () => 1_782_664_800_000,
};

describe("createPipeline", () => {
  it.each<[string, object, string]>([
    ["a misspelt word", { unknown_network: "REFUSE" }, "/unknown_network"],
    ["an empty word", { unknown_network: "" }, "/unknown_network"],
    ["null", { unknown_network: null }, "/unknown_network"],
    ["an unknown field", { unknown_netwrok: "refuse" }, "/unknown_netwrok"],
    ["no ledger", { ledger: undefined }, "/ledger"],
    ["a ledger without transactions", { ledger: {} }, "/ledger"],
    ["no clock", { clock: undefined }, "/clock"],
    ["a clock that is a time", { clock: 1_782_664_800_000 }, "/clock"],
    ["no sink", { events: undefined }, "/events"],
    ["no node", { node_id: "" }, "/node_id"],
    ["one node twice", { further_node_ids: ["node-a"] }, "/further_node_ids"],
    ["more fresh nodes than nodes", { min_fresh_nodes: 2 }, "/min_fresh_nodes"],
    ["no fresh node needed", { min_fresh_nodes: 0 }, "/min_fresh_nodes"],
    ["a poll interval in seconds", { poll_interval_ms: 15 }, "/poll_interval_ms"],
    ["an age that never ends", { max_report_age_ms: Infinity }, "/max_report_age_ms"],
    ["a store that cannot save", { state: { load: () => null } }, "/state"],
    ["evidence of another kind", { evidence: "recorded" }, "/evidence"],
  ])("refuses %s, and names the place", (_, fault, path) => {
    const make = () => createPipeline({ ...SOUND, ...fault });
    expect(make).toThrow(PipelineError);
    expect(make).toThrow(expect.objectContaining({ code: "invalid_config", path }));
  });

  it.each([undefined, null, "x", 1, []])("refuses %j as a configuration", (config) => {
    expect(() => createPipeline(config as never)).toThrow(PipelineError);
  });

  it.each<[string, unknown]>([
    ["unknown_network", "elevated"],
    ["min_fresh_nodes", 1],
    ["max_report_age_ms", 30_000_000],
    ["evidence", "replayed"],
  ])("reads no %s through the prototype", (name, value) => {
    const config = { ...SOUND, further_node_ids: ["node-b", "node-c"] };
    const settings = parseConfig(config);
    const prototype = Object.prototype as Record<string, unknown>;
    prototype[name] = value;
    try {
      expect({ ...parseConfig(config) }).toEqual({ ...settings });
    } finally {
      Reflect.deleteProperty(prototype, name);
    }
  });
});
