/** Failures that a person can put right, and the exit codes of `shield`. */
import { ShieldError } from "@dgb-shield/contract";

/** Exit codes of `shield`. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  bad_recording: 3,
  bad_data_folder: 4,
  found: 5,
  refused: 6,
  bad_config: 7,
  rules_differ: 8,
  interrupted: 130,
} as const;

/** Kinds of failures that a person can put right. */
export type CommandErrorCode = "usage" | "bad_recording" | "bad_data_folder" | "bad_config";

/** A failure with one line on what to do, and the exit code that goes with it. */
export class CommandError extends ShieldError<CommandErrorCode> {
  override readonly name = "CommandError";
  readonly exitCode: number;

  constructor(code: CommandErrorCode, detail: string, cause?: unknown) {
    super({ code, detail, cause });
    this.exitCode = EXIT[code];
  }
}

/** Ends a command that was stopped while it waited for something: no failure, and nothing to report. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}
