/** Opens what governs a deployment, for commands on its host. */
import { join } from "node:path";
import type { ServiceConfig } from "../../service/config/service-config.js";
import { createBodyFiles, createBodyTable } from "../../service/governance/bodies.js";
import { createGovernanceStore, type GovernanceStore } from "../../service/governance/store.js";
import { type OpenLedger, openLedger } from "../ledger/open-ledger.js";

/** What governs, and the ledger that it is kept beside. */
export type OpenGovernance = Readonly<{ store: GovernanceStore }> & OpenLedger;

/** @throws CommandError `bad_data_folder` */
export async function openGovernance(config: ServiceConfig): Promise<OpenGovernance> {
  const opened = await openLedger(config);
  const { ledger, pool } = opened;
  const { data_dir } = config;
  const bodies =
    pool === null || config.ledger.kind === "sqlite"
      ? createBodyFiles(join(data_dir, "governance"))
      : await createBodyTable(pool, config.ledger.schema);
  return { ...opened, store: createGovernanceStore({ ledger, bodies, data_dir, clock: Date.now }) };
}
