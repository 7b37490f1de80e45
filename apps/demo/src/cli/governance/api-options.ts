/** What the commands of proposals have in common: which service, with which key, and their help. */
import type { Command } from "commander";

const INTRO = `
Where changes are governed, what loosens is proposed by one person and approved by others (docs/governance.md). The key is
read from --key-file, or from SHIELD_KEY; its role is operator or governor.`;

/** Adds the options of a command that calls the service. */
export const withApi = (command: Command): Command =>
  command
    .option("--url <url>", "where the service listens", "http://127.0.0.1:8480")
    .option("--key-file <file>", "file that holds a key, and nothing else")
    .option("--json", "one JSON object instead of text", false);

/** Writes the end of a command's help, with its own examples. */
export const helpOf = (examples: readonly string[], exitHelp: string): string =>
  [
    INTRO,
    "",
    examples.length === 1 ? "Example:" : "Examples:",
    ...examples.map((example) => `  ${example}`),
    exitHelp,
  ].join("\n");
