/** The audit of played scenarios: a key of this demo alone signs checkpoints. */
import { join } from "node:path";
import type { Signer } from "@dgb-shield/contract/signing";
import type { Ledger } from "@dgb-shield/wallet-guardian";
import { CHECKPOINT_ROLE } from "@dgb-shield/wallet-guardian/audit";
import { type Auditor, createAuditor } from "../audit/auditor.js";
import { readAuditKey } from "../audit/audit-key.js";
import { randomSalt } from "../audit/salt-bytes.js";
import { openAuditStores } from "../audit/stores.js";
import { makeKeyFiles } from "../cli/tip/key-file.js";
import type { ServiceConfig } from "../service/config/service-config.js";

/** Milliseconds of the person's time between two looks at the ledger: what is shown can be proven soon. */
const LOOK_MS = 1_000;
/** Days from 1970 on in which the key counts: a scenario's time is not the machine's. */
const DAYS = 47_000;

/** The key of a demo. */
export type PlayedAuditKey = Readonly<{
  signer: Signer;
  /** Path of the public half, for `shield audit verify`. */
  public_file: string;
}>;

/** Makes the key, with both halves in the demo's folder. */
export function makePlayedAuditKey(folder: string): PlayedAuditKey {
  const key = join(folder, "audit-key.json");
  const public_file = join(folder, "audit.pub.json");
  makeKeyFiles(
    { operator: "demo", keyId: "demo", key, public: public_file, days: DAYS },
    CHECKPOINT_ROLE,
    0,
  );
  return { signer: readAuditKey(key).signer, public_file };
}

/** What is audited. */
export type PlayedAudit = Readonly<{
  config: ServiceConfig;
  ledger: Pick<Ledger, "records" | "identity">;
  signer: Signer;
  /** The scenario's time. */
  clock: () => number;
  /** Where hashes and checkpoints of this run are kept. */
  folder: string;
}>;

/** Starts the audit of a run. */
export async function auditRun(run: PlayedAudit): Promise<Auditor> {
  const { config, ledger, signer, clock, folder } = run;
  const stores = await openAuditStores({ ...config, data_dir: folder }, () => undefined);
  return createAuditor({
    ...{ ledger, clock, signer, checkpoints: stores.checkpoints },
    ...{ hashes: stores.hashes, salts: stores.salts, random: randomSalt },
    origin: {
      deployment_id: config.deployment_id,
      genesis: config.chain.genesis?.hash ?? null,
    },
    ...{ every_records: 1, every_ms: 0, hooks: [], poll_ms: LOOK_MS },
    ...{ is_active: () => true, warn: () => undefined, monotonic: () => performance.now() },
  });
}
