/** Controls of a played scenario: what it is, play, pause, speed, any moment, and as whom one acts. */
import { useEffect } from "preact/hooks";
import { Text } from "../parts/basics.js";
import { refreshAll, status } from "../state/live.js";
import { session, signIn } from "../state/session.js";
import { timeText } from "../text/format.js";
import { OwnPayment } from "./own-payment.js";
import {
  isOrdering,
  orderPlayer,
  player,
  type PlayerOrder,
  readKeys,
  readPlayer,
} from "./player.js";

const EVERY_MS = 1_000;
const SPEEDS = [1, 10, 60, 300, 1_800] as const;

export function DemoBar() {
  const api = session.value?.api;
  // A service of live nodes is not asked for what it has not.
  const isPlayed = status.value.value.data?.evidence === "recording";
  useEffect(() => {
    if (api === undefined || !isPlayed) return undefined;
    void readPlayer(api);
    const timer = setInterval(() => {
      if (player.peek() !== null && !isOrdering.peek()) void readPlayer(api);
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [api, isPlayed]);
  const state = player.value;
  if (state === null || api === undefined || !isPlayed) return null;
  const order = (what: PlayerOrder): void => {
    void orderPlayer(api, what).then(() => refreshAll(api));
  };
  const { playing, speed, begin_ms, end_ms, now_ms, phases } = state;
  const phase = phases.findLast(({ at_ms }) => at_ms <= now_ms);
  return (
    <aside class="demo" aria-labelledby="demo-title">
      <h2 id="demo-title">
        Played {state.origin}: <Text of={state.title} />
      </h2>
      <p>
        Nothing here is about a chain as it is now; customers, their payments and the operator's
        orders are simulated.
      </p>
      <div class="inline">
        <button
          type="button"
          class="primary"
          disabled={isOrdering.value}
          onClick={() => order({ playing: !playing })}
        >
          {playing ? "Pause" : now_ms >= end_ms ? "At its end" : "Play"}
        </button>
        <label class="field">
          <span>Speed</span>
          <select
            name="speed"
            value={String(speed)}
            onChange={(event) => order({ speed: Number(event.currentTarget.value) })}
          >
            {[...new Set([...SPEEDS, speed])]
              .sort((a, b) => a - b)
              .map((one) => (
                <option key={one} value={String(one)}>
                  {one} × as it happened
                </option>
              ))}
          </select>
        </label>
        <label class="field">
          <span>Scenario</span>
          <select
            name="scenario"
            value={state.scenario}
            onChange={(event) => order({ scenario: event.currentTarget.value, playing: true })}
          >
            {state.scenarios.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <RoleChoice />
      </div>
      <label class="field">
        <span>
          Moment: {timeText(now_ms, begin_ms)} UTC
          {phase !== undefined && (
            <>
              {", "}
              <Text of={`${phase.label}: ${phase.note}`} />
            </>
          )}
          {(isOrdering.value || state.seeking) && " (being computed …)"}
        </span>
        <input
          type="range"
          name="scenario-moment"
          min={begin_ms}
          max={end_ms}
          step={Math.max(1_000, Math.round((end_ms - begin_ms) / 500))}
          value={now_ms}
          disabled={isOrdering.value}
          aria-valuetext={`${timeText(now_ms, begin_ms)} UTC`}
          onChange={(event) => order({ to_ms: Math.round(Number(event.currentTarget.value)) })}
        />
      </label>
      <div class="buttons">
        {phases.map(({ at_ms, label }) => (
          <button
            key={at_ms}
            type="button"
            class="quiet"
            disabled={isOrdering.value}
            onClick={() => order({ to_ms: at_ms })}
          >
            Go to: <Text of={label} />
          </button>
        ))}
      </div>
      <details>
        <summary>Where the data comes from</summary>
        <p>
          <Text of={state.provenance.join(" ")} />
        </p>
      </details>
      <OwnPayment />
    </aside>
  );
}

/** As whom one acts: each role has a key of the demo. */
function RoleChoice() {
  const current = session.value;
  if (current === null) return null;
  const take = async (role: string): Promise<void> => {
    const keys = await readKeys(current.api);
    const token = Object.entries(keys).find(([name]) => name === role)?.[1];
    if (token !== undefined) await signIn(token);
  };
  return (
    <label class="field">
      <span>Act as</span>
      <select
        name="role"
        value={current.key.role}
        onChange={(event) => void take(event.currentTarget.value)}
      >
        {["operator", "approver", "reader", "wallet"].map((role) => (
          <option key={role} value={role}>
            {role}
          </option>
        ))}
      </select>
    </label>
  );
}
