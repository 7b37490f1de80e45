/** `shield gateway run`: the gateway as a process of its own, which asks a running service. */
import { CommandError, EXIT } from "../../errors.js";
import { createCallReports } from "../../gateway/call-reports.js";
import { remoteService } from "../../gateway/remote-service.js";
import { startGateway } from "../../gateway/start-gateway.js";
import { createLog } from "../../service/http/index.js";
import type { CommandIo } from "../command-io.js";
import { type ConfigOptions, configOf } from "../config/config-options.js";
import { tokenIn } from "../serve/token.js";
import { gatewayIn } from "./check.js";

/** What the command is given. */
export type RunOptions = Readonly<{ service: string; keyFile?: string }>;

/** Time between two reports of calls, in milliseconds. */
const REPORT_MS = 1_000;

/**
 * Runs the gateway until `stop`.
 *
 * @returns the exit code
 * @throws CommandError where the configuration, the key, the service or the port cannot be used
 */
export async function runGateway(
  options: ConfigOptions & RunOptions,
  { stdout, env, stop }: CommandIo,
): Promise<number> {
  const config = configOf(options, env);
  const gateway = gatewayIn(config);
  const log = createLog(config.log);
  const service = remoteService({ url: options.service, token: tokenIn(options.keyFile, env) });
  const reports = createCallReports({
    report: service.reportCalls,
    interval_ms: REPORT_MS,
    warn: (text) => log.warn(text),
  });
  try {
    const running = await startGateway({
      ...{ config: { ...config, gateway }, service, countRpc: reports.count },
      log: (level, text, facts) => log[level]({ facts }, text),
    }).catch((error: unknown) => {
      const detail = error instanceof Error ? error.message : String(error);
      throw new CommandError("usage", `the gateway cannot start: ${detail}`, error);
    });
    stdout.write(
      `shield gateway in front of ${gateway.node.node_id} at ${running.address}\nCtrl-C ends.\n`,
    );
    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      stop.addEventListener("abort", () => resolve(), { once: true });
    });
    await running.close();
  } finally {
    await reports.close();
    await service.close();
  }
  return EXIT.done;
}
