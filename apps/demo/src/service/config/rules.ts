/** What the fields of a configuration must have in common. */
import { ANCHOR } from "../governance/anchor.js";
import type { Fault } from "./fault.js";
import { isLoopback, hasSecret } from "./fields.js";
import { signingFaults } from "./signing-rules.js";
import { nodeWalletFaults } from "./wallet-rules.js";

/** A configuration of any form: every rule is of fields that may be missing or malformed. */
type Fields = Readonly<Record<string, unknown>>;

/**
 * Lists what contradicts each other, or is missing beside something else. A field that is malformed by itself is the
 * schema's matter.
 *
 * @param config of any form
 */
export function contradictionsIn(config: unknown): Fault[] {
  if (!isObject(config)) return [];
  return [
    ...sourceFaults(config),
    ...nodeFaults(config),
    ...freshFaults(config),
    ...httpFaults(config["http"]),
    ...addressFaults(config["ledger"], ["ledger"], isPostgres(config["ledger"])),
    ...addressFaults(config["nats"], ["nats"], isObject(config["nats"])),
    ...peerFaults(config),
    ...policyNameFaults(config),
    ...gatewayFaults(config),
    ...nodeWalletFaults(config),
    ...signingFaults(config),
    ...exportFaults(config["audit"]),
    ...webhookFaults(config["webhooks"]),
  ];
}

const fault = (path: readonly PropertyKey[], problem: string, remedy: string): Fault => ({
  path,
  problem,
  remedy,
});

/** Refuses a configuration without a source of evidence, and a recording beside live nodes. */
function sourceFaults({ nodes, recording }: Fields): Fault[] {
  if (nodes === undefined && recording === undefined) {
    return [
      fault(["nodes"], "there is no source of evidence", "give nodes, or a recording for a trial"),
    ];
  }
  return nodes !== undefined && recording !== undefined
    ? [fault(["recording"], "a recording stands beside live nodes", "remove one of the two")]
    : [];
}

function nodeFaults({ nodes }: Fields): Fault[] {
  const list = listOf(nodes);
  const ids = list.map((node) => (isObject(node) ? node["node_id"] : undefined));
  return list.flatMap((node, at) => [
    ...(isObject(node) ? authFaults(node, ["nodes", at]) : []),
    ...(typeof ids[at] === "string" && ids.indexOf(ids[at]) < at
      ? [
          fault(
            ["nodes", at, "node_id"],
            "another node has this name",
            "give each node a name of its own",
          ),
        ]
      : []),
  ]);
}

function authFaults(node: Fields, path: readonly PropertyKey[]): Fault[] {
  const { cookie_file, user, password_env } = node;
  const isPair = user !== undefined || password_env !== undefined;
  if (cookie_file !== undefined && isPair) {
    return [
      fault(path, "it has a cookie file and a user", "give cookie_file, or user and password_env"),
    ];
  }
  return (user === undefined) === (password_env === undefined)
    ? []
    : [fault(path, "user and password_env belong together", "give both, or a cookie_file")];
}

function freshFaults({ nodes, recording, min_fresh_nodes: least }: Fields): Fault[] {
  const count = recording === undefined ? listOf(nodes).length : 1;
  return typeof least === "number" && count > 0 && least > count
    ? [
        fault(
          ["min_fresh_nodes"],
          `it is more than the ${count} that there are: nothing would ever be paid`,
          `give at most ${count}`,
        ),
      ]
    : [];
}

function httpFaults(http: unknown): Fault[] {
  if (!isObject(http)) return [];
  const { host, tls, behind_proxy, allowed_hosts } = http;
  if (typeof host !== "string" || isLoopback(host)) return [];
  const isProtected = tls !== undefined || behind_proxy === true;
  return [
    ...(isProtected
      ? []
      : [
          fault(
            ["http", "host"],
            "other machines could read keys and payments on the way",
            "give http.tls, or http.behind_proxy: true where a proxy ends TLS, or host: 127.0.0.1",
          ),
        ]),
    ...(listOf(allowed_hosts).length === 0
      ? [
          fault(
            ["http", "allowed_hosts"],
            "no name is allowed by which other machines call",
            "list the names and addresses that callers use",
          ),
        ]
      : []),
  ];
}

const isPostgres = (ledger: unknown): boolean => isObject(ledger) && ledger["kind"] === "postgres";

/** Where a server's address comes from: one of two fields. */
function addressFaults(server: unknown, path: readonly PropertyKey[], isNeeded: boolean): Fault[] {
  if (!isNeeded || !isObject(server)) return [];
  const { url, url_env } = server;
  if ((url === undefined) !== (url_env === undefined)) return [];
  const problem = url === undefined ? "it has no address" : "it has two addresses";
  return [fault([...path, "url"], problem, "give url, or url_env")];
}

function peerFaults({ peers, operator, nodes }: Fields): Fault[] {
  const own = new Set(listOf(nodes).map((node) => (isObject(node) ? node["node_id"] : undefined)));
  const named = new Set<unknown>();
  return listOf(peers).flatMap((peer, at) => {
    if (!isObject(peer)) return [];
    const path = ["peers", at, "operator"];
    const isTwice = typeof peer["operator"] === "string" && named.has(peer["operator"]);
    named.add(peer["operator"]);
    return [
      ...(peer["operator"] !== undefined && peer["operator"] === operator
        ? [fault(path, "it is this site's own name", "name another site, or remove it")]
        : []),
      ...(isTwice
        ? [fault(path, "this site is listed twice", "give all of its nodes at one place")]
        : []),
      ...listOf(peer["node_ids"]).flatMap((id, node) =>
        own.has(id)
          ? [
              fault(
                ["peers", at, "node_ids", node],
                "it is this site's own node",
                "remove it: signals in the name of an own node are the own Sentinel's alone",
              ),
            ]
          : [],
      ),
    ];
  });
}

/** A gateway needs a node of the site, and passwords pass it in clear. */
function gatewayFaults({ gateway, nodes, http }: Fields): Fault[] {
  if (!isObject(gateway)) return [];
  const { node, host, private_network, port } = gateway;
  const ids = listOf(nodes).map((one) => (isObject(one) ? one["node_id"] : undefined));
  const isKnown = node === undefined ? ids.length > 0 : ids.includes(node);
  const isPlain = typeof host === "string" && !isLoopback(host) && private_network !== true;
  const isTaken = isObject(http) && port !== 0 && port === http["port"] && host === http["host"];
  return [
    ...(isKnown
      ? []
      : [
          fault(
            ["gateway", "node"],
            "there is no such node to stand in front of",
            "name one of nodes, or leave it out for the first",
          ),
        ]),
    ...(isPlain
      ? [
          fault(
            ["gateway", "host"],
            "its clients' passwords would pass in clear",
            "give host: 127.0.0.1, or private_network: true where no one else can read",
          ),
        ]
      : []),
    ...(isTaken
      ? [fault(["gateway", "port"], "the HTTP server has this port", "give another port")]
      : []),
  ];
}

/** Policies of one name would take the ledger from each other. */
function policyNameFaults({ guardian, wallets }: Fields): Fault[] {
  const main = isObject(guardian) ? guardian["name"] : undefined;
  if (main === ANCHOR) return [reservedName(["guardian", "name"])];
  if (!isObject(wallets)) return [];
  const named = new Set<unknown>([main ?? "default"]);
  return Object.entries(wallets).flatMap(([id, wallet]) => {
    const own = isObject(wallet) ? wallet["guardian"] : undefined;
    if (!isObject(own)) return [];
    const name = own["name"] ?? `wallet:${id}`;
    if (name === ANCHOR) return [reservedName(["wallets", id, "guardian", "name"])];
    if (!named.has(name)) {
      named.add(name);
      return [];
    }
    return [
      fault(
        ["wallets", id, "guardian", "name"],
        "another policy has this name",
        "give another name, or leave it out",
      ),
    ];
  });
}

const reservedName = (path: readonly PropertyKey[]): Fault =>
  fault(path, "the ledger keeps governance under this name", "give another name");

/** The field that each kind of export needs; the others are of no use to it. */
const EXPORT_FIELDS = { file: "path", command: "command", http: "url" } as const;

function webhookFaults(webhooks: unknown): Fault[] {
  const names = listOf(webhooks).map((one) => (isObject(one) ? one["name"] : undefined));
  return names.flatMap((name, at) =>
    typeof name === "string" && names.indexOf(name) < at
      ? [
          fault(
            ["webhooks", at, "name"],
            "another webhook has this name",
            "give each a name of its own",
          ),
        ]
      : [],
  );
}

function exportFaults(audit: unknown): Fault[] {
  const list = isObject(audit) ? listOf(audit["export"]) : [];
  const names = list.map((one) => (isObject(one) ? one["name"] : undefined));
  return list.flatMap((one, at) => {
    if (!isObject(one)) return [];
    const path = ["audit", "export", at];
    const needed = EXPORT_FIELDS[one["kind"] as keyof typeof EXPORT_FIELDS] as string | undefined;
    const others = [...Object.values(EXPORT_FIELDS), "token_env"].filter(
      (field) => field !== needed && !(field === "token_env" && needed === "url"),
    );
    return [
      ...(needed !== undefined && one[needed] === undefined
        ? [fault([...path, needed], `an export of this kind needs ${needed}`, `give ${needed}`)]
        : []),
      ...others
        .filter((field) => needed !== undefined && one[field] !== undefined)
        .map((field) =>
          fault([...path, field], "an export of this kind does not use it", "remove it"),
        ),
      ...(typeof names[at] === "string" && names.indexOf(names[at]) < at
        ? [fault([...path, "name"], "another export has this name", "give each a name of its own")]
        : []),
    ];
  });
}

/**
 * Lists passwords that stand where they are kept and shown in clear.
 *
 * @param config the file's values, or the flags'
 */
export function passwordsIn(config: unknown): Fault[] {
  if (!isObject(config)) return [];
  return ["ledger", "nats"].flatMap((name) => {
    const server = config[name];
    const url = isObject(server) ? server["url"] : undefined;
    return typeof url === "string" && hasSecret(url)
      ? [
          fault(
            [name, "url"],
            "the address has a password in it",
            `put the address into an environment variable and name that with url_env, or set SHIELD_${name.toUpperCase()}_URL`,
          ),
        ]
      : [];
  });
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
