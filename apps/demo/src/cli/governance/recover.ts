/** `shield governance recover`: takes keys and configuration as they are, on the host, while the service is stopped. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { CommandError, EXIT } from "../../errors.js";
import { isOperatorOrder } from "../../pipeline/orders.js";
import { recoveredState } from "../../service/governance/recovery.js";
import type { GovernanceStore } from "../../service/governance/store.js";
import { readKeyFile } from "../../service/keys/key-file.js";
import type { CommandIo } from "../command-io.js";
import { type ConfigOptions, configOf } from "../config/config-options.js";
import { lockFolder } from "../folder-lock.js";
import { openGovernance } from "./stored.js";

/** Options of the command. */
export type RecoverOptions = ConfigOptions &
  Readonly<{ operator: string; reason: string; json: boolean }>;

/**
 * Recovers governance whose keys, or whose state, were lost.
 *
 * @returns the exit code
 * @throws CommandError `usage`, `bad_config`, `bad_data_folder`
 */
export async function recover(
  options: RecoverOptions,
  { stdout, stderr, env }: Pick<CommandIo, "stdout" | "stderr" | "env">,
): Promise<number> {
  const { operator, reason } = options;
  if (!isOperatorOrder({ operator, reason })) {
    const detail =
      "--operator is a name of printable ASCII characters, --reason 1 to 256 characters on one line";
    throw new CommandError("usage", detail);
  }
  const config = configOf(options, env);
  const unlock = await locked(config.data_dir);
  try {
    const { store, ledger, close } = await openGovernance(config);
    try {
      const { ledger_id } = await ledger.identity();
      const known = await loaded(store);
      const keys = readKeyFile(config.keys_file);
      const given = { known: known.state, config, ledger_id, keys, now_ms: Date.now() };
      const next = recoveredState({ ...given, operator, reason });
      if ("fault" in next) throw new CommandError("usage", next.fault);
      if (known.isLost) rmSync(join(config.data_dir, "governance.latched"), { force: true });
      await store.replace(next.state, next.records);
      const { approvals } = next.state.rules;
      const text = `recovered: ${keys.length} keys and this configuration are accepted; every proposal that waited is closed\n`;
      stdout.write(
        options.json
          ? `${JSON.stringify({ recovered: true, approvals, operator, reason })}\n`
          : text,
      );
      stderr.write("The service says so at each start, and in /readyz, for 30 days.\n");
      return EXIT.done;
    } finally {
      await close();
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("bad_data_folder", `cannot recover: ${detail}`, error);
  } finally {
    unlock();
  }
}

/** What was kept, as far as it can be read. */
async function loaded(store: GovernanceStore) {
  try {
    return { state: await store.load(), isLost: false };
  } catch {
    return { state: null, isLost: true };
  }
}

async function locked(folder: string): Promise<() => void> {
  try {
    return await lockFolder(folder);
  } catch (error) {
    const detail = `the service runs on ${folder}: stop it first`;
    throw new CommandError("bad_data_folder", detail, error);
  }
}
