/** Probes whether the server still answers, also while no message comes (design section 4.2: exporters). */
import type { NatsConnection } from "@nats-io/transport-node";
import { pause } from "./back-off.js";

/** Options of `createLiveness`. */
export type LivenessOptions = Readonly<{
  /** Sends the server any request; a rejection counts as no answer. */
  probe: () => Promise<unknown>;
  /** Milliseconds between probes, and for each of them. */
  probeMs: number;
  /** Where given, its state counts at once, and nothing is sent while it is down. */
  connection: NatsConnection | undefined;
}>;

/** The liveness of the server. */
export type Liveness = Readonly<{
  /** False at most two times `probeMs` after the last answer. */
  isAlive: () => boolean;
  /** Records a sign of life of the server. */
  noteAnswer: () => void;
  close: () => void;
}>;

/** Longest pause between probes of a server that does not answer: the client library keeps each of them. */
const MAX_PAUSE_MS = 30_000;

/** Starts probing. */
export function createLiveness({ probe, probeMs, connection }: LivenessOptions): Liveness {
  let isUp = connection === undefined || !connection.isClosed();
  let isAnswering = true;
  let isStopped = false;

  async function watchConnection(): Promise<void> {
    if (connection === undefined) return;
    for await (const { type } of connection.status()) {
      if (isStopped) return;
      if (type === "disconnect") isUp = false;
      if (type === "reconnect") isUp = true;
    }
    isUp = false;
  }

  async function answers(): Promise<boolean> {
    const answer = probe().then(
      () => true,
      () => false,
    );
    return Promise.race([answer, pause(probeMs).then(() => false)]);
  }

  async function run(): Promise<void> {
    let pauseMs = probeMs;
    while (!isStopped) {
      await pause(pauseMs);
      if (!isUp) continue;
      isAnswering = await answers();
      pauseMs =
        isAnswering || connection !== undefined ? probeMs : Math.min(2 * pauseMs, MAX_PAUSE_MS);
    }
  }

  void watchConnection().catch(() => {
    isUp = false;
  });
  void run();
  return {
    isAlive: () => isUp && isAnswering && connection?.isClosed() !== true,
    noteAnswer: () => {
      isAnswering = true;
    },
    close: () => {
      isStopped = true;
    },
  };
}
