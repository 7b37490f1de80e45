/** Carries out orders on destinations and freezes, and reads what orders are about. */
import type { Ledger } from "@dgb-shield/wallet-guardian";
import type { Decider } from "../../pipeline/index.js";
import type { Service } from "../service.js";
import { incidentsOf } from "./incidents.js";
import type { WatcherOrders } from "./watcher-orders.js";

type OrderMethods = Pick<
  Service,
  | "registerDestination"
  | "approveDestination"
  | "receive"
  | "wallet"
  | "account"
  | "freezes"
  | "freeze"
  | "unfreeze"
  | "acceptClock"
  | "incidents"
  | "releaseIncident"
  | "records"
>;

/** What orders are carried out on. */
type Parts = Readonly<{ decider: Decider; ledger: Ledger; watcher: WatcherOrders }>;

/** Makes the methods of orders. */
export function createOrders({ decider, ledger, watcher }: Parts): OrderMethods {
  const { guardian } = decider;
  return {
    ...watcher,
    registerDestination: guardian.registerDestination,
    approveDestination: (target, reason, { operator }) =>
      guardian.approveDestination(target, { operator, reason }),
    wallet: guardian.wallet,
    account: guardian.account,
    freezes: guardian.frozen,
    freeze: (scope, id, reason, { operator }) => guardian.freeze(scope, id, { operator, reason }),
    unfreeze: (scope, id, reason, { operator }) =>
      guardian.unfreeze(scope, id, { operator, reason }),
    incidents: async () => incidentsOf(await decider.overview()),
    records: (afterSeq, limit) => ledger.records(afterSeq, limit),
  };
}
