/** What of a configuration decides: its governed parts, without secrets and without what only concerns this host. */
import { canonicalHash, formatAmount, type JsonObject } from "@dgb-shield/contract";
import type { ServiceConfig } from "../config/service-config.js";

/** The governed parts of a configuration, and the digest over them. */
export type GovernedConfig = Readonly<{ digest: string; governed: JsonObject }>;

/**
 * Takes the governed parts of a configuration. What is left out (the HTTP server, the log, files, credentials of nodes and
 * databases) loosens nothing by itself.
 *
 * @throws ContractError for one of more than 512,000 bytes
 */
export function governedIn(config: ServiceConfig): GovernedConfig {
  const governed = plain({
    ...{ deployment_id: config.deployment_id, operator: config.operator, chain: config.chain.name },
    addresses: config.addresses,
    defense_inputs: config.defense_inputs,
    ledger:
      config.ledger.kind === "sqlite"
        ? { kind: "sqlite" }
        : { kind: "postgres", schema: config.ledger.schema },
    nodes: config.nodes.map(({ node_id, url }) => ({ node_id, url })),
    recording: config.recording,
    ...{ poll_ms: config.poll_ms, max_report_age_ms: config.max_report_age_ms },
    ...{ min_fresh_nodes: config.min_fresh_nodes, unknown_network: config.unknown_network },
    ...{ mode: config.mode, wallets: Object.fromEntries(config.wallets) },
    ...{ guardian: config.guardian, guard: config.guard },
    wallet_policies: Object.fromEntries(config.wallet_policies),
    ...(config.behaviour === "caller" ? {} : { behaviour: config.behaviour }),
    // Left out where there is none: a configuration of an earlier version keeps its digest.
    ...(config.node_wallets.size === 0
      ? {}
      : { node_wallets: Object.fromEntries(config.node_wallets) }),
    gateway: config.gateway && gatewayParts(config.gateway),
    ...{ approvers: config.approvers, thresholds: config.thresholds },
    token: config.token,
    nats: config.nats && {
      ...{ ...config.nats, credentials_file: config.nats.credentials_file !== null },
      url: withoutUser(config.nats.url),
    },
    peers: config.peers,
    audit: config.audit && {
      ...config.audit,
      export: config.audit.export.map((one) => ("token" in one ? { ...one, token: null } : one)),
    },
    governance: config.governance,
  });
  return { digest: digestOf(governed), governed };
}

/** Computes the digest of governed parts, of the accepted configuration and of proposed ones alike. */
export const digestOf = (governed: JsonObject): string => canonicalHash(governed);

const gatewayParts = ({
  node: { node_id },
  fee_reserve,
  ...rest
}: NonNullable<ServiceConfig["gateway"]>) => ({
  ...rest,
  node: node_id,
  fee_reserve: formatAmount(fee_reserve),
});

function withoutUser(text: string): string {
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}

/** A copy as JSON has it: without what is undefined. */
const plain = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;
