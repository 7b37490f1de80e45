/** The values of a first configuration: what was given, and limits to begin with. */
import { randomBytes } from "node:crypto";
import { homedir } from "node:os";
import { CHAINS } from "@dgb-shield/chain";
import { createNodeRpc } from "@dgb-shield/chain/rpc";
import { CommandError } from "../../errors.js";
import type { Values } from "../../service/config/template.js";
import type { NamedNode } from "../live/nodes.js";

/** Coins that may leave by default: at once, of an account in 24 hours, of a wallet in 24 hours. */
type Limits = Readonly<{ at_once: string; account: string; wallet: string }>;

const SMALLEST: Limits = { at_once: "0.05", account: "0.2", wallet: "2" };

/** Limits to begin with, by the chain's family; each is one that a person changes. */
const LIMITS: Readonly<Record<string, Limits>> = {
  digibyte: { at_once: "5000", account: "20000", wallet: "250000" },
  litecoin: { at_once: "25", account: "100", wallet: "1000" },
  bitcoin: SMALLEST,
};

/** RPC port and data folder of a node as it is installed. */
const USUAL: Readonly<Record<string, readonly [number, string]>> = {
  digibyte: [14022, ".digibyte/.cookie"],
  digibyte_testnet: [14023, ".digibyte/testnet4/.cookie"],
  digibyte_regtest: [18443, ".digibyte/regtest/.cookie"],
  digibyte_regtest_26: [18443, ".digibyte/regtest/.cookie"],
  bitcoin: [8332, ".bitcoin/.cookie"],
  bitcoin_testnet: [18332, ".bitcoin/testnet3/.cookie"],
  bitcoin_regtest: [18443, ".bitcoin/regtest/.cookie"],
  litecoin: [9332, ".litecoin/.cookie"],
  litecoin_testnet: [19332, ".litecoin/testnet4/.cookie"],
  litecoin_regtest: [19443, ".litecoin/regtest/.cookie"],
};

/** What a first configuration is made from. */
export type FirstConfig = Readonly<{
  chain: string;
  operator: string;
  deployment?: string | undefined;
  nodes: readonly NamedNode[];
  recording?: string | undefined;
  /** Approvals that what loosens needs; undefined: it is not governed. */
  approvals?: number | undefined;
}>;

/** The values of a first configuration; it observes. */
export function firstConfig(first: FirstConfig): Values {
  const { chain, operator, nodes, recording } = first;
  const { at_once, account, wallet } = LIMITS[chain.split("_")[0] ?? ""] ?? SMALLEST;
  return {
    config_version: 1,
    deployment_id: first.deployment ?? `shield-${randomBytes(6).toString("hex")}`,
    operator,
    chain,
    data_dir: "shield-data",
    ledger: { kind: "sqlite" },
    ...(recording === undefined
      ? { nodes: (nodes.length === 0 ? [usualNode(chain)] : nodes).map(nodeValues) }
      : { recording: { file: recording, speed: 1 } }),
    ...(recording === undefined ? {} : { unknown_network: "elevated" }),
    mode: "observe",
    guardian: {
      preset: "exchange_hot_wallet",
      max_per_tx: at_once,
      max_24h: wallet,
      limits: { account: { max_24h: account } },
    },
    guard: { preset: "exchange_hot_wallet" },
    ...(first.approvals === undefined ? {} : { governance: { approvals: first.approvals } }),
  };
}

function usualNode(chain: string): NamedNode {
  const [port, cookie] = USUAL[chain] ?? [8332, ".bitcoin/.cookie"];
  const auth = { cookie_file: `~/${cookie}` };
  return { name: "node-1", node: { url: `http://127.0.0.1:${port}`, auth } };
}

function nodeValues({ name, node: { url, auth } }: NamedNode): Values {
  const known = { node_id: name, url };
  if (auth === undefined) return known;
  return "user" in auth
    ? { ...known, user: auth.user, password_env: "SHIELD_RPC_PASSWORD" }
    : { ...known, cookie_file: auth.cookie_file };
}

/** How long a node may take to name its chain, in milliseconds. */
const ASK_MS = 5_000;

/**
 * Finds the chain that a node follows, by its first block.
 *
 * @throws CommandError `usage` where it does not answer, or the chain is not clear
 */
export async function chainOfNode({ name, node }: NamedNode): Promise<string> {
  const rpc = createNodeRpc({ ...node, ...completed(node.auth), timeout_ms: ASK_MS });
  try {
    const answer = await rpc.call("getblockhash", [0]);
    if (!answer.ok) {
      const detail = `${name} does not answer (${answer.failure.kind}): start it, or add --chain`;
      throw new CommandError("usage", detail);
    }
    const names = CHAINS.filter(({ genesis }) => genesis?.hash === answer.value).map(
      (one) => one.name,
    );
    if (names.length === 1 && names[0] !== undefined) return names[0];
    const known = names.length === 0 ? CHAINS.map((one) => one.name) : names;
    throw new CommandError(
      "usage",
      `the chain of ${name} is not clear: add --chain, one of ${known.join(", ")}`,
    );
  } finally {
    await rpc.close();
  }
}

const completed = (auth: NamedNode["node"]["auth"]) =>
  auth !== undefined && "cookie_file" in auth
    ? { auth: { cookie_file: auth.cookie_file.replace(/^~(?=\/)/, homedir()) } }
    : {};
