/** The command `contract`: `check` an implementation, or `answer` as one. */
import { answerLines } from "./answer-lines.js";
import { check } from "./check.js";
import { createHttpImplementation } from "./http-implementation.js";
import { loadVectors } from "./load.js";
import { type CheckOptions, checkOptions, USAGE, UsageError } from "./options.js";
import { createProcessImplementation } from "./process-implementation.js";
import { reportText } from "./report.js";

/** Where the command reads and writes. */
export type Streams = Readonly<{
  stdin: NodeJS.ReadableStream;
  stdout: (text: string) => void;
  stderr: (text: string) => void;
}>;

const EXIT = { passed: 0, failed: 1, unusable: 2 } as const;

/**
 * Runs the command.
 *
 * @param args arguments after the command's own name
 * @returns the exit code: 0 all passed, 1 some failed, 2 wrong arguments or nobody answers
 */
export async function run(args: readonly string[], streams: Streams): Promise<number> {
  const [command, ...rest] = args;
  if (args.includes("--help") || args.includes("-h")) {
    streams.stdout(USAGE);
    return EXIT.passed;
  }
  try {
    if (command === "check") return await runCheck(checkOptions(rest), streams);
    if (command === "answer" && rest.length === 0) {
      await answerLines(streams.stdin, streams.stdout);
      return EXIT.passed;
    }
    throw new UsageError(command === undefined ? "no command given" : `cannot: ${args.join(" ")}`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    streams.stderr(`contract: ${error.message}\n\n${USAGE}`);
    return EXIT.unusable;
  }
}

async function runCheck(options: CheckOptions, { stdout }: Streams): Promise<number> {
  const { target, timeoutMs, suites, json } = options;
  const implementation =
    "url" in target
      ? createHttpImplementation(target.url, timeoutMs)
      : createProcessImplementation(target.command, timeoutMs);
  const report = await check(implementation, suites.map(loadVectors));
  stdout(json ? `${JSON.stringify(report)}\n` : reportText(report));
  if (report.unreachable !== undefined) return EXIT.unusable;
  return report.failed === 0 ? EXIT.passed : EXIT.failed;
}
