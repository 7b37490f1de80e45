/** What of a configuration governs, and what of two configurations loosens. */
import type { JsonObject } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { differenceLines, differencesOf } from "../../../src/service/governance/differences.js";
import { digestOf, governedIn } from "../../../src/service/governance/governed-config.js";
import { deploy } from "../../support/service.js";

const verdicts = (from: JsonObject, to: JsonObject): Record<string, boolean> =>
  Object.fromEntries(differencesOf(from, to).map(({ path, tighter }) => [path, tighter]));

describe("the governed parts of a configuration", () => {
  it("are all but what concerns this host alone", async () => {
    const deployment = await deploy({
      node_wallets: new Map([["hot", { node_id: "node-1", wallet: "w" }]]),
      behaviour: "ledger",
    });
    const { config } = deployment;
    const { governed } = governedIn(config);
    const left = Object.keys(config).filter((name) => !Object.hasOwn(governed, name));
    deployment.remove();
    expect(left.sort()).toEqual([
      ...["config_version", "data_dir", "files", "http", "keys_file", "log"],
      // The key that states which tip the site follows decides nothing.
      ...["tip_statement", "webhooks"],
    ]);
  });

  it("are others where addresses are compared as texts, or the defense counts by other thresholds", async () => {
    const deployment = await deploy();
    const { config } = deployment;
    const of = (more: Partial<typeof config>) => governedIn({ ...config, ...more }).governed;
    const [decoded, texts] = [of({ addresses: "decode" }), of({ addresses: "text" })];
    expect(verdicts(decoded, texts)).toEqual({ "/addresses": false });
    const [counting, silent] = [of({ defense_inputs: {} }), of({ defense_inputs: null })];
    expect(verdicts(counting, silent)).toEqual({ "/defense_inputs": false });
    // A wallet that holds more would prove what is not there, and none leaves the balance as stated by the caller.
    const at = (wallet: string) =>
      of({ node_wallets: new Map([["hot", { node_id: "n", wallet }]]) });
    const without = of({ node_wallets: new Map() });
    const judged = of({ behaviour: "ledger" });
    expect(verdicts(of({ behaviour: "caller" }), judged)).toEqual({ "/behaviour": false });
    expect(verdicts(without, at("w"))).toEqual({ "/node_wallets": false });
    expect(verdicts(at("w"), without)).toEqual({ "/node_wallets": false });
    expect(verdicts(at("w"), at("rich"))).toEqual({ "/node_wallets/hot/wallet": false });
    deployment.remove();
  });

  it("loosen where the gateway names other own descriptors or destinations", async () => {
    const deployment = await deploy();
    const proxy = { clients: [] };
    const of = (more: object) => {
      const gateway = { proxy: { ...proxy, ...more }, node: { node_id: "n" }, fee_reserve: 1n };
      return governedIn({ ...deployment.config, gateway: gateway as never }).governed;
    };
    const own = [{ wallet: "hot", descriptors: [{ desc: "wpkh(…)#aaaaaaaa" }] }];
    const [none, some] = [of({}), of({ own })];
    const wider = of({
      own: [{ wallet: "hot", descriptors: [{ desc: "wpkh(…)#aaaaaaaa", range: [0, 9] }] }],
    });
    const internal = of({ internal: [{ class: "cold", address: "a" }] });
    for (const [from, to] of [
      [none, some],
      [some, wider],
      [some, none],
      [none, internal],
    ] as const) {
      expect(Object.values(verdicts(from, to))).toEqual([false]);
      expect(governedIn(deployment.config).digest).not.toBe(digestOf(to));
    }
    deployment.remove();
  });
});

describe("a difference", () => {
  it("with names that a proposer chose is named in few words, what loosens first", () => {
    const name = "x".repeat(200_000);
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`n${i}`, i]));
    const lists = Object.fromEntries(
      Array.from({ length: 90 }, (_, i) => [
        `l${i}`,
        Array.from({ length: 50 }, () => "y".repeat(100)),
      ]),
    );
    const from = { min_fresh_nodes: 1, guardian: { cooldown_seconds: 5 } };
    for (const more of [{ [name]: many }, lists]) {
      const lines = differenceLines(
        differencesOf({ ...from, [name]: {} }, { ...from, min_fresh_nodes: 2, ...more }),
      );
      expect(lines.join("").length).toBeLessThan(33_000);
      expect(lines[0]).toMatch(/\(loosens\)$/);
    }
  });

  it("in a gateway's password is named without its hash", () => {
    const of = (digit: string) => ({
      gateway: {
        proxy: { clients: [{ password_sha256: `${digit.repeat(32)}:${digit.repeat(64)}` }] },
      },
    });
    expect(differenceLines(differencesOf(of("a"), of("b")))).toEqual([
      '/gateway/proxy/clients: 1 → 1 items: −{"password_sha256":"aaaaaaaa…"}, +{"password_sha256":"bbbbbbbb…"} (loosens)',
    ]);
  });

  it("within the limits of a scope is compared limit by limit", () => {
    const of = (account: JsonObject | null) => ({ guardian: { limits: { account } } });
    const limits = (max_per_tx: string | null) => of({ max_per_tx, windows: [] });
    expect(verdicts(limits("5"), limits("4"))).toEqual({
      "/guardian/limits/account/max_per_tx": true,
    });
    expect(verdicts(limits("5"), limits("6"))).toEqual({
      "/guardian/limits/account/max_per_tx": false,
    });
    expect(verdicts(of(null), limits("5"))).toEqual({ "/guardian/limits/account": true });
    expect(verdicts(limits("5"), of(null))).toEqual({ "/guardian/limits/account": false });
  });

  it("to a younger age of reports loosens: a node's severe report counts for a shorter time", () => {
    expect(verdicts({ max_report_age_ms: 60_000 }, { max_report_age_ms: 1_000 })).toEqual({
      "/max_report_age_ms": false,
    });
  });

  it("in a long list names what is added and what is taken away", () => {
    const many = Array.from({ length: 40 }, (_, i) => `address-${i}`);
    const lines = differenceLines(
      differencesOf(
        { guardian: { allow_destinations: many } },
        { guardian: { allow_destinations: [...many.slice(1), "thief\u202e"] } },
      ),
    );
    expect(lines).toEqual([
      '/guardian/allow_destinations: 40 → 40 items: −"address-0", +"thief?" (loosens)',
    ]);
  });
});
