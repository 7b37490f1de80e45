/** Failures that a person can put right, and the exit codes that say so. */

/** Exit codes of `shield`. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  bad_recording: 3,
  bad_data_folder: 4,
  found: 5,
  interrupted: 130,
} as const;

/** A failure with one line that says what to do, and the exit code that goes with it. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;

  constructor(
    kind: "usage" | "bad_recording" | "bad_data_folder",
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.exitCode = EXIT[kind];
  }
}
