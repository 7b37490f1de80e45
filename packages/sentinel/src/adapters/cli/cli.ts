/** The executable `sentinel`; see `run`. */
import { run } from "./run.js";

process.exitCode = run(process.argv.slice(2), {
  stdout: (text) => void process.stdout.write(text),
  stderr: {
    isTTY: process.stderr.isTTY,
    write: (text) => void process.stderr.write(text),
    nowMs: () => performance.now(),
  },
});
