/** The executable `sentinel`; see `run`. */
import { EXIT, run } from "./run.js";

/** A reader that has enough, as `head`, closes the pipe: no fault, and nothing more to write. */
const isPipeClosed = (error: NodeJS.ErrnoException): boolean => error.code === "EPIPE";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (isPipeClosed(error)) return;
  process.stderr.write(`sentinel: standard output: ${error.message}\n`);
  process.exitCode = EXIT.file;
});
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (!isPipeClosed(error)) process.exitCode = EXIT.file;
});

process.exitCode = run(process.argv.slice(2), {
  stdout: (text) => void process.stdout.write(text),
  stderr: {
    isTTY: process.stderr.isTTY,
    write: (text) => void process.stderr.write(text),
    nowMs: () => performance.now(),
  },
});
