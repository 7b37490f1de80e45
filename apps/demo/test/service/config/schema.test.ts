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
    ["the top", { governance: {} }, ""],
    ["http", { http: { cors: true } }, "http"],
    ["a node", { nodes: [{ node_id: "a", url: "http://127.0.0.1:1", wallet: "w" }] }, "nodes.0"],
    ["a wallet", { wallets: { w: { mode: "observe", limit: 1 } } }, "wallets.w"],
    ["the log", { log: { colour: true } }, "log"],
  ])("refuses an unknown field of %s", (_, change, path) => {
    const { error } = serviceConfigSchema.safeParse({ ...SMALLEST, ...change });
    expect(error?.issues).toMatchObject([{ code: "unrecognized_keys" }]);
    expect(error?.issues[0]?.path.join(".")).toBe(path);
  });
});
