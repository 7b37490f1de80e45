/** The configuration of the service: its fields with units, ranges and defaults (design, section 10). */
import { CHAINS } from "@dgb-shield/chain";
import { z } from "zod";
import { auditField } from "./audit.js";
import { idField, nothing, pathSchema, whole, word } from "./fields.js";
import { defenseInputsField } from "./defense-inputs.js";
import { gatewayField } from "./gateway-section.js";
import { governanceField } from "./governance-section.js";
import { guardianPolicyField, walletPolicyField } from "./policies.js";
import { contradictionsIn } from "./rules.js";
import { tipStatementField } from "./tip-statement.js";
import { webhooksField } from "./webhooks.js";
import { approversField, thresholdsField, tokenField } from "./signing-sections.js";
import {
  httpField,
  ledgerField,
  MAX_NODES,
  natsField,
  nodeField,
  nodeWalletField,
  peerField,
  recordingField,
} from "./sections.js";

/** Other sites that a configuration names at most. */
const MAX_PEERS = 1_000;
/** Milliseconds of a day. */
const DAY_MS = 86_400_000;

const chainNames = CHAINS.map(({ name }) => name);
/** `observe`: a refusal is only recorded. `enforce`: it holds the payment back. */
export const MODES = ["observe", "enforce"] as const;
/** A mode of a wallet. */
export type Mode = (typeof MODES)[number];

const modeField = word(MODES);

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
  addresses: word(["decode", "text"])
    .default("decode")
    .describe(
      "how destinations are compared: decode, by their scripts on this chain, so that two spellings are one destination and what does not decode is refused; text, as they are written, for trials with invented addresses",
    ),
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
    .record(
      idField,
      z.strictObject({
        mode: modeField.optional().describe("mode of this wallet; default: mode"),
        guardian: guardianPolicyField
          .optional()
          .describe("policy of this wallet, whole, in place of guardian"),
        node_wallet: nodeWalletField
          .optional()
          .describe(
            "node and wallet whose balance counts; without it the balance is as stated by the caller",
          ),
      }),
    )
    .default({})
    .describe("modes and policies of single wallets, by wallet id"),
  guardian: guardianPolicyField.describe(
    "policy of the Wallet Guardian: limits, freezes, destinations",
  ),
  guard: walletPolicyField
    .prefault(nothing)
    .describe("policy of the Quantum Wallet Guard: risk, ratios, approvals"),
  behaviour: word(["caller", "ledger"])
    .default("caller")
    .describe(
      "how usual a payment is: caller, what the request states; ledger, what left the account before, or the request where it states more",
    ),
  defense_inputs: defenseInputsField
    .optional()
    .describe("thresholds of payments, peers, mempool, height and calls; {} for the defaults"),
  gateway: gatewayField
    .optional()
    .describe("a proxy in front of a node that lets out what was allowed alone"),
  approvers: approversField,
  thresholds: thresholdsField,
  token: tokenField
    .optional()
    .describe("the key that signs tokens for signers; without it a claim has none"),
  governance: governanceField
    .optional()
    .describe(
      "latched for good at the first start: what loosens then needs a proposal and approvals",
    ),
  nats: natsField.optional().describe("exchange of signals and events over NATS JetStream"),
  webhooks: webhooksField,
  peers: z
    .array(peerField)
    .max(MAX_PEERS, `give at most ${MAX_PEERS} sites`)
    .default([])
    .describe("other sites whose signals are accepted"),
  tip_statement: tipStatementField
    .optional()
    .describe("signed statements of which tip the nodes follow; without it there are none"),
  audit: auditField
    .optional()
    .describe("proof of what was decided: signed checkpoints of the records"),
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

/** Schema of a configuration: each field, and what they must have in common. */
export const serviceConfigSchema = configFieldsSchema.superRefine((config, context) => {
  for (const { path, problem, remedy } of contradictionsIn(config)) {
    context.addIssue({ code: "custom", path: [...path], message: `${problem}: ${remedy}` });
  }
});
