/** The executable of the lab; see `run`. */
import { EXIT, run } from "./run.js";

/** A reader that has enough, as `head`, closes the pipe: no fault, and nothing more to write. */
const isPipeClosed = (error: NodeJS.ErrnoException): boolean => error.code === "EPIPE";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (isPipeClosed(error)) return;
  process.stderr.write(`sentinel-lab: standard output: ${error.message}\n`);
  process.exitCode = EXIT.file;
});
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (!isPipeClosed(error)) process.exitCode = EXIT.file;
});

// pnpm runs a script in the package's folder; paths are relative to where it was called.
const { INIT_CWD } = process.env;
if (INIT_CWD !== undefined) process.chdir(INIT_CWD);

process.exitCode = run(process.argv.slice(2), {
  stdout: (text) => void process.stdout.write(text),
  stderr: {
    isTTY: process.stderr.isTTY,
    write: (text) => void process.stderr.write(text),
    nowMs: () => performance.now(),
  },
});
