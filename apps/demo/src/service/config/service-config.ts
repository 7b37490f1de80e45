/** The configuration that the parts of the service are made of: complete and ready for use. */
import type { InputsConfig } from "@dgb-shield/adn";
import type { ApproverKey, Thresholds } from "@dgb-shield/client";
import type { ChainParameters } from "@dgb-shield/chain";
import type { RpcAuth } from "@dgb-shield/chain/rpc";
import type { WalletPolicy } from "@dgb-shield/quantum-wallet-guard";
import type { GuardianPolicy } from "@dgb-shield/wallet-guardian";
import type { AuditConfig } from "./audit.js";
import type { TipStatementConfig } from "./tip-statement.js";
import type { WebhookConfig } from "./webhooks.js";
import type { Mode, ParsedConfig } from "./schema.js";

/** One of the site's own nodes. */
export type ServiceNode = Readonly<{ node_id: string; url: string; auth?: RpcAuth }>;

/** A wallet at one of the site's own nodes, by the node's name for it. */
export type NodeWallet = Readonly<{ node_id: string; wallet: string }>;

/** A gateway in front of a node. */
export type ServiceGateway = Readonly<
  Omit<NonNullable<ParsedConfig["gateway"]>, "node" | "fee_reserve"> & {
    node: ServiceNode;
    /** Base units. */
    fee_reserve: bigint;
  }
>;

/** Files of a deployment, as absolute paths. */
export type ServiceFiles = Readonly<{
  /** The SQLite ledger; its witness is beside it. With PostgreSQL no such file is made. */
  ledger: string;
  /** This host's witness of a PostgreSQL ledger. */
  ledger_witness: string;
  /** State of layers 1 to 3. */
  state: string;
  /** Folder of the events that a sink has not taken yet. */
  outbox: string;
}>;

/** The key of tokens: in a file, or behind a program. */
export type TokenSettings = Readonly<{
  key_id: string;
  signer:
    | Readonly<{ kind: "file"; path: string }>
    | Readonly<{
        kind: "command";
        command: readonly string[];
        public_key: string;
        timeout_ms: number;
      }>;
  other_keys: readonly Readonly<{
    key_id: string;
    public_key: string;
    until_ms?: number | undefined;
  }>[];
}>;

/** A configuration that is ready for use: every default filled in, paths absolute, secrets read, policies complete. */
export type ServiceConfig = Readonly<
  Pick<
    ParsedConfig,
    | "config_version"
    | "deployment_id"
    | "operator"
    | "addresses"
    | "data_dir"
    | "poll_ms"
    | "unknown_network"
    | "behaviour"
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
    /** Policies of single wallets; one that is absent has `guardian`. */
    wallet_policies: ReadonlyMap<string, GuardianPolicy>;
    guard: WalletPolicy;
    /** Wallets whose balance a node proves, by wallet id. */
    node_wallets: ReadonlyMap<string, NodeWallet>;
    /** Thresholds of what the defense counts by itself; null: it counts nothing. */
    defense_inputs: Partial<InputsConfig> | null;
    /** The gateway in front of one of the nodes; null: none. */
    gateway: ServiceGateway | null;
    approvers: readonly ApproverKey[];
    /** With scripts in place of addresses. */
    thresholds: Thresholds;
    token: TokenSettings | null;
    /** How what loosens is approved; null: it is not. */
    governance: NonNullable<ParsedConfig["governance"]> | null;
    nats: Readonly<{
      url: string;
      credentials_file: string | null;
      signals_stream: string;
      signals_subject: string;
      events_stream: string;
      events_subject: string;
    }> | null;
    /** Receivers of signed events. */
    webhooks: readonly WebhookConfig[];
    /** The key that signs which tip the site follows; null: none does. */
    tip_statement: TipStatementConfig | null;
    /** How what is decided is proven afterwards; null: not at all. */
    audit: AuditConfig | null;
  }
>;

/** Mode of one wallet. A request that names none that can be read (`""`) may be of any: it is enforced where one is. */
export const modeOf = (
  { wallets, mode }: Pick<ServiceConfig, "wallets" | "mode">,
  walletId: string,
): Mode =>
  wallets.get(walletId) ??
  (walletId === "" && [...wallets.values()].includes("enforce") ? "enforce" : mode);
