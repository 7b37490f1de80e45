/** Plays scenarios: play, pause, speed, and any moment of one; each moment is computed from the scenario's beginning. */
import type { Signer } from "@dgb-shield/contract/signing";
import type { Scenario } from "../scenarios/scenario.js";
import type { EventSubscriber, Service } from "../service/service.js";
import { createStage, type Stage } from "./stage.js";

/** How the playing stands. */
export type PlayerState = Readonly<{
  scenarios: readonly Readonly<{ name: string; title: string; origin: string }>[];
  scenario: string;
  title: string;
  origin: Scenario["origin"];
  provenance: readonly string[];
  begin_ms: number;
  end_ms: number;
  now_ms: number;
  playing: boolean;
  /** Times as fast as it happened. */
  speed: number;
  /** Whether a moment is being computed. */
  seeking: boolean;
  phases: readonly Readonly<{ at_ms: number; label: string; note: string }>[];
}>;

/** An order to the player. */
export type PlayerOrder = Readonly<{
  playing?: boolean | undefined;
  speed?: number | undefined;
  to_ms?: number | undefined;
  scenario?: string | undefined;
}>;

/** The player, and the service of whatever it plays. */
export type Player = Readonly<{
  service: Service;
  state(): PlayerState;
  /** Carries an order out; a moment that has to be computed is awaited. */
  order(order: PlayerOrder): Promise<PlayerState>;
  close(): Promise<void>;
}>;

/** Milliseconds between two moves of the clock. */
const TICK_MS = 100;
/** Steps after which others have their turn. */
const STEPS_AT_ONCE = 50;

/** Creates the player, at the beginning of the first scenario. */
export async function createPlayer(
  scenarios: readonly [Scenario, ...Scenario[]],
  folder: string,
  speed: number,
  signer: Signer,
): Promise<Player> {
  const listeners = new Set<EventSubscriber>();
  const state = { playing: false, speed, seeking: false };
  let [scenario] = scenarios;
  let now = beginOf(scenario);
  let next = 0;
  let stage = await begun(scenario);
  let turn: Promise<unknown> = Promise.resolve();
  let last = performance.now();

  async function begun(one: Scenario): Promise<Stage> {
    const made = await createStage(one, folder, signer);
    made.service.subscribe({
      onEvent: (event) => listeners.forEach((listener) => listener.onEvent?.(event)),
      onRecorded: () => listeners.forEach((listener) => listener.onRecorded?.()),
    });
    return made;
  }

  async function restart(one: Scenario): Promise<void> {
    const before = stage;
    scenario = one;
    [now, next] = [beginOf(one), 0];
    stage = await begun(one);
    await before.close();
  }

  /** Plays all steps up to a moment. */
  async function playTo(ms: number): Promise<void> {
    // Clocks give whole milliseconds.
    const until = Math.floor(Math.min(ms, endOf(scenario)));
    for (let count = 1; ; count++) {
      const step = scenario.steps[next];
      if (step === undefined || step.at_ms > until) break;
      next++;
      now = step.at_ms;
      await stage.take(step);
      if (count % STEPS_AT_ONCE === 0) await new Promise(setImmediate);
    }
    now = until;
    stage.moveTo(now);
  }

  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = turn.then(task);
    turn = mine.catch(() => undefined);
    return mine;
  };

  let isTicking = false;
  const timer = setInterval(() => {
    const passed = performance.now() - last;
    last = performance.now();
    if (!state.playing || isTicking) return;
    isTicking = true;
    void inTurn(() =>
      state.playing ? playTo(now + passed * state.speed) : Promise.resolve(),
    ).finally(() => {
      isTicking = false;
      if (now >= endOf(scenario)) state.playing = false;
    });
  }, TICK_MS);

  const stateNow = (): PlayerState => ({
    scenarios: scenarios.map(({ name, title, origin }) => ({ name, title, origin })),
    scenario: scenario.name,
    ...{ title: scenario.title, origin: scenario.origin, provenance: scenario.provenance },
    ...{ begin_ms: beginOf(scenario), end_ms: endOf(scenario), now_ms: Math.floor(now) },
    ...state,
    phases: scenario.steps.flatMap((step) =>
      step.kind === "phase" ? [{ at_ms: step.at_ms, label: step.label, note: step.note }] : [],
    ),
  });

  return Object.freeze({
    service: current(() => stage.service, listeners),
    state: stateNow,
    async order({ playing, speed: wanted, to_ms, scenario: name }) {
      if (wanted !== undefined) state.speed = wanted;
      if (playing === false) state.playing = false;
      const chosen = scenarios.find((one) => one.name === name);
      await inTurn(async () => {
        state.seeking = true;
        try {
          if (chosen !== undefined) await restart(chosen);
          if (to_ms !== undefined) {
            if (to_ms < now) await restart(scenario);
            await playTo(to_ms);
          }
        } finally {
          state.seeking = false;
        }
      });
      if (playing === true) state.playing = now < endOf(scenario);
      return stateNow();
    },
    async close() {
      clearInterval(timer);
      state.playing = false;
      await turn;
      await stage.close();
    },
  } satisfies Player);
}

const beginOf = ({ steps }: Scenario): number => steps[0]?.at_ms ?? 0;
const endOf = ({ steps }: Scenario): number => steps.at(-1)?.at_ms ?? 0;

/** A service whose every method is that of the run of the moment. */
function current(of: () => Service, listeners: Set<EventSubscriber>): Service {
  const methods = Object.keys(of()) as (keyof Service)[];
  const calls = methods.map((name) => [
    name,
    (...given: unknown[]) => (of()[name] as (...all: unknown[]) => unknown)(...given),
  ]);
  return Object.freeze({
    ...(Object.fromEntries(calls) as Service),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  } satisfies Service);
}
