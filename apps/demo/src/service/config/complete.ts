/** Completes a parsed configuration: absolute paths, secrets from the environment, whole policies, derived defaults. */
import { isAbsolute, join, resolve } from "node:path";
import { CHAINS } from "@dgb-shield/chain";
import { parseAmount } from "@dgb-shield/contract";
import { placeFaults } from "@dgb-shield/rpc-gateway/server";
import type { z } from "zod";
import { auditOf } from "./audit.js";
import { unreadableIn } from "./destinations.js";
import { defenseInputsOf } from "./defense-inputs.js";
import type { UnplacedIssue } from "./issues.js";
import type { Environment } from "./layers.js";
import { guardianPolicyOf, walletPolicyOf } from "./policies.js";
import type { ParsedConfig } from "./schema.js";
import { thresholdsOf, tokenOf } from "./complete-signing.js";
import { natsUrlSchema, postgresUrlSchema } from "./sections.js";
import type { ServiceConfig, ServiceNode } from "./service-config.js";
import { tipStatementOf } from "./tip-statement.js";
import { webhooksOf } from "./webhooks.js";

/** What a configuration is completed with. */
export type Surroundings = Readonly<{
  env: Environment;
  /** The folder that a relative path of a field begins in. */
  folderOf: (path: readonly PropertyKey[]) => string;
}>;

/** What a poll may take beyond its interval before the report counts as missing, in milliseconds. */
const GRACE_MS = 15_000;
const MISSED_POLLS = 3;

/** A configuration, or what its surroundings lack. */
export type Completion =
  | Readonly<{ ok: true; config: ServiceConfig }>
  | Readonly<{ ok: false; issues: readonly UnplacedIssue[] }>;

/** Completes a configuration that the schema and the rules have accepted. */
export function completeConfig(parsed: ParsedConfig, surroundings: Surroundings): Completion {
  const issues: UnplacedIssue[] = [];
  const chain = CHAINS.find(({ name }) => name === parsed.chain);
  if (chain === undefined) {
    return {
      ok: false,
      issues: [{ path: ["chain"], problem: "it is unknown", remedy: "give another" }],
    };
  }
  const paths = pathsIn(surroundings);
  const secret = secretsIn(surroundings.env, issues);
  const addressOf = addressesIn(secret, issues);
  const data_dir = paths(["data_dir"], parsed.data_dir);
  const { tls } = parsed.http;
  const nodes = (parsed.nodes ?? []).map((node, at) => nodeOf(node, at, { paths, secret }));
  const sources = parsed.recording === undefined ? nodes.length : 1;
  const config: ServiceConfig = {
    config_version: parsed.config_version,
    deployment_id: parsed.deployment_id,
    operator: parsed.operator,
    chain,
    addresses: parsed.addresses,
    data_dir,
    files: {
      ledger: join(data_dir, "ledger.sqlite"),
      ledger_witness: join(data_dir, "ledger.witness"),
      state: join(data_dir, "state"),
      outbox: join(data_dir, "outbox"),
    },
    ledger: ledgerOf(parsed.ledger, join(data_dir, "ledger.sqlite"), addressOf),
    nodes,
    recording:
      parsed.recording === undefined
        ? null
        : { ...parsed.recording, file: paths(["recording", "file"], parsed.recording.file) },
    poll_ms: parsed.poll_ms,
    max_report_age_ms: parsed.max_report_age_ms ?? MISSED_POLLS * parsed.poll_ms + GRACE_MS,
    min_fresh_nodes: parsed.min_fresh_nodes ?? Math.floor(sources / 2) + 1,
    unknown_network: parsed.unknown_network,
    behaviour: parsed.behaviour,
    http: {
      ...parsed.http,
      tls:
        tls === undefined
          ? null
          : {
              cert_file: paths(["http", "tls", "cert_file"], tls.cert_file),
              key_file: paths(["http", "tls", "key_file"], tls.key_file),
            },
    },
    keys_file:
      parsed.keys_file === undefined
        ? join(data_dir, "keys.json")
        : paths(["keys_file"], parsed.keys_file),
    mode: parsed.mode,
    wallets: new Map(
      Object.entries(parsed.wallets).map(([id, { mode = parsed.mode }]) => [id, mode]),
    ),
    guardian: guardianPolicyOf(parsed.guardian),
    wallet_policies: walletPoliciesOf(parsed.wallets),
    guard: walletPolicyOf(parsed.guard),
    node_wallets: nodeWalletsOf(parsed.wallets, nodes),
    defense_inputs: defenseInputsOf(parsed.defense_inputs, chain),
    gateway: gatewayOf(parsed.gateway, nodes),
    approvers: parsed.approvers,
    thresholds: thresholdsOf(parsed.thresholds, chain, issues),
    token: tokenOf(parsed.token, paths),
    governance: parsed.governance ?? null,
    nats: natsOf(parsed.nats, { paths, addressOf }),
    webhooks: webhooksOf(parsed.webhooks, paths),
    peers: parsed.peers,
    tip_statement: tipStatementOf(parsed.tip_statement, paths),
    audit: auditOf(parsed.audit, { paths, secret }),
    log: parsed.log,
  };
  issues.push(...unreadableAddresses(config), ...gatewayIssues(config));
  return issues.length > 0 ? { ok: false, issues } : { ok: true, config: Object.freeze(config) };
}

/** Addresses of the policies' lists that are none of the chain. */
const unreadableAddresses = (config: ServiceConfig): UnplacedIssue[] => [
  ...unreadableIn(config.guardian, config, ["guardian"]),
  ...[...config.wallet_policies].flatMap(([id, policy]) =>
    unreadableIn(policy, config, ["wallets", id, "guardian"]),
  ),
];

/** Own destinations and descriptors of the gateway that cannot be used on the chain. */
const gatewayIssues = ({ gateway, chain }: ServiceConfig): UnplacedIssue[] =>
  gateway === null
    ? []
    : placeFaults(gateway.proxy, chain).map(({ path, remedy }) => ({
        path: ["gateway", "proxy", ...path],
        problem: "it cannot be used",
        remedy,
      }));

/** The wallets' own policies. The ledger keeps one policy of a name, so a wallet's is named after it. */
function walletPoliciesOf(wallets: ParsedConfig["wallets"]): ServiceConfig["wallet_policies"] {
  return new Map(
    Object.entries(wallets).flatMap(([id, { guardian }]) =>
      guardian === undefined
        ? []
        : [[id, guardianPolicyOf({ ...guardian, name: guardian.name ?? `wallet:${id}` })] as const],
    ),
  );
}

/** The rules have found the nodes. */
function nodeWalletsOf(
  wallets: ParsedConfig["wallets"],
  nodes: readonly ServiceNode[],
): ServiceConfig["node_wallets"] {
  return new Map(
    Object.entries(wallets).flatMap(([id, { node_wallet }]) =>
      node_wallet === undefined
        ? []
        : [
            [
              id,
              { node_id: node_wallet.node ?? nodes[0]?.node_id ?? "", wallet: node_wallet.wallet },
            ] as const,
          ],
    ),
  );
}

type Paths = (at: readonly PropertyKey[], path: string) => string;
type Secret = (at: readonly PropertyKey[], variable: string) => string;
type Reads = Readonly<{ paths: Paths; secret: Secret }>;

/** A server's address in one of two fields. */
type Address = Readonly<{ url?: string | undefined; url_env?: string | undefined }>;
type AddressOf = (name: "ledger" | "nats", server: Address, schema: z.ZodType<string>) => string;

/** Completes paths: `~/` is the home folder, a relative path begins where it was written. */
function pathsIn({ env, folderOf }: Surroundings): Paths {
  return (at, path) => {
    const home = env["HOME"];
    if (path.startsWith("~/") && home !== undefined && isAbsolute(home)) {
      return join(home, path.slice(2));
    }
    return resolve(folderOf(at), path);
  };
}

/** Reads secrets from variables; a missing one is an issue. */
function secretsIn(env: Environment, issues: UnplacedIssue[]): Secret {
  return (path, variable) => {
    const value = env[variable];
    if (value !== undefined && value !== "") return value;
    const problem = `the variable ${variable} is ${value === undefined ? "not set" : "empty"}`;
    issues.push({ path, problem, remedy: "set it for this process, or name another one" });
    return "";
  };
}

function nodeOf(
  node: NonNullable<ParsedConfig["nodes"]>[number],
  at: number,
  { paths, secret }: Reads,
): ServiceNode {
  const { node_id, url, cookie_file, user, password_env } = node;
  if (cookie_file !== undefined) {
    const path = paths(["nodes", at, "cookie_file"], cookie_file);
    return { node_id, url, auth: { cookie_file: path } };
  }
  if (user === undefined || password_env === undefined) return { node_id, url };
  const password = secret(["nodes", at, "password_env"], password_env);
  return { node_id, url, auth: { user, password } };
}

/** Reads addresses; one from a variable is checked as the schema checks one in the file. */
function addressesIn(secret: Secret, issues: UnplacedIssue[]): AddressOf {
  return (name, { url, url_env = "" }, schema) => {
    if (url !== undefined) return url;
    const value = secret([name, "url_env"], url_env);
    const { error } = schema.safeParse(value);
    if (value !== "" && error !== undefined) {
      const problem = `the variable ${url_env} holds no such address`;
      issues.push({
        path: [name, "url_env"],
        problem,
        remedy: error.issues[0]?.message ?? "correct it",
      });
    }
    return value;
  };
}

function ledgerOf(
  ledger: ParsedConfig["ledger"],
  path: string,
  addressOf: AddressOf,
): ServiceConfig["ledger"] {
  if (ledger.kind === "sqlite") return { kind: "sqlite", path };
  const { schema } = ledger;
  return { kind: "postgres", url: addressOf("ledger", ledger, postgresUrlSchema), schema };
}

/** The rules have found the node. */
function gatewayOf(
  gateway: ParsedConfig["gateway"],
  nodes: readonly ServiceNode[],
): ServiceConfig["gateway"] {
  const node = nodes.find(({ node_id }) => node_id === (gateway?.node ?? nodes[0]?.node_id));
  if (gateway === undefined || node === undefined) return null;
  return { ...gateway, node, fee_reserve: parseAmount(gateway.fee_reserve) };
}

function natsOf(
  nats: ParsedConfig["nats"],
  { paths, addressOf }: Readonly<{ paths: Paths; addressOf: AddressOf }>,
): ServiceConfig["nats"] {
  if (nats === undefined) return null;
  const { credentials_file: file } = nats;
  const { signals_stream, signals_subject, events_stream, events_subject } = nats;
  return {
    url: addressOf("nats", nats, natsUrlSchema),
    credentials_file: file === undefined ? null : paths(["nats", "credentials_file"], file),
    signals_stream,
    signals_subject,
    events_stream,
    events_subject,
  };
}
