/** Runs vectors against an implementation and judges its answers. */
import type { VectorCase, VectorFile } from "../../vectors/format.js";
import { inputBytes } from "../../vectors/format.js";
import { judge } from "../../vectors/judge.js";
import type { Implementation, Reply } from "./implementation.js";

/** A case that did not pass, and why. */
export type Failure = Readonly<{
  suite: string;
  id: string;
  clause: string;
  title: string;
  reason: string;
}>;

/** Cases of a suite, or of all. */
export type Counts = Readonly<{ passed: number; failed: number }>;

/** What came out. */
export type Report = Counts &
  Readonly<{
    suites: readonly (Counts & Readonly<{ suite: string }>)[];
    failures: readonly Failure[];
    /** Set when the first cases got no answer: the rest was not sent, and no result is valid. */
    unreachable?: string;
  }>;

type CaseResult = Readonly<{ suite: string; failure?: Failure; silence?: string }>;

/** Unanswered cases, from the first on, after which the run stops. */
const MAX_SILENT = 3;

/**
 * Sends every case of the files, one after the other, and closes the implementation.
 *
 * @param files vectors, as `loadVectors` gives them
 */
export async function check(
  implementation: Implementation,
  files: readonly VectorFile[],
): Promise<Report> {
  const questions = files.flatMap(({ suite, cases }) => cases.map((vector) => ({ suite, vector })));
  const results: CaseResult[] = [];
  try {
    for (const { suite, vector } of questions) {
      const reply = await implementation.ask(questionOf(suite, vector));
      results.push(resultOf(suite, vector, reply));
      if (unreachableIn(results) !== undefined) break;
    }
  } finally {
    implementation.close();
  }
  return reportOf(
    files.map(({ suite }) => suite),
    results,
  );
}

const questionOf = (suite: string, { id, input, config }: VectorCase) => ({
  suite,
  id,
  input: inputBytes(input),
  ...(config === undefined ? {} : { config }),
});

function resultOf(suite: string, vector: VectorCase, reply: Reply): CaseResult {
  const reason = reply.answered ? judge(vector, reply.answer) : reply.reason;
  if (reason === undefined) return { suite };
  const { id, clause, title } = vector;
  const failure = { suite, id, clause, title, reason };
  return reply.answered || !reply.silent ? { suite, failure } : { suite, failure, silence: reason };
}

/** Why the implementation is unreachable; undefined unless all of the first cases stayed unanswered. */
function unreachableIn(results: readonly CaseResult[]): string | undefined {
  const all = results.length >= MAX_SILENT && results.every(({ silence }) => silence);
  return all ? results[0]?.silence : undefined;
}

function reportOf(suites: readonly string[], results: readonly CaseResult[]): Report {
  const failures = results.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  const unreachable = unreachableIn(results);
  return {
    ...countsOf(results),
    suites: suites.map((suite) => ({
      suite,
      ...countsOf(results.filter((result) => result.suite === suite)),
    })),
    failures,
    ...(unreachable === undefined ? {} : { unreachable }),
  };
}

function countsOf(results: readonly CaseResult[]): Counts {
  const failed = results.filter(({ failure }) => failure !== undefined).length;
  return { passed: results.length - failed, failed };
}
