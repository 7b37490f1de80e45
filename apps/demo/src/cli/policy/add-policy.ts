/** Registers `shield policy`. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { EXIT } from "../../errors.js";
import { readConfigText } from "../../service/config/config-text.js";
import { guardianFaults, walletPolicyFaults } from "../../service/config/policies.js";
import type { CommandIo } from "../command-io.js";
import { withConfigOptions } from "../config/config-options.js";
import { contentOf } from "../content-of.js";
import { type SimulateOptions, simulatePolicyFile } from "./simulate.js";

const HELP = `
The file holds one policy, in YAML or JSON, as it stands below guardian or guard in the configuration.

Examples:
  shield policy check limits.yaml
  shield policy check approvals.json --layer guard --json
  shield policy simulate limits.yaml            the configured ledger is only read; an ALLOW counts as signed at once`;

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 1_000_000) return number;
  throw new InvalidArgumentError("It must be a whole number from 0 to 1000000.");
}

type PolicyOptions = Readonly<{ layer: "guardian" | "guard"; json: boolean }>;

/** Adds the command. */
export function addPolicy(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  const policy = shield.command("policy").description("check or try a policy before it is used");
  policy
    .command("check")
    .description("whether a policy can be used; everything that is wrong is listed at once")
    .argument("<file>", "the policy")
    .addOption(
      new Option("--layer <name>", "whose policy it is")
        .choices(["guardian", "guard"])
        .default("guardian"),
    )
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", `${HELP}\n${exitHelp}`)
    .action((file: string, options: PolicyOptions) => {
      process.exitCode = checkPolicyFile(file, options, ioOf());
    });
  withConfigOptions(
    policy
      .command("simulate")
      .description("decide the ledger's payments again under another policy of the Guardian")
      .argument("<file>", "the policy"),
  )
    .option("--limit <number>", "differences that are listed at most", wholeNumber, 20)
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", `${HELP}\n${exitHelp}`)
    .action(async (file: string, options: SimulateOptions) => {
      process.exitCode = await simulatePolicyFile(file, options, ioOf());
    });
}

/**
 * Checks the policy in a file.
 *
 * @returns the exit code: `bad_config` where it cannot be used
 * @throws CommandError `usage` where the file cannot be read
 */
function checkPolicyFile(
  file: string,
  { layer, json }: PolicyOptions,
  { stdout, stderr }: Pick<CommandIo, "stdout" | "stderr">,
): number {
  const issues = issuesIn(file, layer);
  if (json) stdout.write(`${JSON.stringify({ ok: issues.length === 0, issues })}\n`);
  else if (issues.length === 0) stdout.write(`${file}: ok\n`);
  else stderr.write(issues.map(({ place, remedy }) => `${place}: ${remedy}\n`).join(""));
  return issues.length === 0 ? EXIT.done : EXIT.bad_config;
}

type Issue = Readonly<{ place: string; remedy: string }>;

function issuesIn(file: string, layer: PolicyOptions["layer"]): Issue[] {
  const text = readConfigText(contentOf(file));
  const faults = text.faults.map(({ at, problem, remedy }) => ({
    place: `${file}:${at.line}:${at.col}`,
    remedy: `${problem}: ${remedy}`,
  }));
  if (!text.ok) return faults;
  const found = layer === "guardian" ? guardianFaults(text.value) : walletPolicyFaults(text.value);
  const placed = found.map(({ path, remedy }) => {
    const { line, col } = text.positionOf(path.split("/").slice(1));
    return { place: `${file}:${line}:${col}${path === "" ? "" : ` ${path}`}`, remedy };
  });
  return [...faults, ...placed];
}
