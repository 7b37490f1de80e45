/** Sections of the configuration: ledger, nodes, HTTP server, NATS, other sites. */
import { z } from "zod";
import {
  flag,
  hostHeaderSchema,
  hostSchema,
  idField,
  networkSchema,
  nodeUrlSchema,
  nothing,
  originSchema,
  pathSchema,
  schemaNameSchema,
  serverUrlSchema,
  streamSchema,
  subjectSchema,
  variableSchema,
  whole,
} from "./fields.js";

/** Nodes of one site at most. */
export const MAX_NODES = 64;

/** Address of a PostgreSQL database. */
export const postgresUrlSchema = serverUrlSchema(
  ["postgres", "postgresql"],
  "postgres://user@host/database",
);

/** Address of a NATS server. */
export const natsUrlSchema = serverUrlSchema(["nats", "tls"], "nats://127.0.0.1:4222");

/** Where decisions are counted. */
export const ledgerField = z
  .discriminatedUnion(
    "kind",
    [
      z.strictObject({ kind: z.literal("sqlite") }),
      z.strictObject({
        kind: z.literal("postgres"),
        url: postgresUrlSchema
          .optional()
          .describe("address; one with a password only from the environment"),
        url_env: variableSchema.optional().describe("variable that holds the address"),
        schema: schemaNameSchema.default("guardian").describe("schema of the tables"),
      }),
    ],
    "give kind: sqlite or postgres",
  )
  .describe("where decisions are counted: the file ledger.sqlite in data_dir, or PostgreSQL");

/** One of the site's own nodes. */
export const nodeField = z.strictObject({
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

/** A wallet at one of the site's own nodes. */
export const nodeWalletField = z.strictObject({
  node: idField.optional().describe("node_id of the node that has it; default: the first"),
  wallet: z
    .string("give the node's name for the wallet")
    .max(128, "give at most 128 characters")
    .regex(/^\P{C}*$/u, "give a name without control characters")
    .describe('the node\'s own name for it; "" for its default wallet'),
});

/** What a node reported once. */
export const recordingField = z.strictObject({
  file: pathSchema.describe("recording, as `shield record` writes it; .gz too"),
  speed: z
    .number("give a number above 0")
    .gt(0, "give a number above 0")
    .max(100_000, "give at most 100000")
    .default(1)
    .describe("times as fast as it was recorded"),
});

/** The HTTP server. */
export const httpField = z
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
    behind_proxy: flag().default(false).describe("whether a proxy that ends TLS is in front"),
    trusted_proxies: z
      .array(networkSchema)
      .max(64)
      .default(["127.0.0.1", "::1"])
      .describe(
        "with behind_proxy: addresses and networks of proxies, whose X-Forwarded-For is trusted",
      ),
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

/** Exchange of signals and events. */
export const natsField = z.strictObject({
  url: natsUrlSchema.optional().describe("address; one with a password only from the environment"),
  url_env: variableSchema.optional().describe("variable that holds the address"),
  credentials_file: pathSchema.optional().describe("NATS credentials (.creds)"),
  signals_stream: streamSchema
    .default("shield_signals")
    .describe("JetStream stream with the signals of all sites"),
  signals_subject: subjectSchema
    .default("shield.signals")
    .describe("subject prefix of signals: <prefix>.<operator>.<node>"),
  events_stream: streamSchema
    .default("shield_events")
    .describe("JetStream stream with the events of this site"),
  events_subject: subjectSchema
    .default("shield.events")
    .describe("subject prefix of events: <prefix>.<layer>.<action>"),
});

/** Another site. */
export const peerField = z.strictObject({
  operator: idField.describe("name of the other site"),
  node_ids: z.array(idField).min(1, "give at least one node").max(MAX_NODES).describe("its nodes"),
});
