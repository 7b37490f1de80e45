import { describe, expect, it } from "vitest";
import { serviceConfigSchema } from "../../../src/service/config/schema.js";
import { SMALLEST } from "../../support/service-config.js";

describe("serviceConfigSchema", () => {
  it("fills in the defaults", () => {
    const config = serviceConfigSchema.parse(SMALLEST);
    expect(config).toMatchObject({
      data_dir: "shield-data",
      ledger: { kind: "sqlite" },
      poll_ms: 15_000,
      unknown_network: "refuse",
      http: { host: "127.0.0.1", port: 8480, behind_proxy: false, allowed_hosts: [] },
      mode: "observe",
      wallets: {},
      peers: [],
      log: { level: "info", format: "json" },
    });
  });

  it.each([
    ["the top", { web_hooks: {} }, ""],
    ["http", { http: { cors: true } }, "http"],
    ["a node", { nodes: [{ node_id: "a", url: "http://127.0.0.1:1", wallet: "w" }] }, "nodes.0"],
    ["a wallet", { wallets: { w: { mode: "observe", limit: 1 } } }, "wallets.w"],
    ["the log", { log: { colour: true } }, "log"],
  ])("refuses an unknown field of %s", (_, change, path) => {
    const { error } = serviceConfigSchema.safeParse({ ...SMALLEST, ...change });
    expect(error?.issues).toMatchObject([{ code: "unrecognized_keys" }]);
    expect(error?.issues[0]?.path.join(".")).toBe(path);
  });

  it("takes a policy for a wallet, whose mode is then the deployment's", () => {
    const guardian = { preset: "treasury", max_24h: "10" };
    const { data } = serviceConfigSchema.safeParse({
      ...SMALLEST,
      wallets: { cold: { guardian } },
    });
    expect(data?.wallets).toEqual({ cold: { guardian } });
  });

  it.each([
    [{ cold: { guardian: { name: "default" } } }, "wallets.cold.guardian.name"],
    [{ a: { guardian: { name: "x" } }, b: { guardian: { name: "x" } } }, "wallets.b.guardian.name"],
    [{ cold: { guardian: { max_24h: "much" } } }, "wallets.cold.guardian.max_24h"],
  ])("refuses a wallet's policy that cannot stand beside the others: %j", (wallets, path) => {
    const { error } = serviceConfigSchema.safeParse({ ...SMALLEST, wallets });
    expect(error?.issues.map((issue) => issue.path.join("."))).toContain(path);
  });
});
