/** Kills the emitter at random moments, then holds what was acknowledged against what arrived. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ShieldEvent } from "@dgb-shield/contract";
import { startScript } from "@dgb-shield/testkit/child-process";

/** What a run of rounds came to. */
export type CrashReport = Readonly<{
  rounds: number;
  /** Rounds in which the kill hit a process that was still at work. */
  killed: number;
  acknowledged: number;
  arrived: number;
  duplicates: number;
  /** Acknowledged and never arrived. */
  lost: readonly string[];
  /** First arrivals that came after a later event's. */
  outOfOrder: number;
}>;

type Plan = Readonly<{
  script: string;
  folder: string;
  rounds: number;
  /** Milliseconds between an emitter's start and its end, for each round. */
  lifeMs: (round: number) => number;
  /** Called after each round. */
  onRound?: (round: number) => void;
}>;

/** A receiver that fails now and then, so that kills meet retries too. */
async function startReceiver() {
  const arrivals: string[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      if (++requests % 7 === 0) return response.writeHead(503).end();
      const batch = JSON.parse(Buffer.concat(chunks).toString()) as { data: ShieldEvent }[];
      arrivals.push(...batch.map(({ data }) => data.event_id));
      // An answer that is lost: the events have arrived, and come again.
      if (requests % 11 === 0) return response.destroy();
      return response.writeHead(204).end();
    })().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise((done) => (server.close(done), server.closeAllConnections()));
  return { url: `http://127.0.0.1:${port}/`, arrivals, close };
}

/** Runs the rounds, then one more emitter that is let to finish. */
export async function crashRounds(plan: Plan): Promise<CrashReport> {
  const { script, folder, rounds, lifeMs, onRound } = plan;
  const receiver = await startReceiver();
  const acknowledged: string[] = [];
  let killed = 0;
  for (let round = 0; round < rounds; round++) {
    const child = startScript(script, [folder, receiver.url, String(round), "1000000"]);
    await child.line((line) => line === "ready");
    await new Promise((resume) => setTimeout(resume, lifeMs(round)));
    await child.end("SIGKILL");
    if (child.process.signalCode === "SIGKILL") killed++;
    acknowledged.push(...idsOf(child.lines));
    onRound?.(round);
  }
  const last = startScript(script, [folder, receiver.url, String(rounds), "100"]);
  const [code] = (await once(last.process, "close")) as [number | null];
  await receiver.close();
  if (code !== 0) throw new Error(`the last emitter ended with ${code}`);
  acknowledged.push(...idsOf(last.lines));
  return {
    rounds,
    killed,
    acknowledged: acknowledged.length,
    ...compare(acknowledged, receiver.arrivals),
  };
}

/** Ids grow with time, so that order can be read off; a last line that was cut is no acknowledgement. */
function compare(acknowledged: readonly string[], arrivals: readonly string[]) {
  const distinct = [...new Set(arrivals)];
  const arrived = new Set(distinct);
  return {
    arrived: distinct.length,
    duplicates: arrivals.length - distinct.length,
    lost: acknowledged.filter((id) => !arrived.has(id)),
    outOfOrder: distinct.filter((id, i) => i > 0 && id < (distinct[i - 1] as string)).length,
  };
}

const idsOf = (lines: readonly string[]): string[] =>
  lines.filter((line) => /^\d{4}-\d{7}$/.test(line));
