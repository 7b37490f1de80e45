/** `shield ledger adopt`: takes a ledger that was moved or restored, and the state beside it, as they are. */
import { CommandError, EXIT } from "../../errors.js";
import { DEFAULT_HOLD_MS } from "../../pipeline/config.js";
import { type AdoptedState, adoptState } from "../../pipeline/state/adopt.js";
import { createStateFile } from "../../pipeline/state/state-file.js";
import type { ServiceConfig } from "../../service/config/service-config.js";
import { LEDGER_COMMANDS } from "../../service/ledger-commands.js";
import { createStateTable } from "../../service/runtime/state-table.js";
import type { CommandIo } from "../command-io.js";
import { configOf, type ConfigOptions } from "../config/config-options.js";
import { ledgerErrorText, openLedger, poolOf } from "./open-ledger.js";

/** Options of `shield ledger adopt`. */
export type AdoptLedgerOptions = ConfigOptions &
  Readonly<{ operator: string; reason: string; json: boolean }>;

type Io = Pick<CommandIo, "stdout" | "stderr" | "env">;
type Order = Readonly<{ operator: string; reason: string }>;

/**
 * Adopts the ledger, which records the order, then the state.
 *
 * @returns the exit code
 * @throws CommandError `bad_config`, `bad_data_folder`
 */
export async function adoptLedger(options: AdoptLedgerOptions, io: Io): Promise<number> {
  const config = configOf(options, io.env);
  const { operator, reason } = options;
  try {
    const adopted = await adoptIdentity(config, { operator, reason });
    const state = await adoptStateOf(config);
    if (options.json) io.stdout.write(`${JSON.stringify({ ...adopted, state })}\n`);
    else {
      io.stdout.write(`adopted: ledger ${adopted.ledger_id}, epoch ${adopted.epoch}\n`);
      io.stdout.write(`${STATE_TEXT[state]}\n`);
    }
    if (adopted.missing_records > 0) {
      io.stderr.write(
        `warning: at least ${adopted.missing_records} records that were written are missing: look for payments that the ledger does not know before anything is paid\n`,
      );
    }
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError("bad_data_folder", `cannot adopt: ${ledgerErrorText(error)}`, error);
  }
}

const STATE_TEXT: Readonly<Record<AdoptedState | "none", string>> = {
  sound: "the state of layers 1 to 3 belongs to the ledger, and is unchanged",
  older:
    "the state of layers 1 to 3 was older than the ledger: its latches go on, later ones are lost",
  missing: "the state of layers 1 to 3 was missing: it begins anew, without any latch",
  unreadable: "the state of layers 1 to 3 could not be read: it begins anew, without any latch",
  none: "a recording is played: its state begins anew at each start",
};

async function adoptIdentity({ ledger }: ServiceConfig, order: Order) {
  if (ledger.kind === "sqlite") {
    const { adoptSqliteLedger } = await import("@dgb-shield/wallet-guardian/sqlite");
    const { path } = ledger;
    return adoptSqliteLedger({ path, clock: Date.now, commands: LEDGER_COMMANDS, ...order });
  }
  const { adoptPostgresLedger } = await import("@dgb-shield/wallet-guardian/postgres");
  const pool = await poolOf(ledger.url);
  try {
    const adopted = await adoptPostgresLedger({ pool, schema: ledger.schema, ...order });
    return { ...adopted, missing_records: 0 };
  } finally {
    await pool.end();
  }
}

async function adoptStateOf(config: ServiceConfig): Promise<AdoptedState | "none"> {
  const [first, ...others] = config.nodes.map(({ node_id }) => node_id);
  if (first === undefined) return "none";
  const { ledger, pool, close } = await openLedger(config);
  try {
    const store =
      pool === null || config.ledger.kind === "sqlite"
        ? createStateFile(config.files.state)
        : await createStateTable(pool, config.ledger.schema, null);
    const { chain } = config;
    const node_ids = [first, ...others] as const;
    return await adoptState({
      ledger,
      store,
      chain,
      node_ids,
      hold_ms: DEFAULT_HOLD_MS,
      now_ms: Date.now(),
    });
  } finally {
    await close();
  }
}
