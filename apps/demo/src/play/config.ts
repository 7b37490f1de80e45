/** The configuration of a scenario as a service: its chain, its policies, its wallets, in force. */
import { parsePolicy as parseGuardPolicy } from "@dgb-shield/quantum-wallet-guard";
import { parsePolicy } from "@dgb-shield/wallet-guardian";
import type { Scenario } from "../scenarios/scenario.js";
import { completeConfig } from "../service/config/complete.js";
import { configFieldsSchema } from "../service/config/schema.js";
import type { ServiceConfig } from "../service/config/service-config.js";

/** Milliseconds between two looks at the status: of the person's time, not of the scenario's. */
const LOOK_MS = 1_000;

/** Makes the configuration; `folder` is where approvals are kept. */
export function playedConfig(scenario: Scenario, folder: string): ServiceConfig {
  const [own] = scenario.reporters;
  const parsed = configFieldsSchema.parse({
    config_version: 1,
    deployment_id: `demo-${scenario.name}`,
    operator: own.operator,
    chain: scenario.chain.name,
    recording: { file: scenario.name, speed: 1 },
    guardian: { max_per_tx: "1", max_24h: "1" },
    data_dir: folder,
    poll_ms: LOOK_MS,
    mode: "enforce",
    wallets: Object.fromEntries(Object.keys(scenario.balances).map((id) => [id, {}])),
  });
  const completed = completeConfig(parsed, { env: {}, folderOf: () => folder });
  if (!completed.ok) throw new Error(`the scenario ${scenario.name} makes no configuration`);
  return {
    ...completed.config,
    chain: scenario.chain,
    guardian: parsePolicy(scenario.guardian_policy),
    guard: parseGuardPolicy(scenario.qwg_policy),
  };
}
