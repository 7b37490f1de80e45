/** Registers `shield doctor`, and runs its checks. */
import type { Command } from "commander";
import { EXIT } from "../../errors.js";
import { issueText } from "../../service/config/issues.js";
import type { CommandIo } from "../command-io.js";
import { type ConfigOptions, readingOf, withConfigOptions } from "../config/config-options.js";
import { type Check, fail, type Task } from "./check.js";
import { HOST_TASKS, tasksOf } from "./checks.js";

const HELP = `
It changes nothing, and sends webhooks nothing unless --send-test is given. Each line is ok, warn or fail, with what to do.

Examples:
  shield doctor
  shield doctor --config /etc/shield/shield.yaml --json
  shield doctor --send-test                           each webhook gets a signed event of the type test

Exit code ${EXIT.failed}: something failed; warnings alone end with 0.`;

type DoctorOptions = ConfigOptions & Readonly<{ json: boolean; sendTest: boolean }>;

/** Adds the command. */
export function addDoctor(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  withConfigOptions(
    shield
      .command("doctor")
      .description(
        "check everything around the service: files, ledger, keys, nodes, webhooks, ports",
      ),
  )
    .option("--send-test", "post a signed event of the type test to each webhook", false)
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", `${HELP}\n${exitHelp}`)
    .action(async (options: DoctorOptions) => {
      process.exitCode = await doctor(options, ioOf());
    });
}

/** Runs every check, one after the other. Returns the exit code. */
async function doctor(options: DoctorOptions, io: CommandIo): Promise<number> {
  const { stdout, stderr, env, stop } = io;
  const reading = readingOf(options, env);
  const wrong = reading.ok
    ? []
    : reading.issues.map((issue): Task => {
        const run = () => fail("config", issueText(issue), "then run shield doctor again");
        return { name: "config", run };
      });
  const tasks = [
    ...HOST_TASKS,
    ...(reading.ok ? tasksOf(reading.config, options.sendTest) : wrong),
  ];
  const checks: Check[] = [];
  for (const task of tasks) {
    if (stop.aborted) return EXIT.interrupted;
    if (stderr.isTTY && !options.json) stderr.write(`\r\u001b[Kchecking ${task.name} …`);
    const check = await checked(task);
    checks.push(check);
    if (stderr.isTTY && !options.json) stderr.write("\r\u001b[K");
    if (!options.json) stdout.write(lineOf(check));
  }
  const isFailed = checks.some(({ status }) => status === "fail");
  if (options.json) stdout.write(`${JSON.stringify({ ok: !isFailed, checks })}\n`);
  return isFailed ? EXIT.failed : EXIT.done;
}

async function checked({ name, run }: Task): Promise<Check> {
  try {
    return await run();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return fail(name, detail, "correct it and run shield doctor again");
  }
}

const lineOf = ({ status, name, detail, remedy }: Check): string =>
  `${status.padEnd(4)}  ${name}: ${detail}${remedy === null ? "" : `: ${remedy}`}\n`;
