/** Configurations of the service, for tests. */
import type { ServiceConfigInput } from "../../src/service/config/schema.js";

/** The smallest configuration: what has no default. */
export const SMALLEST: ServiceConfigInput = {
  config_version: 1,
  deployment_id: "test",
  operator: "site-a",
  chain: "litecoin_regtest",
  nodes: [{ node_id: "node-1", url: "http://127.0.0.1:19443", cookie_file: "/nowhere/.cookie" }],
  guardian: { max_per_tx: "5", max_24h: "100" },
};
