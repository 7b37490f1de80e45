/** Writes a configuration file in which every field stands: those that were given, and the others as comments. */
import { CONFIG_JSON, defaultOf, type Json, membersOf, rangeOf } from "./json-schema.js";

/** Values by field, nested as in the file. */
export type Values = Readonly<Record<string, unknown>>;

const WIDTH = 110;

const HEAD = [
  "Configuration of `shield serve`. Check it with `shield config check`, and everything around it with `shield doctor`.",
  "A line that begins with `# name:` shows a field with its default, or an example where it has none. Environment",
  "variables win over this file: SHIELD_HTTP_PORT is http.port. Paths begin at this file's folder. No password belongs here.",
];

/** What is written above fields whose content has a document of its own. */
const NOTES: Readonly<Record<string, readonly string[]>> = {
  guardian: [
    "Amounts are coins. These limits are a beginning: set those that your wallet needs. `preset` is treasury or",
    "exchange_hot_wallet: an ALLOW reserves and `claim` permits signing, requests name account, destinations and max_fee,",
    "a new destination waits an hour. Fields beside it win. All of them: packages/wallet-guardian/README.md.",
  ],
  guard: [
    "All fields: packages/quantum-wallet-guard/README.md. `preset` is personal or exchange_hot_wallet.",
  ],
};

/** Examples of fields that have no default, or an empty one. */
const EXAMPLES: Readonly<Record<string, string>> = {
  "ledger.url": '"postgres://shield@127.0.0.1/shield"',
  "ledger.url_env": "LEDGER_URL",
  "nats.url": '"nats://127.0.0.1:4222"',
  "nats.url_env": "NATS_URL",
  nodes: '[{node_id: "node-1", url: "http://127.0.0.1:14022", cookie_file: "~/.digibyte/.cookie"}]',
  file: '"node.jsonl.gz"',
  max_report_age_ms: "60000",
  min_fresh_nodes: "1",
  cert_file: '"/etc/shield/tls.crt"',
  key_file: '"/etc/shield/tls.key"',
  allowed_hosts: '["shield.example:8480"]',
  allowed_origins: '["https://console.example"]',
  approvers:
    '[{approver: ada, key_id: ada-2026, public_key: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]',
  classes: '{cold: ["DColdWalletAddress"]}',
  key_id: "service-2026",
  "token.key_file": '"shield-data/token.key"',
  command: '["/usr/local/bin/kms-sign"]',
  public_key: '"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"',
  other_keys: '[{key_id: service-2025, public_key: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]',
  keys_file: '"shield-data/keys.json"',
  wallets: '{"hot-1": {mode: enforce}}',
  guard: "{preset: exchange_hot_wallet}",
  defense_inputs: "{min_peers: 4}",
  "audit.key_file": '"shield-data/audit-key.json"',
  export: '[{name: "vault", kind: file, path: "/mnt/vault/checkpoints.jsonl"}]',
  credentials_file: '"/etc/shield/nats.creds"',
  webhooks: '[{name: "ops", url: "https://hooks.example/shield", secret_file: "ops.secret"}]',
  peers: '[{operator: "site-b", node_ids: ["node-b1"]}]',
};

/**
 * Writes the text of a configuration file.
 *
 * @param values fields that are set; every other one becomes a comment with its default
 */
export function configTemplate(values: Values): string {
  const lines = [
    ...HEAD.map((line) => `# ${line}`),
    "",
    ...linesOf(CONFIG_JSON, { values, indent: "", within: "" }),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

type Place = Readonly<{
  values: Values;
  indent: string;
  /** Name of the section, with a point; empty at the top. */
  within: string;
}>;

function linesOf(json: Json, place: Place): string[] {
  const { indent } = place;
  return Object.entries(membersOf(json)).flatMap(([name, member]) => {
    const end = indent === "" ? [""] : [];
    const comment = commentOf(name, member, json).map((line) => `${indent}# ${line}`);
    return [...comment, ...fieldLines(name, member, place), ...end];
  });
}

function fieldLines(name: string, member: Json, { values, indent, within }: Place): string[] {
  const isGiven = Object.hasOwn(values, name);
  const value = values[name];
  const isSection = Object.keys(membersOf(member)).length > 0;
  if (isGiven && isSection) {
    return [
      `${indent}${name}:`,
      ...linesOf(member, { values: value as Values, indent: `${indent}  `, within: `${name}.` }),
    ];
  }
  if (isGiven) return yamlOf(name, value, indent);
  if (!isSection) return [`${indent}# ${name}: ${exampleOf(`${within}${name}`, member)}`];
  return [`${name}:`, ...linesOf(member, { values: {}, indent: "  ", within: `${name}.` })].map(
    (line) => `${indent}# ${line}`,
  );
}

function commentOf(name: string, member: Json, parent: Json): string[] {
  const isSection = Object.keys(membersOf(member)).length > 0;
  const isRequired = parent.required?.includes(name) === true;
  const facts = [
    ...(isSection || isPlain(member) ? [] : [rangeOf(member)]),
    ...(isRequired ? ["required"] : []),
  ];
  const description = member.description ?? "";
  const text = facts.length === 0 ? description : `${description} (${facts.join("; ")})`;
  return [...wrapped(text.trim()), ...(NOTES[name] ?? [])];
}

/** Whether a range would add nothing to a description. */
const isPlain = (member: Json): boolean => /^an? /.test(rangeOf(member));

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH)
      lines.splice(-1, 1, `${last} ${word}`);
    else lines.push(word);
  }
  return lines;
}

const exampleOf = (name: string, member: Json): string => {
  const value = defaultOf(member);
  const isEmpty = value === undefined || value === "[]" || value === "{}";
  return (
    (isEmpty ? (EXAMPLES[name] ?? EXAMPLES[name.split(".").at(-1) ?? ""]) : value) ??
    rangeOf(member)
  );
};

/** A field as YAML, its content indented. */
function yamlOf(name: string, value: unknown, indent: string): string[] {
  if (Array.isArray(value)) {
    return [
      `${indent}${name}:`,
      ...value.flatMap((item: unknown) => {
        if (typeof item !== "object" || item === null)
          return [`${indent}  - ${JSON.stringify(item)}`];
        const lines = Object.entries(item as Values).flatMap(([key, one]) => yamlOf(key, one, ""));
        return lines.map((line, at) => `${indent}  ${at === 0 ? "- " : "  "}${line}`);
      }),
    ];
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value as Values);
    return [
      `${indent}${name}:`,
      ...members.flatMap(([key, one]) => yamlOf(key, one, `${indent}  `)),
    ];
  }
  return [`${indent}${name}: ${JSON.stringify(value)}`];
}
