/** Decisions per second: unknown input, parsed contexts, hashed decisions; in one run, as ratios to the parsed case. */
import { type Case, compare, print, type Timing } from "@dgb-shield/bench";
import {
  createDecisionEngine,
  decide,
  evaluateTransaction,
  parseContext,
  parsePolicy,
} from "../src/index.js";
import { WORKLOADS } from "./workloads.js";

const MUST_REACH = { unknown: 500_000, parsed: 5_000_000 };
const DIFFERENT_OBJECTS = 256;

const policy = parsePolicy({});
const engine = createDecisionEngine({ policy });
const perSecond = ({ us }: Timing): number => 1e6 / us;

for (const [title, workload] of Object.entries(WORKLOADS)) {
  const inputs = Array.from({ length: DIFFERENT_OBJECTS }, (_, i) => workload(i));
  const parsed = inputs.map((input) => {
    const read = parseContext(input);
    if (!read.ok) throw new Error(read.result.path);
    return read.context;
  });
  const cases: [Case, ...Case[]] = [
    ["parsed context", each(parsed, (context) => decide(context, policy))],
    ["unknown input, validated", each(inputs, (input) => evaluateTransaction(input, policy))],
    ["fresh object a call, validated", counted((i) => evaluateTransaction(workload(i), policy))],
    ["engine: validated, with context_hash", each(inputs, (input) => engine.evaluate(input))],
  ];
  const timings = compare(cases);
  print(title, timings);
  for (const timing of timings) {
    console.log(`  ${timing.name.padEnd(48)} ${rate(perSecond(timing))} decisions/s`);
  }
  const [parsedTiming, unknownTiming] = timings;
  printBar("parsed", parsedTiming);
  printBar("unknown", unknownTiming);
}

function printBar(what: keyof typeof MUST_REACH, timing: Timing | undefined): void {
  const reached = timing !== undefined && perSecond(timing) >= MUST_REACH[what];
  console.log(`  ${what}: at least ${rate(MUST_REACH[what])}: ${reached ? "reached" : "MISSED"}`);
}

/** A case that takes the items in turn. */
function each<T>(items: readonly T[], run: (item: T) => unknown): () => unknown {
  return counted((i) => run(items[i % items.length] as T));
}

function counted(run: (i: number) => unknown): () => unknown {
  let i = 0;
  return () => run(i++);
}

function rate(value: number): string {
  return Math.round(value).toLocaleString("en").padStart(12);
}
