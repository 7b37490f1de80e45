/** Carries out what only the process that watches can: releases, acceptance of the clock, signals of other sites. */
import { type SignalV2 } from "@dgb-shield/contract";
import { RISK_CAUSE } from "@dgb-shield/wallet-guardian";
import type { ClockAcceptance, Decider, Watch } from "../../pipeline/index.js";
import type { Actor } from "../keys/actor.js";
import type { IncidentRelease, Missing, NotDone } from "../service.js";
import { incidentsOf } from "./incidents.js";

/** Orders on layers 1 to 3. */
export type WatcherOrders = Readonly<{
  releaseIncident(
    incidentId: string,
    reason: string,
    by: Actor,
  ): Promise<IncidentRelease | Missing | NotDone>;
  acceptClock(reason: string, by: Actor): Promise<ClockAcceptance | NotDone>;
  receive(
    signals: readonly SignalV2[],
  ): Promise<Readonly<{ accepted: number; refused: number }> | NotDone>;
}>;

/** Makes the orders of a process that watches. */
export function ordersOn(
  watch: Pick<Watch, "release" | "acceptClock" | "receive" | "refusedSignals">,
  { overview, guardian }: Pick<Decider, "overview" | "guardian">,
): WatcherOrders {
  return {
    async releaseIncident(incidentId, reason, { operator }) {
      const found = incidentsOf(await overview());
      const incident = found.find(({ incident_id }) => incident_id === incidentId);
      if (incident === undefined) return { missing: true };
      const released = watch.release({ detector: incident.cause, operator, reason });
      const others = incidentsOf(await overview());
      const isLast = others.every(({ level }) => level === "normal" || level === "elevated");
      if (!isLast || released.length === 0) return { released, lifted_freezes: 0 };
      const lifted = await guardian.unfreeze("cause", RISK_CAUSE, { operator, reason });
      return { released, lifted_freezes: lifted.accepted && lifted.repeated !== true ? 1 : 0 };
    },
    acceptClock: (reason, { operator }) => watch.acceptClock({ operator, reason }),
    receive(signals) {
      const before = watch.refusedSignals();
      watch.receive(signals);
      const refused = watch.refusedSignals() - before;
      return Promise.resolve({ accepted: signals.length - refused, refused });
    },
  };
}
