/** Starts several processes at once on the folder of a dead one, round after round, and counts owners and losses. */
import { openOutbox } from "../src/adapters/outbox/index.js";
import { nodeTimers } from "../src/adapters/node/index.js";
import { type Child, startScript } from "@dgb-shield/testkit/child-process";

/** What a run of rounds came to. */
export type OwnerReport = Readonly<{
  rounds: number;
  /** Rounds with one owner; every other process was refused as `outbox_locked`. */
  oneOwner: number;
  acknowledged: number;
  /** Acknowledged and not delivered by the process after all of them. */
  lost: readonly string[];
  damaged: number;
}>;

type Plan = Readonly<{
  script: string;
  folder: string;
  rounds: number;
  /** Processes of a round, in turn. */
  sizes: readonly number[];
  /** Each process is the first of a process id namespace of its own, as in a container. */
  isNamespaced: boolean;
  /** Called after each round. */
  onRound?: (round: number) => void;
}>;

const NAMESPACE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];

/** Runs the rounds. The owner of each is killed, and its folder is the next one's. */
export async function ownerRounds(plan: Plan): Promise<OwnerReport> {
  const { script, folder, rounds, sizes, isNamespaced, onRound } = plan;
  const wrapper = isNamespaced ? NAMESPACE : [];
  const acknowledged: string[] = [];
  let oneOwner = 0;
  for (let round = 0; round < rounds; round++) {
    const count = sizes[round % sizes.length] ?? 2;
    const children = Array.from({ length: count }, (_, i) =>
      startScript(script, [folder, `${round}-${i}`], wrapper),
    );
    const answers = await Promise.all(children.map(answerOf));
    const owners = answers.filter((line) => line.startsWith("owner "));
    const refused = answers.filter((line) => line === "refused outbox_locked");
    if (owners.length === 1 && refused.length === count - 1) oneOwner++;
    await Promise.all(children.map((child) => child.end("SIGKILL")));
    for (const { lines } of children) acknowledged.push(...idsOf(lines));
    onRound?.(round);
  }
  return {
    rounds,
    oneOwner,
    acknowledged: acknowledged.length,
    ...(await drained(folder, acknowledged)),
  };
}

const answerOf = (child: Child): Promise<string> =>
  child.line((line) => /^(?:owner|refused) /.test(line));

const idsOf = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /^acknowledged (\S+)$/.exec(line)?.[1] ?? []);

async function drained(folder: string, acknowledged: readonly string[]) {
  const arrived = new Set<string>();
  const sink = {
    name: "a",
    write: (batch: readonly { event_id: string }[]) =>
      batch.forEach(({ event_id }) => arrived.add(event_id)),
  };
  const outbox = await openOutbox({ folder, sinks: [sink], timers: nodeTimers });
  await outbox.drained(60_000);
  const damaged = outbox.stats().sinks[0]?.dropped.damaged ?? 0;
  await outbox.close();
  return { lost: acknowledged.filter((id) => !arrived.has(id)), damaged };
}
