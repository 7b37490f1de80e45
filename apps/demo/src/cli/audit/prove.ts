/** `shield audit prove`: writes the proof of one payment. */
import { openRecord, provePayment, saltsFrom } from "@dgb-shield/wallet-guardian/audit";
import { readLine } from "../../audit/checkpoint-line.js";
import type { AuditStores } from "../../audit/stores.js";
import { CommandError, EXIT } from "../../errors.js";
import type { CommandIo } from "../command-io.js";
import { configOf, type ConfigOptions } from "../config/config-options.js";
import { paymentRecords } from "./payment-records.js";
import { withAudit } from "./verify.js";

/** Options of `shield audit prove`. */
export type ProveOptions = ConfigOptions;

/**
 * Writes the proof of a payment's records under the last checkpoint to standard output; records that it does not cover yet
 * are left out, with a warning.
 *
 * @returns the exit code: `refused` where no checkpoint covers a record
 * @throws CommandError `usage`, `bad_config`, `bad_data_folder`
 */
export const provePaymentOf = (
  payment_id: string,
  options: ProveOptions,
  { stdout, stderr, env }: Pick<CommandIo, "stdout" | "stderr" | "env">,
): Promise<number> =>
  withAudit(configOf(options, env), async ({ ledger }, stores) => {
    const { epoch } = await ledger.identity();
    const signed = await lastSigned(stores);
    if (stores === null || signed?.stated.epoch !== epoch) {
      stderr.write("shield: nothing is signed yet: configure audit, and wait for a checkpoint\n");
      return EXIT.refused;
    }
    const { stated: checkpoint, line } = signed;
    const all = await paymentRecords(ledger, payment_id);
    const records = all.filter(({ seq }) => seq <= checkpoint.tree_size);
    if (records.length < all.length)
      stderr.write(
        `shield: ${all.length - records.length} of ${all.length} records are in no checkpoint yet, and left out\n`,
      );
    if (records.length === 0) return EXIT.refused;
    const proof = await proofOf(stores, { payment_id, records }, { checkpoint, line });
    stdout.write(`${JSON.stringify(proof, null, 1)}\n`);
    return EXIT.done;
  });

type Signed = NonNullable<ReturnType<typeof readLine>>;

async function lastSigned(stores: AuditStores | null): Promise<Signed | undefined> {
  const count = (await stores?.checkpoints.count()) ?? 0;
  return stores === null || count === 0
    ? undefined
    : readLine(await stores.checkpoints.line(count));
}

async function proofOf(
  { hashes, salts }: AuditStores,
  { payment_id, records }: Parameters<typeof provePayment>[1],
  { checkpoint, line }: Readonly<{ checkpoint: Signed["stated"]; line: Signed["line"] }>,
) {
  try {
    const opened = [];
    for (const record of records) {
      const [salt = null] = await saltsFrom(salts, record.seq - 1, 1);
      opened.push(openRecord(record, salt));
    }
    const payment = { payment_id, records: opened };
    return await provePayment(hashes, payment, { checkpoint, envelope: line.checkpoint });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError("bad_data_folder", error.message, error);
  }
}
