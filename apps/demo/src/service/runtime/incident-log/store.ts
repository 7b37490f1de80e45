/** The port of the incident log's store. */
import type { PastIncident } from "../../service.js";

/** Incidents that are kept: those that began last. */
export const MAX_KEPT = 2_000;

/** Which of them to read. */
export type IncidentRange = Readonly<{ from_ms: number; to_ms: number; limit: number }>;

/** What was read. */
export type KeptIncidents = Readonly<{
  /** Those that were open in the range, the latest first. */
  incidents: readonly PastIncident[];
  /** How many more there are in the range. */
  left_out: number;
  /** From when on everything is kept. */
  since_ms: number;
}>;

/** Where incidents are kept. Every method rejects where that is not possible. */
export type IncidentStore = Readonly<{
  /** Those that had not ended when they were kept last. */
  open(): Promise<readonly PastIncident[]>;
  /** Keeps incidents, in place of what is kept of the same ids; durable when it resolves. */
  save(incidents: readonly PastIncident[]): Promise<void>;
  /** Notes who released one; without effect where it is not kept. */
  release(incidentId: string, released: NonNullable<PastIncident["released"]>): Promise<void>;
  read(range: IncidentRange): Promise<KeptIncidents>;
}>;
