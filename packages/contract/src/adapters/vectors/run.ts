/** The command `contract`: `check` an implementation, or `answer` as one. */
import { z } from "zod";
import { isVariant } from "../../internal/own.js";
import type { VectorFile } from "../../vectors/format.js";
import { answerLines } from "./answer-lines.js";
import { check } from "./check.js";
import { createHttpImplementation } from "./http-implementation.js";
import { loadVectorFile, loadVectors } from "./load.js";
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
 * @returns the exit code: 0 all passed, 1 some failed, 2 wrong arguments or no answer
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
  const { target, timeoutMs, suites, files, json } = options;
  const vectors = [...suites.map(loadVectors), ...files.map(readVectors)];
  const implementation = isVariant(target, "url")
    ? createHttpImplementation(target.url, timeoutMs)
    : createProcessImplementation(target.command, timeoutMs);
  const report = await check(implementation, vectors);
  stdout(json ? `${JSON.stringify(report)}\n` : reportText(report));
  if (report.unreachable !== undefined) return EXIT.unusable;
  return report.failed === 0 ? EXIT.passed : EXIT.failed;
}

/** @throws UsageError where the file is not one of vectors */
function readVectors(path: string): VectorFile {
  try {
    return loadVectorFile(path);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const where = issue === undefined ? "" : ` at /${issue.path.join("/")}`;
    throw new UsageError(`--vectors: ${path} is not a file of vectors${where}`);
  }
}
