/** Carries out orders on destinations, freezes, incidents and the clock, and reads what they are about. */
import type { Ledger } from "@dgb-shield/wallet-guardian";
import { RISK_CAUSE } from "@dgb-shield/wallet-guardian";
import type { Pipeline } from "../../pipeline/index.js";
import type { Service } from "../service.js";
import { incidentsOf } from "./incidents.js";

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

/** Makes the methods of orders. */
export function createOrders({
  pipeline,
  ledger,
}: Readonly<{ pipeline: Pipeline; ledger: Ledger; clock: () => number }>): OrderMethods {
  const { guardian } = pipeline;
  return {
    registerDestination: guardian.registerDestination,
    approveDestination: (target, reason, { operator }) =>
      guardian.approveDestination(target, { operator, reason }),
    receive(signals) {
      const before = pipeline.refusedSignals();
      pipeline.receive(signals);
      const refused = pipeline.refusedSignals() - before;
      return { accepted: signals.length - refused, refused };
    },
    wallet: guardian.wallet,
    account: guardian.account,
    freezes: guardian.frozen,
    freeze: (scope, id, reason, { operator }) => guardian.freeze(scope, id, { operator, reason }),
    unfreeze: (scope, id, reason, { operator }) =>
      guardian.unfreeze(scope, id, { operator, reason }),
    acceptClock: (reason, { operator }) => pipeline.acceptClock({ operator, reason }),
    incidents: async () => incidentsOf(await pipeline.overview()),
    async releaseIncident(incidentId, reason, { operator }) {
      const found = incidentsOf(await pipeline.overview());
      const incident = found.find(({ incident_id }) => incident_id === incidentId);
      if (incident === undefined) return { missing: true };
      const released = pipeline.release({ detector: incident.cause, operator, reason });
      const others = incidentsOf(await pipeline.overview());
      const isLast = others.every(({ level }) => level === "normal" || level === "elevated");
      if (!isLast || released.length === 0) return { released, lifted_freezes: 0 };
      const lifted = await guardian.unfreeze("cause", RISK_CAUSE, { operator, reason });
      return { released, lifted_freezes: lifted.accepted && lifted.repeated !== true ? 1 : 0 };
    },
    records: (afterSeq, limit) => ledger.records(afterSeq, limit),
  };
}
