/** Makes mutants one at a time, and checks what catches them: `pnpm mutants [--only <text>] [--tests] [--cases]`. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Mutant, MUTANTS } from "./mutants.js";
import { type Look, newWorkbench, type Workbench } from "./workbench.js";

const HELP = `pnpm mutants [options]: removes one guarantee after the other, in a copy, and finds what detects it
  --only <text>   mutants whose names contain the text
  --tests         test files alone
  --cases         cases of the matrix alone
Ends with 1 where one survives, or anything fails without a mutant.`;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    tests: { type: "boolean", default: false },
    cases: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(HELP);
  process.exit(0);
}

type Finder = Readonly<{ kind: "test" | "case"; name: string }>;

function findersOf({ tests = [], cases = [] }: Mutant): Finder[] {
  const all: Finder[] = [
    ...tests.map((name) => ({ kind: "test" as const, name })),
    ...cases.map((name) => ({ kind: "case" as const, name })),
  ];
  return all.filter(({ kind }) => (kind === "test" ? !values.cases : !values.tests));
}

const labelOf = ({ kind, name }: Finder): string =>
  kind === "test" ? `test/${name}` : `case “${name}”`;

const look = (bench: Workbench, { kind, name }: Finder): Look =>
  kind === "test" ? bench.test(name) : bench.run(name);

/** Without a mutant nothing may fail, or a failure would prove nothing. */
function isSound(bench: Workbench, mutants: readonly Mutant[]): boolean {
  const finders = new Map(mutants.flatMap(findersOf).map((one) => [labelOf(one), one]));
  const built = bench.build();
  if (Object.hasOwn(built, "trouble")) {
    console.log(built);
    return false;
  }
  let sound = true;
  for (const [label, finder] of finders) {
    const found = look(bench, finder);
    const isFine = Object.hasOwn(found, "failure") && (found as Failed).failure === null;
    console.log(`${isFine ? "passes" : "FAILS"} without a mutant: ${label}`);
    if (!isFine) console.log(found);
    sound &&= isFine;
  }
  return sound;
}

type Failed = Readonly<{ failure: string | null }>;

/** Whether a mutant is caught. */
function isCaught(bench: Workbench, mutant: Mutant): boolean {
  bench.mutate(mutant);
  try {
    const finders = findersOf(mutant);
    const built = finders.some(({ kind }) => kind === "case") ? bench.build() : { failure: null };
    if (Object.hasOwn(built, "trouble")) return told(mutant, built);
    const caught = finders.map((finder) => {
      const found = look(bench, finder);
      if (Object.hasOwn(found, "trouble")) return told(mutant, found);
      const { failure } = found as Failed;
      const verdict = failure === null ? "not caught by" : "caught by";
      console.log(`${mutant.name}: ${verdict} ${labelOf(finder)}${detailOf(failure)}`);
      return failure !== null;
    });
    return caught.includes(true);
  } finally {
    bench.restore(mutant);
  }
}

function told(mutant: Mutant, found: object): false {
  console.log(`${mutant.name}: did not run`, found);
  return false;
}

const detailOf = (failure: string | null): string =>
  failure === null ? "" : ` (${failure.slice(0, 160)})`;

const chosen = MUTANTS.filter((one) => one.name.includes(values.only) && findersOf(one).length > 0);
const bench = newWorkbench(join(import.meta.dirname, "../.."));
try {
  const survivors = isSound(bench, chosen)
    ? chosen.filter((mutant) => !isCaught(bench, mutant))
    : chosen;
  console.log(`${chosen.length - survivors.length} of ${chosen.length} mutants caught`);
  for (const { name } of survivors) console.log(`SURVIVES: ${name}`);
  process.exitCode = survivors.length === 0 ? 0 : 1;
} finally {
  bench.remove();
}
