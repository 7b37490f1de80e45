/** Takes the network view at the clock's time, for adapters that must go on without one. */
import { checkTimeMs, type NetworkView } from "@dgb-shield/contract";
import type { NetworkState } from "../../index.js";
import { guarded } from "./guarded.js";
import { type Clock, wallMsOf } from "./clock.js";

/** Where a view comes from, and when. */
export type ViewOptions = Readonly<{ network: Pick<NetworkState, "view">; clock: Clock }>;

/** The view now; undefined when the clock gives no time or the view cannot be taken. Never throws. */
export const takeView = ({ network, clock }: ViewOptions): NetworkView | undefined =>
  guarded(() => {
    const reading = clock();
    if (checkTimeMs(wallMsOf(reading)) !== undefined) return undefined;
    return network.view(reading);
  });
