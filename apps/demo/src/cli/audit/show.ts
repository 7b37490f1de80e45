/** `shield audit show`: everything that is recorded of one payment, as a timeline. */
import { EXIT } from "../../errors.js";
import { counted, printable } from "../../timeline/format.js";
import type { CommandIo } from "../command-io.js";
import { configOf, type ConfigOptions } from "../config/config-options.js";
import { paymentRecords } from "./payment-records.js";
import { recordLine } from "./timeline.js";
import { withAudit } from "./verify.js";

/** Options of `shield audit show`. */
export type ShowOptions = ConfigOptions & Readonly<{ json: boolean }>;

/**
 * Prints the records of a payment; the ledger is only read.
 *
 * @returns the exit code
 * @throws CommandError `usage`, `bad_config`, `bad_data_folder`
 */
export const showPayment = (
  id: string,
  options: ShowOptions,
  { stdout, env }: Pick<CommandIo, "stdout" | "env">,
): Promise<number> =>
  withAudit(configOf(options, env), async ({ ledger }) => {
    const records = await paymentRecords(ledger, id);
    const head = `payment ${printable(id)}: ${counted(records.length, "record")}`;
    const lines = options.json
      ? records.map((record) => JSON.stringify(record))
      : [head, ...records.map(recordLine)];
    stdout.write(`${lines.join("\n")}\n`);
    return EXIT.done;
  });
