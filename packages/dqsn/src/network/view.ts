/** The network view: level, score, channels, silence and digest at a moment (design section 4.2). */
import type { CheckedTime, NetworkView } from "@dgb-shield/contract";
import { scoreWithin } from "./advisory.js";
import { assessNetwork } from "./assess.js";
import type { LiveState } from "./live/live-state.js";

/** Takes the view at a checked time. The state moves there, and comes back at its next change. */
export function takeView(state: LiveState, checked: CheckedTime): NetworkView {
  state.moveTo(checked.time_ms);
  const { signalIndex, settings, nowMs } = state;
  const { operatorVotes, silence, tree } = signalIndex;
  // A clock that is not trusted cannot date anything: at least UNKNOWN.
  const isSilent = signalIndex.isSilent || checked.status !== "trusted";
  const assessment = assessNetwork(operatorVotes, isSilent, settings.global_quorum);
  const level = state.inForce(assessment.level, checked);
  return {
    as_of_ms: nowMs,
    clock: checked.status,
    level,
    score: scoreWithin(level, assessment.score),
    channels: assessment.channels,
    live_operators: operatorVotes.liveOperators,
    critical_operators: operatorVotes.critical.names(),
    critical_operators_count: operatorVotes.critical.size,
    silent_reporters: silence.names(),
    silent_reporters_count: silence.size,
    quorum: assessment.quorum,
    digest: tree.digest(),
  };
}
