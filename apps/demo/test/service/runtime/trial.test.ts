/** The service over a recording that is played as if it happened now: a trial. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { digibyte, digibyteRegtest } from "@dgb-shield/chain";
import { createSentinel, type Observation } from "@dgb-shield/sentinel";
import { afterEach, describe, expect, it } from "vitest";
import {
  createPlayer,
  loadRecording,
  movedBy,
  openTrialClock,
  type TrialClock,
} from "../../../src/service/runtime/player.js";
import { deploy, type Deployment, paymentRequest, until } from "../../support/service.js";

const FILE = createRequire(import.meta.url).resolve(
  "@dgb-shield/sentinel/recordings/digibyte-core-8.22-regtest.jsonl",
);
const SPEED = 150;
/** Half a second of the machine, within which the player shows what is due. */
const LAG_MS = SPEED * 500;

const deployments: Deployment[] = [];
afterEach(() => {
  for (const deployment of deployments.splice(0)) deployment.remove();
});
async function trial(): Promise<Deployment> {
  const recording = { file: FILE, speed: SPEED };
  const deployment = await deploy({ chain: digibyteRegtest, recording });
  deployments.push(deployment);
  return deployment;
}

/** When the node first showed a block of the retired algorithm, from the recording's begin on, in milliseconds. */
function retiredAfterMs(): number {
  const { observations } = loadRecording(FILE);
  const first = observations[0]?.at_ms ?? 0;
  const shown = observations.find(({ blocks }) =>
    blocks.some(({ height, version }) => height > 2_000 && ((version >> 8) & 15) === 4),
  );
  return (shown?.at_ms ?? Infinity) - first;
}

describe("a trial", { timeout: 120_000 }, () => {
  it("allows before the first retired block and nothing after it, over a restart in the middle", async () => {
    const deployment = await trial();
    const retiredMs = retiredAfterMs();
    expect(retiredMs).toBeLessThan(Infinity);
    const decided: { after_ms: number; final: string; evidence: string }[] = [];
    let service = await deployment.start();
    const clock = openTrialClock(join(deployment.config.data_dir, "trial.json"), SPEED);
    let restarts = 0;
    // The service runs in this process: what stops the one stops the other, and is no fault of it.
    let stalledMs = 0;
    let turnMs = performance.now();
    while (clock.now() - clock.began_ms < retiredMs + 3 * (LAG_MS + SPEED * stalledMs)) {
      const answer = await service.decide(paymentRequest());
      const after_ms = answer.decided_at_ms - clock.began_ms;
      decided.push({ after_ms, final: answer.final, evidence: answer.inputs.sentinel_level });
      if (restarts === 0 && after_ms > retiredMs / 2) {
        restarts++;
        await service.close();
        service = await deployment.start();
        turnMs = performance.now();
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
      const nowMs = performance.now();
      stalledMs = Math.max(stalledMs, nowMs - turnMs);
      turnMs = nowMs;
    }
    const [status, incidents] = [await service.status(), await service.incidents()];
    await service.close();
    expect(status.evidence).toBe("recording");
    expect(status.state).not.toBe("open");
    expect(incidents.map(({ cause }) => cause)).toContain("retired_algorithm");
    expect(restarts).toBe(1);
    const [before, after] = [
      decided.filter(({ after_ms }) => after_ms < retiredMs),
      decided.filter(({ after_ms }) => after_ms > retiredMs + LAG_MS + SPEED * stalledMs),
    ];
    expect(before.some(({ final }) => final === "ALLOW")).toBe(true);
    expect(after.length).toBeGreaterThan(0);
    expect(after.filter(({ final }) => final === "ALLOW")).toEqual([]);
  });

  it("catches up after a restart without distrust of its clock, and takes every observation in once", async () => {
    const played = loadRecording(FILE);
    const began_ms = Date.now();
    const [node_id, chain] = [played.node_id, played.chain];
    /** Plays what is due at so many seconds of the trial, in a process whose monotonic clock has just begun. */
    async function playAt(seconds: number, after_ms: number): Promise<readonly Observation[]> {
      const steady = 5;
      const clock: TrialClock = {
        ...{ began_ms, speed: 1 },
        now: () => began_ms + seconds * 1_000,
        monotonic: () => steady,
      };
      const seen: Observation[] = [];
      const observe = (observation: Observation) => void seen.push(observation);
      const player = createPlayer({ played, clock, after_ms, observe, log: () => undefined });
      await player.close();
      return seen;
    }
    const first = createSentinel({ chain, node_id });
    const before = await playAt(60, 0);
    for (const one of before) first.observe(one);
    const again = createSentinel({ chain, node_id, state: first.state() });
    const missed = await playAt(300, before.at(-1)?.at_ms ?? 0);
    expect(missed.length).toBeGreaterThan(10);
    const reports = missed.map((one) => again.observe(one));
    expect(reports.filter(({ clock }) => clock !== "trusted")).toEqual([]);
    expect(reports.flatMap(({ findings }) => findings.map(({ detector }) => detector))).toEqual([]);
    const times = [...before, ...missed].map(({ at_ms }) => at_ms);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  it("polls at once after a restart, and not at the end of the recording", async () => {
    const played = loadRecording(FILE);
    const [first, second] = played.observations;
    if (first === undefined || second === undefined) throw new Error("no observations");
    const began_ms = Math.floor(Date.now() / 1_000) * 1_000;
    async function restartedAt(ms: number, of = played): Promise<readonly Observation[]> {
      const clock: TrialClock = {
        ...{ began_ms, speed: 1, now: () => began_ms + ms, monotonic: () => 7 },
      };
      const seen: Observation[] = [];
      const observe = (observation: Observation) => void seen.push(observation);
      const after_ms = began_ms + ms - 500;
      await createPlayer({ played: of, clock, after_ms, observe, log: () => undefined }).close();
      return seen;
    }
    expect(await restartedAt(1_000)).toEqual([
      expect.objectContaining({ at_ms: began_ms + 1_000, blocks: [], monotonic_ms: 7 }),
    ]);
    const [shown] = await restartedAt(1_000);
    expect(shown?.tip?.hash).toBe(first.tip?.hash);
    const ended = { ...played, observations: [first] };
    expect(await restartedAt(1_000, ended)).toEqual([]);
  });

  it("is no incident where it is restarted shortly after", async () => {
    const recording = { file: FILE, speed: 5 };
    const deployment = await deploy({ chain: digibyteRegtest, recording });
    deployments.push(deployment);
    const clock = openTrialClock(join(deployment.config.data_dir, "trial.json"), 5);
    const past = (seconds: number) =>
      until(
        () => Promise.resolve(clock.now() - clock.began_ms),
        (ms) => ms > seconds * 1_000,
      );
    await (await deployment.start()).close();
    // Two or three observations are missed.
    await past(40);
    const service = await deployment.start();
    const found = new Set<string>();
    const look = async () => {
      for (const { cause } of await service.incidents()) found.add(cause);
      return clock.now() - clock.began_ms;
    };
    await until(look, (ms) => ms > 75_000);
    expect((await service.reports()).length).toBe(1);
    await service.close();
    expect([...found]).toEqual([]);
  });

  it("is an incident where it was away for long: what it knows was too old to decide by", async () => {
    const recording = { file: FILE, speed: 20 };
    const deployment = await deploy({ chain: digibyteRegtest, recording });
    deployments.push(deployment);
    const clock = openTrialClock(join(deployment.config.data_dir, "trial.json"), 20);
    await (await deployment.start()).close();
    await until(
      () => Promise.resolve(clock.now() - clock.began_ms),
      (ms) => ms > 160_000,
    );
    const service = await deployment.start();
    await until(service.incidents, (incidents) =>
      incidents.some(({ cause }) => cause === "node_unwatched"),
    );
    await service.close();
  });

  it("moves every time of an observation by the same seconds", () => {
    const [first, second] = loadRecording(FILE).observations;
    if (first === undefined || second === undefined) throw new Error("no observations");
    const moved = movedBy(second, 86_400_499);
    expect(moved.at_ms - second.at_ms).toBe(86_400_000);
    expect((moved.tip?.time_s ?? 0) - (second.tip?.time_s ?? 0)).toBe(86_400);
    expect(moved.blocks.map(({ time_s }, i) => time_s - (second.blocks[i]?.time_s ?? 0))).toEqual(
      second.blocks.map(() => 86_400),
    );
    expect(moved.tip?.hash).toBe(second.tip?.hash);
  });

  it("goes on with the clock that it began with, and at no other speed", async () => {
    const { config } = await trial();
    const path = join(config.data_dir, "trial.json");
    const first = openTrialClock(path, SPEED);
    const again = openTrialClock(path, SPEED);
    expect(again.began_ms).toBe(first.began_ms);
    expect(again.now()).toBeGreaterThanOrEqual(first.began_ms);
    expect(() => openTrialClock(path, 1)).toThrow(`begun at speed ${SPEED}`);
  });

  it("refuses a recording of another chain than the configured one, and names both", async () => {
    const deployment = await deploy({ chain: digibyte, recording: { file: FILE, speed: 1 } });
    deployments.push(deployment);
    await expect(deployment.start()).rejects.toThrow(
      /is of digibyte_regtest, and the configuration of digibyte: set chain: digibyte_regtest/,
    );
  });

  it.each(["/nonexistent", "/etc/hostname"])("refuses %s as a recording", (file) => {
    expect(() => loadRecording(file)).toThrow(/cannot play/);
  });
});
