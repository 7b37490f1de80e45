/** The configuration of the service: its fields with units, ranges and defaults (design, section 10). */
import { CHAINS, type ChainParameters } from "@dgb-shield/chain";
import type { RpcAuth } from "@dgb-shield/chain/rpc";
import type { WalletPolicy } from "@dgb-shield/quantum-wallet-guard";
import type { GuardianPolicy } from "@dgb-shield/wallet-guardian";
import { z } from "zod";
import {
  hostHeaderSchema,
  hostSchema,
  idField,
  nodeUrlSchema,
  originSchema,
  pathSchema,
  schemaNameSchema,
  serverUrlSchema,
  streamSchema,
  subjectSchema,
  variableSchema,
} from "./fields.js";
import { guardianPolicyField, walletPolicyField } from "./policies.js";
import { contradictionsIn } from "./rules.js";

/** Nodes of one site at most. */
export const MAX_NODES = 64;
/** Wallets, and other sites, that a configuration names at most. */
export const MAX_LISTED = 1_000;
/** Milliseconds of a day. */
const DAY_MS = 86_400_000;

const chainNames = CHAINS.map(({ name }) => name);
const word = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, `give one of ${words.join(", ")}`);
const whole = (least: number, most: number) => {
  const error = `give a whole number from ${least} to ${most}`;
  return z.int(error).min(least, error).max(most, error);
};
const flag = () => z.boolean("give true or false");
const nothing = () => ({});

const modeField = word(["observe", "enforce"]);

const ledgerField = z
  .discriminatedUnion(
    "kind",
    [
      z.strictObject({ kind: z.literal("sqlite") }),
      z.strictObject({
        kind: z.literal("postgres"),
        url: serverUrlSchema(["postgres", "postgresql"], "postgres://user@host/database")
          .optional()
          .describe("address; one with a password only from the environment"),
        url_env: variableSchema.optional().describe("variable that holds the address"),
        schema: schemaNameSchema.default("guardian").describe("schema of the tables"),
      }),
    ],
    "give kind: sqlite or postgres",
  )
  .describe("where decisions are counted: the file ledger.sqlite in data_dir, or PostgreSQL");

const nodeField = z.strictObject({
  node_id: idField.describe("name of the node, one of its own"),
  url: nodeUrlSchema.describe("its RPC address"),
  cookie_file: pathSchema
    .optional()
    .describe("its cookie file, which the node writes at each start"),
  user: z
    .string("give the RPC user")
    .min(1)
    .max(256)
    .regex(/^[^:\p{Cc}]+$/u, "give the RPC user, without a colon")
    .optional()
    .describe("RPC user, where there is no cookie file"),
  password_env: variableSchema.optional().describe("variable that holds the RPC password"),
});

const recordingField = z.strictObject({
  file: pathSchema.describe("recording, as `shield record` writes it; .gz too"),
  speed: z
    .number("give a number above 0")
    .gt(0, "give a number above 0")
    .max(100_000, "give at most 100000")
    .default(1)
    .describe("times as fast as it was recorded, above 0 to 100000"),
});

const httpField = z
  .strictObject({
    host: hostSchema
      .default("127.0.0.1")
      .describe("where to listen; beyond this machine only with tls or behind_proxy"),
    port: whole(0, 65_535).default(8480).describe("TCP port; 0: any free one"),
    tls: z
      .strictObject({
        cert_file: pathSchema.describe("certificate chain, PEM"),
        key_file: pathSchema.describe("private key, PEM"),
      })
      .optional()
      .describe("serve HTTPS"),
    behind_proxy: flag()
      .default(false)
      .describe("whether a proxy that ends TLS is in front; its X-Forwarded-For is believed"),
    allowed_hosts: z
      .array(hostHeaderSchema)
      .max(64)
      .default([])
      .describe(
        "further names in the Host header; the names of this machine are always allowed on loopback",
      ),
    allowed_origins: z
      .array(originSchema)
      .max(64)
      .default([])
      .describe("origins of browser pages that may call; none but the service's own by default"),
    rate_limit: z
      .strictObject({
        per_key_per_minute: whole(1, 100_000_000)
          .default(600_000)
          .describe("requests of one key in a minute"),
        per_address_per_minute: whole(1, 100_000_000)
          .default(600)
          .describe("requests of one address without a valid key in a minute"),
      })
      .prefault(nothing)
      .describe("requests beyond it are answered with 429"),
  })
  .prefault(nothing)
  .describe("the HTTP server");

const natsField = z.strictObject({
  url: serverUrlSchema(["nats", "tls"], "nats://127.0.0.1:4222")
    .optional()
    .describe("address; one with a password only from the environment"),
  url_env: variableSchema.optional().describe("variable that holds the address"),
  credentials_file: pathSchema.optional().describe("NATS credentials (.creds)"),
  signals_stream: streamSchema
    .default("shield_signals")
    .describe("JetStream stream with the signals of all sites"),
  signals_subject: subjectSchema
    .default("shield.signals")
    .describe("subject prefix of signals: <prefix>.<operator>.<node>"),
  events_subject: subjectSchema
    .default("shield.events")
    .describe("subject prefix of events: <prefix>.<layer>.<action>"),
});

const peerField = z.strictObject({
  operator: idField.describe("name of the other site"),
  node_ids: z.array(idField).min(1, "give at least one node").max(MAX_NODES).describe("its nodes"),
});

/**
 * Schema of each field by itself, strict at every level. `serviceConfigSchema` adds what fields must have in
 * common; `issuesOf` lists everything that is wrong at once.
 */
export const configFieldsSchema = z.strictObject({
  config_version: z.literal(1, "give 1").describe("version of this format"),
  deployment_id: idField.describe(
    "name of this deployment; approvals are bound to it, so never change it",
  ),
  operator: idField.describe("name of the site"),
  chain: z
    .enum(chainNames, `give one of ${chainNames.join(", ")}`)
    .describe("the chain that the site's nodes follow"),
  data_dir: pathSchema
    .default("shield-data")
    .describe("folder of ledger, state, keys and outbox, on a local disk"),
  ledger: ledgerField.prefault({ kind: "sqlite" }),
  nodes: z
    .array(nodeField)
    .min(1, "give at least one node")
    .max(MAX_NODES, `give at most ${MAX_NODES} nodes`)
    .optional()
    .describe("the site's own nodes; the first one is the site's name in signals"),
  recording: recordingField
    .optional()
    .describe("for trials, in place of nodes: what a node reported once"),
  poll_ms: whole(1_000, 600_000)
    .default(15_000)
    .describe("time between two polls of a node, milliseconds"),
  max_report_age_ms: whole(1_000, DAY_MS)
    .optional()
    .describe(
      "age at which a node's report no longer counts, milliseconds; default 3 × poll_ms + 15000",
    ),
  min_fresh_nodes: whole(1, MAX_NODES)
    .optional()
    .describe("nodes that must have a fresh report before anything is paid; default: a majority"),
  unknown_network: word(["refuse", "elevated"])
    .default("refuse")
    .describe("while nothing is known of the network: refuse payments, or go on at risk elevated"),
  http: httpField,
  keys_file: pathSchema
    .optional()
    .describe("file of the API keys' hashes; default keys.json in data_dir"),
  mode: modeField
    .default("observe")
    .describe("observe: decide and record, for comparison; enforce: the answers are binding"),
  wallets: z
    .record(idField, z.strictObject({ mode: modeField.describe("mode of this wallet") }))
    .default({})
    .describe("modes of single wallets, by wallet id"),
  guardian: guardianPolicyField.describe(
    "policy of the Wallet Guardian: limits, freezes, destinations",
  ),
  guard: walletPolicyField
    .prefault(nothing)
    .describe("policy of the Quantum Wallet Guard: risk, ratios, approvals"),
  nats: natsField.optional().describe("exchange of signals and events over NATS JetStream"),
  peers: z
    .array(peerField)
    .max(MAX_LISTED, `give at most ${MAX_LISTED} sites`)
    .default([])
    .describe("other sites whose signals are accepted"),
  log: z
    .strictObject({
      level: word(["trace", "debug", "info", "warn", "error", "fatal"])
        .default("info")
        .describe("least severe entry that is written"),
      format: word(["json", "pretty"])
        .default("json")
        .describe("one JSON object a line, or text for a person"),
    })
    .prefault(nothing)
    .describe("the log on standard error"),
});

/** A configuration as it is written. */
export type ServiceConfigInput = z.input<typeof configFieldsSchema>;
/** A configuration with the schema's defaults; paths, secrets and policies are as they were written. */
export type ParsedConfig = z.output<typeof configFieldsSchema>;

/** One of the site's own nodes. */
export type ServiceNode = Readonly<{ node_id: string; url: string; auth?: RpcAuth }>;

/** Files of a deployment, as absolute paths. */
export type ServiceFiles = Readonly<{
  /** The SQLite ledger; its witness is beside it. With PostgreSQL no such file is made. */
  ledger: string;
  /** This host's witness of a PostgreSQL ledger. */
  ledger_witness: string;
  /** State of layers 1 to 3. */
  state: string;
  keys: string;
  /** Folder of the events that a sink has not taken yet. */
  outbox: string;
}>;

/** Modes of deciding. */
export type Mode = ParsedConfig["mode"];

/** A configuration that is ready for use: every default filled in, paths absolute, secrets read, policies complete. */
export type ServiceConfig = Readonly<
  Pick<
    ParsedConfig,
    | "config_version"
    | "deployment_id"
    | "operator"
    | "data_dir"
    | "poll_ms"
    | "unknown_network"
    | "mode"
    | "peers"
    | "log"
  > & {
    chain: ChainParameters;
    files: ServiceFiles;
    ledger:
      | Readonly<{ kind: "sqlite"; path: string }>
      | Readonly<{ kind: "postgres"; url: string; schema: string }>;
    /** None where a recording is played. */
    nodes: readonly ServiceNode[];
    recording: Readonly<{ file: string; speed: number }> | null;
    max_report_age_ms: number;
    min_fresh_nodes: number;
    http: Readonly<
      Omit<ParsedConfig["http"], "tls"> & {
        tls: Readonly<{ cert_file: string; key_file: string }> | null;
      }
    >;
    keys_file: string;
    /** Modes of single wallets; one that is absent has `mode`. */
    wallets: ReadonlyMap<string, Mode>;
    guardian: GuardianPolicy;
    guard: WalletPolicy;
    nats: Readonly<{
      url: string;
      credentials_file: string | null;
      signals_stream: string;
      signals_subject: string;
      events_subject: string;
    }> | null;
  }
>;

/** Mode of one wallet. */
export const modeOf = (
  { wallets, mode }: Pick<ServiceConfig, "wallets" | "mode">,
  walletId: string,
): Mode => wallets.get(walletId) ?? mode;

/** Schema of a configuration: each field, and what they must have in common. */
export const serviceConfigSchema = configFieldsSchema.superRefine((config, context) => {
  for (const { path, problem, remedy } of contradictionsIn(config)) {
    context.addIssue({ code: "custom", path: [...path], message: `${problem}: ${remedy}` });
  }
});
