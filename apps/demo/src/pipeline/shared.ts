/** A pipeline of which several processes decide on one ledger, while one of them watches (design, section 10; decision 42). */
import type { SignalV2 } from "@dgb-shield/contract";
import { ownFields, parseConfig, type PipelineConfig } from "./config.js";
import { withCountedEvents } from "./counted-events.js";
import { createDecider, type Decider } from "./decider.js";
import { createFollowedSite, type EvidenceFeed, type SharedEvidence } from "./followed-site.js";
import { createSite, type Site, type SiteView } from "./site.js";
import type { StateStore } from "./state/saved-state.js";
import { type Watch, watchOf } from "./watch.js";

export type { EvidenceFeed, SharedEvidence } from "./followed-site.js";

/** What a process watches with. */
export type LeadOptions = Readonly<{
  state: StateStore;
  /** Number of the evidence as it is now; it grows before what became worse is shown. */
  generation: () => number;
  /** Whether this process may still watch. */
  isActive: () => boolean;
  publish: ((signals: readonly SignalV2[]) => void) | undefined;
}>;

/** What a process that watches has. */
export type Leadership = Readonly<{
  watch: Watch;
  /**
   * Writes down what is known now, for processes that follow. Once every own node has reported, or one has and the
   * others had their time, decisions of this process rest on its own evidence; until then on what it followed, and there
   * is nothing to write.
   *
   * @returns null until then
   */
  share(): Promise<Omit<SharedEvidence, "generation" | "age_ms"> | null>;
}>;

/** The pipeline of one process. */
export type SharedPipeline = Decider &
  Readonly<{
    /**
     * Begins to watch, from what the state holds.
     *
     * @throws PipelineError `state_of_another_site`
     */
    lead(options: LeadOptions): Leadership;
    /** Ends that, and decides on what another process watches. */
    follow(): void;
  }>;

/** How long the first reports of several nodes are waited for, in milliseconds. */
const GRACE_MS = 3_000;

/**
 * Wires the layers together; the process follows until it leads.
 *
 * @param config its `state`, `publish` and `is_active` are not used: see `lead`
 * @param feed what the process that watches has written
 * @throws as `createPipeline`
 */
export function createSharedPipeline(config: PipelineConfig, feed: EvidenceFeed): SharedPipeline {
  const settings = parseConfig(config);
  const given = ownFields(config);
  const { clock, monotonic = clock } = given;
  const followed = createFollowedSite(given, settings, feed);
  let view: SiteView = followed;
  /** The site that this process watches; undefined while another one does, which counts its own events. */
  let watched: Site | undefined;
  const counted = withCountedEvents(given, settings, (event) => watched?.noteWithdrawal(event));
  const own = createDecider({ given: counted, settings, view: () => view });
  return Object.freeze({
    ...own.decider,
    lead({ state, generation, isActive, publish }) {
      const site = createSite({ ...given, state, publish, is_active: isActive }, settings);
      watched = site;
      const numbered = withGeneration(site, generation);
      const startedMs = monotonic();
      return {
        watch: watchOf(site, own.acceptLedgerClock),
        async share() {
          await site.prepared();
          const heard = site.reports().length;
          const isReady =
            heard === settings.node_ids.length || (heard > 0 && monotonic() - startedMs > GRACE_MS);
          if (!isReady || !site.isChecked()) return null;
          view = numbered;
          return sharedOf(site, { chain: given.chain.name, operator: settings.operator });
        },
      };
    },
    follow() {
      watched = undefined;
      view = followed;
    },
  } satisfies SharedPipeline);
}

/** A site whose evidence has the number by which processes that share it know it. */
const withGeneration = (site: Site, generation: () => number): SiteView => ({
  ...site,
  evidence: () => ({ ...site.evidence(), generation: generation() }),
  everything() {
    const { evidence, ...layers } = site.everything();
    return { evidence: { ...evidence, generation: generation() }, ...layers };
  },
});

function sharedOf(site: Site, of: Readonly<{ chain: string; operator: string }>) {
  const { evidence, view, defense } = site.everything();
  const { inputs, durable, at_ms } = evidence;
  const clock_accepted_ms = site.clockAcceptedMs();
  const shown = { view, defense, reports: site.reports(), together: site.together() };
  return { ...of, at_ms, inputs, durable, clock_accepted_ms, shown };
}
