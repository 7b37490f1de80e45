/** `shield audit erase`: erases the personal data of an account or a payment from the ledger's records. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Erased,
  ErasureError,
  type ErasureOrder,
  erasePersonalData,
} from "@dgb-shield/wallet-guardian/audit";
import { randomSalt } from "../../audit/salt-bytes.js";
import { CommandError, EXIT } from "../../errors.js";
import { counted } from "../../timeline/format.js";
import type { CommandIo } from "../command-io.js";
import { configOf, type ConfigOptions } from "../config/config-options.js";
import { createAuditProgress } from "./progress.js";
import { withAudit } from "./verify.js";

/** Options of `shield audit erase`. */
export type EraseOptions = ConfigOptions &
  Readonly<{
    account?: string;
    payment?: string;
    operator: string;
    reason: string;
    check: boolean;
    json: boolean;
    /** How long records may take to come into the tree, in milliseconds. */
    waitMs?: number;
  }>;

/** The service takes records in every five seconds. */
const WAIT_MS = 30_000;
const POLL_MS = 1_000;

/**
 * Erases, and writes what was erased.
 *
 * @returns the exit code: `found` where nothing names the account or payment, or some records keep what they have
 * @throws CommandError `usage`, `bad_config`, `bad_data_folder`
 */
export async function eraseAudit(
  options: EraseOptions,
  io: Pick<CommandIo, "stdout" | "stderr" | "env">,
): Promise<number> {
  const whose = whoseOf(options);
  const { operator, reason, check, json } = options;
  const config = configOf(options, io.env);
  return withAudit(config, async ({ ledger }, stores) => {
    const deadline = performance.now() + (options.waitMs ?? WAIT_MS);
    for (;;) {
      const tree_size = (await stores?.hashes.count(0)) ?? 0;
      const shown = createAuditProgress(io.stderr, tree_size);
      const order: ErasureOrder = { whose, operator, reason, check, now_ms: Date.now() };
      try {
        const erased = await erasePersonalData(
          {
            ...{
              ledger,
              hashes: stores?.hashes ?? null,
              tree_size,
              tree_grows: config.audit !== null,
            },
            ...{ salts: stores?.salts ?? null, random: randomSalt, progress: shown.move },
          },
          order,
        );
        shown.clear();
        io.stdout.write(json ? `${JSON.stringify(erased)}\n` : erasedText(erased, check));
        return exitOf(erased);
      } catch (error) {
        shown.clear();
        if (!(error instanceof ErasureError)) throw error;
        if (error.code !== "not_in_tree" || performance.now() >= deadline)
          throw new CommandError("usage", error.message, error);
        await sleep(POLL_MS);
      }
    }
  });
}

function whoseOf({ account, payment }: EraseOptions): ErasureOrder["whose"] {
  if (account !== undefined && payment === undefined) return { account_id: account };
  if (payment !== undefined && account === undefined) return { payment_id: payment };
  throw new CommandError("usage", "give either --account or --payment");
}

const exitOf = ({ records, rows, unsalted }: Erased): number =>
  unsalted > 0 || records + rows === 0 ? EXIT.found : EXIT.done;

function erasedText(erased: Erased, isCheck: boolean): string {
  const { records, rows, unsalted, leftover_salts, frozen } = erased;
  if (records + rows + unsalted === 0)
    return "NOTHING TO ERASE: no record names it: it was erased before, its records were pruned, or the id is another one\n";
  return [
    `${isCheck ? "TO ERASE" : "ERASED"}: personal data of ${counted(records, "record")} and ${counted(rows, "row")} of payments`,
    ...(frozen ? ["the account is frozen by this order"] : []),
    ...(leftover_salts === 0
      ? []
      : [`${counted(leftover_salts, "salt")} left by an erasure that was interrupted`]),
    ...(unsalted === 0
      ? []
      : [
          `${counted(unsalted, "record")} from before salts were kept: their data stays until they are pruned`,
        ]),
    "copies elsewhere stay: exports, backups, webhooks, the server's own log: see docs/operations.md",
    "",
  ].join("\n");
}
