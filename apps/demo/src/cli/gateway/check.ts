/** `shield gateway check`: what a client may do in each state, and what it used. */
import { join } from "node:path";
import { LOCKDOWNS } from "@dgb-shield/contract";
import { CommandError, EXIT } from "../../errors.js";
import { methodPolicyOf, USED_METHODS_FILE } from "../../gateway/start-gateway.js";
import { readUsedMethods } from "../../gateway/used-methods.js";
import type { ServiceConfig, ServiceGateway } from "../../service/config/service-config.js";
import type { CommandIo } from "../command-io.js";
import { type ConfigOptions, configOf } from "../config/config-options.js";

/** What the command is given. */
export type CheckOptions = Readonly<{ client: string; json: boolean }>;

type Row = Readonly<{
  method: string;
  /** States in which it can run. */
  runs_in: readonly string[];
  calls: number;
  refused: number;
}>;

/**
 * Shows what a client may do.
 *
 * @returns the exit code
 * @throws CommandError `usage` for a client that is not configured; `bad_config`
 */
export function checkClient(
  options: ConfigOptions & CheckOptions,
  { stdout, env }: Pick<CommandIo, "stdout" | "env">,
): number {
  const config = configOf(options, env);
  const gateway = gatewayIn(config);
  const client = gateway.proxy.clients.find(({ name }) => name === options.client);
  if (client === undefined) {
    const names = gateway.proxy.clients.map(({ name }) => name).join(", ");
    throw new CommandError(
      "usage",
      `there is no client ${options.client}: the clients are ${names}`,
    );
  }
  const rows = rowsOf(client, gateway, config.data_dir);
  const { name, role, wallets = [] } = client;
  stdout.write(
    options.json
      ? `${JSON.stringify({ client: name, role, wallets, methods: rows })}\n`
      : textOf(`client ${name}, role ${role}, wallets ${wallets.join(", ") || "none"}`, rows),
  );
  return EXIT.done;
}

/** @throws CommandError `bad_config` where no gateway is configured */
export function gatewayIn({ gateway }: Pick<ServiceConfig, "gateway">): ServiceGateway {
  if (gateway !== null) return gateway;
  throw new CommandError("bad_config", "no gateway is configured: see docs/gateway.md");
}

function rowsOf(
  { name, role }: Readonly<{ name: string; role: string }>,
  gateway: ServiceGateway,
  data_dir: string,
): Row[] {
  const policy = methodPolicyOf(gateway);
  const byState = LOCKDOWNS.map(
    (state) => [state, new Set(policy.methodsOf(role, state))] as const,
  );
  const used = new Map(
    readUsedMethods(join(data_dir, USED_METHODS_FILE))
      .filter(({ client }) => client === name)
      .map((one) => [one.method, one] as const),
  );
  const methods = new Set([...byState.flatMap(([, runs]) => [...runs]), ...used.keys()]);
  return [...methods].sort().map((method) => {
    const { calls = 0, refused = 0 } = used.get(method) ?? {};
    const runs_in = byState.filter(([, runs]) => runs.has(method)).map(([state]) => state);
    return { method, runs_in, calls, refused };
  });
}

function textOf(title: string, rows: readonly Row[]): string {
  const width = Math.max(6, ...rows.map(({ method }) => method.length));
  const line = (...[method, states, calls, refused]: readonly string[]): string =>
    `${(method ?? "").padEnd(width)}  ${LOCKDOWNS.map((state, at) => (states?.split(",")[at] ?? "").padEnd(state.length)).join("  ")}  ${(calls ?? "").padStart(9)}  ${(refused ?? "").padStart(9)}`.trimEnd();
  const body = rows.map(({ method, runs_in, calls, refused }) =>
    line(
      method,
      LOCKDOWNS.map((state) => (runs_in.includes(state) ? "runs" : "-")).join(),
      String(calls),
      String(refused),
    ),
  );
  const missing = rows.filter(({ runs_in, calls }) => runs_in.length === 0 && calls > 0);
  const note =
    missing.length === 0
      ? []
      : [
          "",
          `It used what its role may never call: ${missing.map(({ method }) => method).join(", ")}.`,
          "Give it another role, or change the program.",
        ];
  const head = line("method", LOCKDOWNS.join(), "used", "refused");
  return `${[title, "", head, ...body, ...note].join("\n")}\n`;
}
