/** Keeps the state of the defense for the gateway, which reads it from memory at each call. */
import type { DefenseView } from "@dgb-shield/rpc-gateway";
import type { Service } from "../service/service.js";

/** The latest state of the defense. */
export type DefenseWatch = Readonly<{
  /** @throws Error where it is too old, or was never read: that counts as FULL */
  view(): DefenseView;
  /** Reads it again; a failure leaves the one before, which grows old. */
  refresh(): Promise<void>;
}>;

/** Severity from which an incident holds a lockdown. */
const HOLDS = 0.5;

/** Stands for a lockdown whose cause is not known. */
const UNKNOWN = "unknown";

/**
 * Watches the defense of a service.
 *
 * @param monotonic milliseconds
 * @param max_age_ms age at which the state no longer counts
 */
export function watchDefense(
  service: Pick<Service, "defense" | "incidents">,
  { monotonic, max_age_ms }: Readonly<{ monotonic: () => number; max_age_ms: number }>,
): DefenseWatch {
  let latest: Readonly<{ view: DefenseView; at_ms: number }> | undefined;
  return Object.freeze({
    view() {
      if (latest === undefined || monotonic() - latest.at_ms > max_age_ms) {
        throw new Error("the state of the defense is not known");
      }
      return latest.view;
    },
    async refresh() {
      const at_ms = monotonic();
      const [{ lockdown }, incidents] = await Promise.all([service.defense(), service.incidents()]);
      const found = incidents.filter(({ severity }) => severity >= HOLDS);
      const causes = [...new Set(found.map(({ cause }) => cause))];
      const isUnexplained = lockdown !== "NONE" && causes.length === 0;
      latest = { view: { lockdown, causes: isUnexplained ? [UNKNOWN] : causes }, at_ms };
    },
  } satisfies DefenseWatch);
}
