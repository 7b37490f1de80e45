/** Configurations of the service, for tests. */
import { issueText } from "../../src/service/config/issues.js";
import type { FlagSetting } from "../../src/service/config/layers.js";
import { type ConfigReading, readConfig } from "../../src/service/config/load.js";
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

/** Reads a configuration from the text of a file in `/etc/shield`, from a working directory `/work`. */
export function readText(
  text: string,
  env: Readonly<Record<string, string>> = {},
  flags: readonly FlagSetting[] = [],
): ConfigReading {
  const file = { path: "/etc/shield/shield.yaml", bytes: new TextEncoder().encode(text) };
  return readConfig({ file, env, flags, cwd: "/work" });
}

/** The smallest configuration as the text of a file, with further lines. */
export const smallestText = (...lines: readonly string[]): string =>
  [
    "config_version: 1",
    "deployment_id: test",
    "operator: site-a",
    "chain: litecoin_regtest",
    "nodes:",
    "  - node_id: node-1",
    "    url: http://127.0.0.1:19443",
    "    cookie_file: node/.cookie",
    "guardian:",
    '  max_24h: "100"',
    ...lines,
    "",
  ].join("\n");

/** The lines of everything that is wrong with a configuration; none where it can be used. */
export const wrongIn = (reading: ConfigReading): string[] =>
  reading.ok ? [] : reading.issues.map(issueText);
