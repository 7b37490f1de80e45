#!/usr/bin/env node
/** The executable `contract`; see `run`. */
import { run } from "./run.js";

// Leaving by `exit` ends the process under test with this one.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
});
