/** Carries out what only the process that watches can: releases, acceptance of the clock, signals of other sites. */
import { type SignalV2 } from "@dgb-shield/contract";
import { RISK_CAUSE } from "@dgb-shield/wallet-guardian";
import type { ClockAcceptance, Decider, Inputs, Watch } from "../../pipeline/index.js";
import type { Actor } from "../keys/actor.js";
import type { IncidentRelease, Missing, NotDone } from "../service.js";
import { incidentsOf } from "./incidents.js";

/** A clock: how it is trusted, and how far ahead of the time that has passed it is; below 0: behind. */
export type ClockReading = Readonly<{ status: Inputs["clock"]; step_ms: number }>;

/** Orders on layers 1 to 3. */
export type WatcherOrders = Readonly<{
  releaseIncident(
    incidentId: string,
    reason: string,
    by: Actor,
  ): Promise<IncidentRelease | Missing | NotDone>;
  acceptClock(reason: string, by: Actor): Promise<ClockAcceptance | NotDone>;
  /** Reads the clock that an acceptance would take for right. */
  readClock(): Promise<ClockReading | NotDone>;
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
    async readClock() {
      const { inputs, clock_step_ms } = await overview();
      return { status: inputs.clock, step_ms: clock_step_ms };
    },
    receive(signals) {
      const before = watch.refusedSignals();
      watch.receive(signals);
      const refused = watch.refusedSignals() - before;
      return Promise.resolve({ accepted: signals.length - refused, refused });
    },
  };
}
