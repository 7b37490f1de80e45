/** Starts the gateway in front of a node, with the pipeline as its hook. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createMethodPolicy, type MethodPolicy } from "@dgb-shield/adn";
import { RPC_METHODS } from "@dgb-shield/chain";
import { createScriptOf, decodeTransaction } from "@dgb-shield/chain/decode";
import type { JsonObject } from "@dgb-shield/contract";
import { createGateway, type Gateway, type GatewayLogEntry } from "@dgb-shield/rpc-gateway/server";
import type { ServiceConfig, ServiceGateway } from "../service/config/service-config.js";
import type { Service } from "../service/service.js";
import { createBalances } from "./balances.js";
import { watchDefense } from "./defense.js";
import { openEvacuations } from "./evacuations.js";
import { createSpendHook, type PaymentPort } from "./hook.js";
import { openUsedMethods } from "./used-methods.js";

/** What a gateway is started with. */
export type GatewayOptions = Readonly<{
  config: Pick<ServiceConfig, "chain" | "data_dir"> & Readonly<{ gateway: ServiceGateway }>;
  /** The service, in this process or over HTTP. */
  service: PaymentPort & Pick<Service, "defense" | "incidents">;
  /** Counts calls for the defense. */
  countRpc?: (outcome: Parameters<Service["countRpc"]>[0]) => void;
  /** Receives a line for each refusal and payment: never a parameter or a secret. */
  log: (level: "info" | "warn", text: string, facts: JsonObject) => void;
  /** Adds one to a counter. */
  count?: (name: string, labels: Readonly<Record<string, string>>) => void;
}>;

/** A gateway that listens. */
export type RunningGateway = Readonly<{
  /** Where, such as `http://127.0.0.1:8481`. */
  address: string;
  close(): Promise<void>;
}>;

/** Time between two looks at the defense, in milliseconds. */
const LOOK_MS = 500;
/** Age at which the state of the defense counts as FULL, in milliseconds. */
const MAX_AGE_MS = 5_000;
/** Time between two writes of the used methods, in milliseconds. */
const SAVE_MS = 10_000;

/** File of the methods that clients used, in the data folder. */
export const USED_METHODS_FILE = "gateway-methods.json";

/** File of the evacuations that are not recorded yet, in the data folder. */
const EVACUATIONS_FILE = "gateway-evacuations.json";

/** The policy of a configured gateway. */
export const methodPolicyOf = ({ methods }: Pick<ServiceGateway, "methods">): MethodPolicy =>
  createMethodPolicy({ ...methods, methods: [...RPC_METHODS] });

/**
 * Starts it, after what an earlier process left was settled.
 *
 * @throws Error where the address is taken, or the node or the ledger cannot be asked
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { config, service, log, count, countRpc } = options;
  const { gateway } = config;
  const monotonicMs = (): number => performance.now();
  const defense = watchDefense(service, { monotonic: monotonicMs, max_age_ms: MAX_AGE_MS });
  const balances = createBalances(gateway.node);
  const scriptOf = createScriptOf(config.chain);
  const used = openUsedMethods(join(config.data_dir, USED_METHODS_FILE));
  const wallets = [...new Set(gateway.proxy.clients.flatMap((client) => client.wallets ?? []))];
  const hook = createSpendHook({
    wallets,
    evacuation: {
      classes: gateway.proxy.evacuation ?? {},
      approvals: gateway.evacuation_approvals,
    },
    ...{ payments: service, defense, terms: gateway, unannounced: gateway.unannounced },
    evacuations: openEvacuations(join(config.data_dir, EVACUATIONS_FILE)),
    ...{ balanceOf: balances.of, newId: randomUUID, nowMs: Date.now, scriptOf },
    txidOf(transaction) {
      const decoded = decodeTransaction(config.chain, transaction);
      return decoded.ok ? decoded.value.txid : null;
    },
  });
  const proxy: Gateway = createGateway(gateway.proxy, {
    ...{ node: gateway.node, policy: methodPolicyOf(gateway), hook },
    chain: config.chain,
    ...{ nowMs: Date.now, monotonicMs, newId: randomUUID },
    log(entry) {
      log(isCalm(entry) ? "info" : "warn", `gateway: ${entry.event}`, { ...entry });
      const outcome = outcomeOf(entry);
      if (outcome !== null) countRpc?.(outcome);
    },
    ...(count === undefined ? {} : { count }),
    used(client, method, isRefused) {
      used.used(client, method, isRefused);
      countRpc?.("calls");
    },
  });
  const look = (): void => void defense.refresh().catch(() => undefined);
  await defense.refresh();
  const timers = [setInterval(look, LOOK_MS), setInterval(used.save, SAVE_MS)];
  const close = async (): Promise<void> => {
    timers.forEach(clearInterval);
    await proxy.close();
    await balances.close();
    used.save();
  };
  try {
    return { address: await proxy.listen(gateway.port, gateway.host), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Codes of calls that are refused for what they are, whatever the state. */
const REFUSED_FOR_ITSELF: ReadonlySet<string | null> = new Set([
  ...["unknown_method", "not_for_role", "key_export_refused", "wallet_unknown", "path_unknown"],
]);

function outcomeOf({ event, code }: GatewayLogEntry): "refused" | "unauthorized" | null {
  if (event !== "refused") return null;
  if (code === "unauthenticated") return "unauthorized";
  return REFUSED_FOR_ITSELF.has(code) ? "refused" : null;
}

const isCalm = ({ event }: GatewayLogEntry): boolean =>
  event === "paid" || event === "settled" || event === "released";
