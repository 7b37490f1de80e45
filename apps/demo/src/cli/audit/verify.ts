/** `shield audit verify`: verifies records and decisions of a ledger, a proof of one payment, or checkpoints alone. */
import { verifyPaymentProof } from "@dgb-shield/wallet-guardian/audit";
import { verifyLines } from "../../audit/checkpoint-line.js";
import { createRecheck } from "../../audit/recheck/index.js";
import { type AuditStores, readAuditStores } from "../../audit/stores.js";
import { CommandError, EXIT } from "../../errors.js";
import type { ServiceConfig } from "../../service/config/service-config.js";
import type { CommandIo } from "../command-io.js";
import { configOf, type ConfigOptions } from "../config/config-options.js";
import { ledgerErrorText, type OpenLedger, openLedger } from "../ledger/open-ledger.js";
import { readPublicKeys } from "../tip/key-file.js";
import { createAuditProgress } from "./progress.js";
import { readLines, readProof } from "./read-file.js";
import { type AuditVerdict, reportOn } from "./report.js";
import { auditText, linesText, proofText } from "./text.js";
import { trustOf } from "./trust.js";

/** Options of `shield audit verify`. */
export type VerifyAuditOptions = ConfigOptions &
  Readonly<{
    key?: string;
    checkpoints: readonly string[];
    export?: string;
    treeOnly: boolean;
    offline: boolean;
    proof?: string;
    json: boolean;
  }>;

const EXIT_OF: Readonly<Record<AuditVerdict, number>> = {
  verified: EXIT.done,
  changed: EXIT.found,
  unsigned: EXIT.refused,
  rules_differ: EXIT.rules_differ,
};

type Io = Pick<CommandIo, "stdout" | "stderr" | "env">;

/**
 * Verifies.
 *
 * @returns the exit code
 * @throws CommandError `usage`, `bad_config`, `bad_data_folder`
 */
export async function verifyAudit(options: VerifyAuditOptions, io: Io): Promise<number> {
  if (options.proof !== undefined) return verifyProofFile(options.proof, options, io);
  return options.offline ? verifyLineFiles(options, io) : verifyLedger(options, io);
}

function verifyProofFile(file: string, { key, json }: VerifyAuditOptions, { stdout }: Io): number {
  const answer = verifyPaymentProof(readProof(file), { keys: readPublicKeys(required(key)) });
  stdout.write(json ? `${JSON.stringify(answer)}\n` : proofText(answer));
  return answer.accepted ? EXIT.done : EXIT.refused;
}

async function verifyLineFiles(options: VerifyAuditOptions, { stdout }: Io): Promise<number> {
  const trust = { keys: readPublicKeys(required(options.key)) };
  if (options.checkpoints.length === 0)
    throw new CommandError("usage", "give --checkpoints with --offline");
  let isVerified = true;
  for (const file of options.checkpoints) {
    const lines = await verifyLines(readLines(file), trust);
    isVerified &&= lines.checkpoints.length > 0 && lines.refused.length === 0;
    stdout.write(options.json ? `${JSON.stringify({ file, ...lines })}\n` : linesText(file, lines));
  }
  return isVerified ? EXIT.done : EXIT.refused;
}

function required(key: string | undefined): string {
  if (key === undefined) throw new CommandError("usage", "give --key with the trusted public keys");
  return key;
}

async function verifyLedger(options: VerifyAuditOptions, io: Io): Promise<number> {
  const config = configOf(options, io.env);
  const trust = trustOf(config, options.key);
  return withAudit(config, async ({ ledger }, stores) => {
    let clear = (): void => undefined;
    try {
      const report = await reportOn({
        ...{ ledger, stores, trust, checkpoints: options.checkpoints, exported: options.export },
        recheck: options.treeOnly ? null : createRecheck(config),
        progress(total) {
          const shown = createAuditProgress(io.stderr, total);
          ({ clear } = shown);
          return shown.move;
        },
      });
      clear();
      io.stdout.write(options.json ? `${JSON.stringify(report)}\n` : auditText(report));
      return EXIT_OF[report.verdict];
    } finally {
      clear();
    }
  });
}

/**
 * Opens ledger and audit of a configuration to read, and closes them again.
 *
 * @throws CommandError `bad_data_folder` where one of them cannot be read; what `use` throws
 */
export async function withAudit<T>(
  config: ServiceConfig,
  use: (opened: OpenLedger, stores: AuditStores | null) => Promise<T>,
): Promise<T> {
  const opened = await openLedger(config);
  let stores: AuditStores | null = null;
  try {
    stores = await readAuditStores(config);
    return await use(opened, stores);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError("bad_data_folder", `cannot read: ${ledgerErrorText(error)}`, error);
  } finally {
    await stores?.close();
    await opened.close();
  }
}
