/** The live network picture: latest signals, expiry, silence, muting, hold and digest (DQSN v2, section 2). */
import { type NetworkView, timeMsSchema } from "@dgb-shield/contract";
import { scoreWithin } from "./advisory.js";
import { parseConfig } from "./config.js";
import { DqsnConfigError } from "./errors.js";
import { createHold } from "./hold.js";
import { refused, type RefusedSignal, signalToEnvelope } from "./ingest.js";
import { keepLatest, slotOf, type TimedSignal } from "./latest.js";
import { createMuting, type Reporter } from "./muting.js";
import { type NetworkConfig, networkConfigSchema } from "./network-config.js";
import { type Picture, pictureOf } from "./picture.js";

/** What `ingest` answers. */
export type IngestResult = Readonly<{ accepted: true }> | RefusedSignal;

/** The live network picture. */
export type LiveNetwork = Readonly<{
  /**
   * Takes in one v2 signal. Who sent it, and that it may speak for this node and operator, has been
   * established by the caller. Never throws.
   *
   * @param signal anything; what `signalToEnvelope` refuses is refused
   * @param nowMs milliseconds since 1970-01-01T00:00:00Z
   */
  ingest: (signal: unknown, nowMs: number) => IngestResult;
  /**
   * The picture at `nowMs`; looking is also what moves the hold time on.
   *
   * @throws DqsnConfigError `invalid_time` when `nowMs` is not a time
   */
  view: (nowMs: number) => NetworkView;
  /**
   * Leaves a reporter out of score and level, its silence included; the digest still covers it.
   *
   * @throws DqsnConfigError `invalid_reporter`
   */
  mute: (reporter: Reporter) => void;
  /** Lets a muted reporter count again; see `mute`. */
  unmute: (reporter: Reporter) => void;
}>;

type Cache = Readonly<{ picture: Picture; validUntilMs: number }>;

/**
 * Creates a live network picture. Views at one `nowMs` agree on any two machines that saw the same
 * signals, in any order, but for the hold; their digests always do.
 *
 * @param config see `NetworkConfig`
 * @throws DqsnConfigError `invalid_config`
 * @example
 * const network = createNetworkState();
 * network.ingest({ node_id: "a", source: "adn", type: "lockdown", severity: 0.9 }, 1_000);
 * network.view(1_000).level // "CRITICAL_LOCAL"
 */
export function createNetworkState(config: NetworkConfig = {}): LiveNetwork {
  const settings = parseConfig(networkConfigSchema, config);
  const hold = createHold(settings.hold_ms);
  const held = new Map<string, TimedSignal>();
  const muting = createMuting();
  let cache: Cache | undefined;

  function ingest(input: unknown, nowMs: number): IngestResult {
    // [REFUSE] without a time nothing could expire
    if (!isTime(nowMs)) return refused("DQSN_ERROR_CLOCK_INVALID", "");

    // [REFUSE] not a valid v2 signal, or not valid as v3
    const result = signalToEnvelope(input);
    if (!result.accepted) return result;
    const { signal, canonical } = result;

    // [REFUSE] from the future: it would outrank and outlive what comes after it
    const timeMs = signal.observed_at ?? nowMs;
    if (timeMs > nowMs + settings.max_future_ms) {
      return refused("DQSN_ERROR_SIGNAL_FROM_FUTURE", "/observed_at");
    }

    // [REFUSE] already expired
    if (timeMs + settings.ttl_ms <= nowMs) {
      return refused("DQSN_ERROR_SIGNAL_EXPIRED", "/observed_at");
    }

    // [REFUSE] no room for another node, source or type
    const slot = slotOf(signal);
    if (held.size >= settings.max_live_signals && !held.has(slot)) {
      return refused("DQSN_ERROR_STATE_FULL", "");
    }

    keepLatest(held, slot, { signal, canonical, timeMs });
    cache = undefined;
    return { accepted: true };
  }

  function view(nowMs: number): NetworkView {
    if (!isTime(nowMs)) throw new DqsnConfigError("invalid_time", "", "nowMs is not a time");
    if (cache === undefined || nowMs >= cache.validUntilMs) cache = look(nowMs);
    const { picture } = cache;
    const level = hold.update(picture.level, nowMs);
    return {
      as_of_ms: nowMs,
      level,
      score: scoreWithin(level, picture.score),
      channels: picture.channels,
      live_operators: picture.live_operators,
      critical_operators: [...picture.critical_operators],
      quorum: picture.quorum,
      digest: picture.digest,
    };
  }

  function look(nowMs: number): Cache {
    dropExpired(nowMs);
    const live = [...held.values()];
    const expiries = live.map(({ timeMs }) => timeMs + settings.ttl_ms);
    return {
      picture: pictureOf(live, settings, muting.isMuted),
      validUntilMs: expiries.reduce((soonest, end) => Math.min(soonest, end), Infinity),
    };
  }

  function dropExpired(nowMs: number): void {
    for (const [slot, { timeMs }] of held) {
      if (timeMs + settings.ttl_ms <= nowMs) held.delete(slot);
    }
  }

  return Object.freeze({
    ingest,
    view,
    mute: (reporter: Reporter) => {
      muting.add(reporter);
      cache = undefined;
    },
    unmute: (reporter: Reporter) => {
      muting.remove(reporter);
      cache = undefined;
    },
  });
}

const isTime = (value: number): boolean => timeMsSchema.safeParse(value).success;
