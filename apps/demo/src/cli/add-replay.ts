/** Registers `shield replay`. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { CommandError, EXIT } from "../errors.js";
import { CHAIN_NAMES } from "../scenarios/recording.js";
import type { CommandIo } from "./command-io.js";
import { replayNode, type ReplayNodeOptions } from "./history/replay-node.js";
import { more, positive } from "./options.js";
import { FILE_FORMATS, MAX_AT_ONCE, replayCommand, type ReplayCommandOptions } from "./replay.js";

/** Adds the command. */
export function addReplay(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  shield
    .command("replay")
    .description("run a recording or a list of headers through Sentinel's detectors alone")
    .argument(
      "[file]",
      "a recording, compact or raw, or a list of headers; .gz too, - is standard input",
    )
    .option("--node <[name=]url>", "instead of a file: the past of a live node", more)
    .option("--cookie <file>", "its cookie file", more, [])
    .option("--days <number>", "of a live node: how far back", positive, 30)
    .option("--transactions", "of a live node: read the blocks as well, one call each", false)
    .option("--svg <file>", "of a live node: write a picture, too")
    .addOption(
      new Option("--format <name>", "by the file's name: csv for .csv, else recording").choices(
        FILE_FORMATS,
      ),
    )
    .addOption(
      new Option("--chain <name>", "the one that a recording fits; for a list digibyte").choices(
        CHAIN_NAMES,
      ),
    )
    .option("--node-id <id>", "name of the node where the file has none", "replayed-node")
    .addOption(
      new Option("--at-once <number>", "headers of a list in one observation; more is faster")
        .argParser(atOnceNumber)
        .default(1),
    )
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", `\nExit code ${EXIT.found}: something was found.${exitHelp}`)
    .action(async (file: string | undefined, options: ReplayCommandOptions & ReplayNodeOptions) => {
      const isNode = (options.node as readonly string[] | undefined) !== undefined;
      if ((file === undefined) !== isNode) {
        throw new CommandError("usage", "replay: give a file, or a live node by --node");
      }
      process.exitCode =
        file === undefined
          ? await replayNode(options, ioOf())
          : replayCommand(file, options, process);
    });
}

function atOnceNumber(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_AT_ONCE) return count;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_AT_ONCE}.`);
}
