/** `shield config check`: whether the configuration can be used, and what a person should know of it. */
import { formatAmount } from "@dgb-shield/contract";
import { EXIT } from "../../errors.js";
import { issueText } from "../../service/config/issues.js";
import type { ServiceConfig, ServiceGateway } from "../../service/config/service-config.js";
import type { CommandIo } from "../command-io.js";
import { type ConfigOptions, readingOf } from "./config-options.js";

/**
 * Checks the configuration.
 *
 * @returns the exit code: `bad_config` where it cannot be used
 */
export function checkConfig(
  options: ConfigOptions & Readonly<{ json: boolean }>,
  { stdout, stderr, env }: Pick<CommandIo, "stdout" | "stderr" | "env">,
): number {
  const reading = readingOf(options, env);
  const { ok, file } = reading;
  if (options.json) {
    const answer = reading.ok
      ? { ok, file, notes: notesOf(reading.config), config: shown(reading.config) }
      : { ok, file, issues: reading.issues };
    stdout.write(`${JSON.stringify(answer)}\n`);
  } else if (reading.ok) {
    const name = file ?? "the environment";
    const notes = notesOf(reading.config).map((note) => `  note: ${note}\n`);
    stdout.write(`${name}: ok\n${summaryOf(reading.config)}${notes.join("")}`);
  } else {
    const count = reading.issues.length;
    stderr.write(reading.issues.map((issue) => `${issueText(issue)}\n`).join(""));
    stderr.write(`${count === 1 ? "1 thing is" : `${count} things are`} wrong\n`);
  }
  return ok ? EXIT.done : EXIT.bad_config;
}

function summaryOf({ chain, operator, ledger, nodes, recording, http, mode }: ServiceConfig) {
  const sources =
    recording === null
      ? nodes.map(({ node_id }) => node_id).join(", ")
      : `the recording ${recording.file}`;
  const scheme = http.tls === null ? "http" : "https";
  return [
    `  site ${operator} on ${chain.name}, evidence from ${sources}`,
    `  ledger ${ledger.kind === "sqlite" ? ledger.path : `PostgreSQL, schema ${ledger.schema}`}`,
    `  ${scheme} on ${http.host} port ${http.port}, mode ${mode}`,
    "",
  ].join("\n");
}

/** What is allowed, and worth a thought. */
function notesOf(config: ServiceConfig): string[] {
  const { mode, recording, addresses, nodes, unknown_network, guard, guardian, http } = config;
  return [
    ...(mode === "observe" ? ["mode observe: a refusal is recorded and stops no payment"] : []),
    ...(recording === null ? [] : ["a recording is no evidence: for trials alone"]),
    ...(addresses === "text"
      ? ["addresses text: two spellings of a destination are two, and none is checked: for trials"]
      : []),
    ...(nodes.length === 1 ? ["one node alone: a wrong chain is not seen by comparing nodes"] : []),
    ...(unknown_network === "elevated"
      ? ["unknown_network elevated: payments go on while nothing is known of other sites"]
      : []),
    ...(guard.required_approvals === 1
      ? ["guard.required_approvals 1: one person releases a large amount"]
      : []),
    ...(guardian.claim === "implicit"
      ? ["guardian.claim implicit: every caller that may pay may sign at once"]
      : []),
    ...(http.behind_proxy
      ? ["http.behind_proxy: a request that does not come through the proxy can claim any address"]
      : []),
  ];
}

/** A configuration as it may be shown: no password, no parameters of the chain. */
function shown(config: ServiceConfig): object {
  const { chain, ledger, nats, nodes, wallets, wallet_policies, gateway } = config;
  return {
    ...config,
    chain: chain.name,
    ledger: ledger.kind === "sqlite" ? ledger : { ...ledger, url: withoutSecrets(ledger.url) },
    gateway: gateway && shownGateway(gateway),
    nats: nats && { ...nats, url: withoutSecrets(nats.url) },
    nodes: nodes.map(({ node_id, url, auth }) => ({
      node_id,
      url,
      ...(auth !== undefined &&
        ("user" in auth ? { user: auth.user } : { cookie_file: auth.cookie_file })),
    })),
    wallets: Object.fromEntries([...wallets].map(([id, mode]) => [id, { mode }])),
    wallet_policies: Object.fromEntries(wallet_policies),
  };
}

function shownGateway({ node, proxy, fee_reserve, ...rest }: ServiceGateway): object {
  const clients = proxy.clients.map(({ name, role, wallets = [] }) => ({ name, role, wallets }));
  return {
    ...rest,
    node: node.node_id,
    fee_reserve: formatAmount(fee_reserve),
    proxy: { ...proxy, clients },
  };
}

/** An address without user, password and parameters. */
function withoutSecrets(text: string): string {
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}
