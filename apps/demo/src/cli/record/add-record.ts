/** Registers `shield record`. */
import type { Command } from "commander";
import type { CommandIo } from "../command-io.js";
import { CREDENTIALS_HELP, withNodeOptions } from "../live/node-options.js";
import { duration, positive } from "../options.js";
import { record, type RecordOptions } from "./record.js";

const HELP = `
Everything that Sentinel takes in is written: tips, headers, mempool, peers, failed polls, both clocks of this machine.
No address, no credential and no name of this machine is. A file that ends in .gz is compressed. What a flush has
written survives a kill; Ctrl-C ends the recording in good order.
${CREDENTIALS_HELP}

Examples:
  shield record --node http://127.0.0.1:14022 --cookie ~/.digibyte/.cookie node.jsonl.gz
  shield record --node a=http://10.0.0.1:14022 --for 2h --interval 15 a.jsonl.gz
  shield replay node.jsonl.gz              what Sentinel finds in it`;

/** Adds the command. */
export function addRecord(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  withNodeOptions(
    shield
      .command("record")
      .description("record a live node into a file that shield replay and shield demo play")
      .argument("<file>", "where to write, such as node.jsonl.gz"),
  )
    .option("--interval <seconds>", "time between two polls", positive, 5)
    .option("--flush <seconds>", "time between two flushes to the disk", positive, 60)
    .option("--for <time>", "end by itself after 90s, 30m, 2h, 7d; without it: Ctrl-C", duration)
    .option("--append", "go on with a recording that is there", false)
    .option("--force", "replace a file that is there", false)
    .option("--label <word>", "the phase that the polls belong to", "live")
    .option("--notes <text>", "notes for a reader, kept in the file")
    .option("--license <name>", "licence of the recording, kept in the file")
    .option("--no-transactions", "leave the transactions of new blocks out")
    .addHelpText("after", `${HELP}\n${exitHelp}`)
    .action(async (file: string, options: RecordOptions) => {
      process.exitCode = await record(file, options, ioOf());
    });
}
