/** Starts the audit of a deployment by its configuration (design, section 10: proof). */
import type { Ledger } from "@dgb-shield/wallet-guardian";
import type { AuditExport } from "../service/config/audit.js";
import type { ServiceConfig } from "../service/config/service-config.js";
import { readAuditKey } from "./audit-key.js";
import { type Auditor, createAuditor } from "./auditor.js";
import { createCommandHook } from "./export/command-hook.js";
import { createFileHook } from "./export/file-hook.js";
import type { ExportHook } from "./export/hook.js";
import { createHttpHook } from "./export/http-hook.js";
import { randomSalt } from "./salt-bytes.js";
import { openAuditStores } from "./stores.js";

export type { AuditState, Auditor, RecordProof, Unproven } from "./auditor.js";

/** What an audit is started with. */
export type AuditParts = Readonly<{
  ledger: Pick<Ledger, "records" | "identity">;
  clock: () => number;
  monotonic: () => number;
  is_active: () => boolean;
  warn: (text: string) => void;
}>;

/**
 * Starts the audit that a configuration has.
 *
 * @returns null where it has none
 * @throws CommandError where the key cannot be read; what opening the stores rejects with
 */
export async function startAudit(
  config: ServiceConfig,
  parts: AuditParts,
): Promise<Auditor | null> {
  const { audit, deployment_id, chain } = config;
  if (audit === null) return null;
  const { signer } = readAuditKey(audit.key_file);
  const stores = await openAuditStores(config, parts.warn);
  const auditor = createAuditor({
    ...parts,
    ...{ hashes: stores.hashes, salts: stores.salts, checkpoints: stores.checkpoints, signer },
    random: randomSalt,
    origin: { deployment_id, genesis: chain.genesis?.hash ?? null },
    ...{ every_records: audit.every_records, every_ms: audit.every_seconds * 1_000 },
    hooks: audit.export.map(hookOf),
  });
  return {
    ...auditor,
    async close() {
      await auditor.close();
      await stores.close();
    },
  };
}

function hookOf(one: AuditExport): ExportHook {
  const { name, timeout_ms } = one;
  if (one.kind === "file") return createFileHook(name, one.path);
  return one.kind === "command"
    ? createCommandHook(name, one.command, timeout_ms)
    : createHttpHook(name, { url: one.url, token: one.token, timeout_ms });
}
