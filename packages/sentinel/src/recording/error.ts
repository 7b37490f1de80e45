/** The error class of recordings; callers match `code`, never the message. */
import { ShieldError } from "@dgb-shield/contract";

/** Why a recording was rejected. Codes are stable. */
export type RecordingErrorCode =
  /** No line at all, or no poll. */
  | "empty"
  /** A line is not JSON. */
  | "not_json"
  /** Neither of the two formats. */
  | "foreign_format"
  /** The compact format, in a version that this reader does not support. */
  | "unknown_version"
  /** A line of the right format whose content is wrong. */
  | "invalid_record"
  /** Line numbers of the recorder do not follow one another. */
  | "out_of_order"
  /** The clock steps back in a compact recording of version 1, which cannot hold that. */
  | "time_backwards"
  /** A poll begins before the last one is complete, or lacks an answer without an error. */
  | "incomplete_poll"
  /** It ends inside a line or a poll, or before the number of observations that its header states. */
  | "truncated"
  /** It is of another chain than the one that was chosen. */
  | "other_chain"
  /** It fits no chain that is known, or more than one: one must be chosen. */
  | "unknown_chain"
  /** It holds more observations than its header states. */
  | "too_many_observations";

/** A recording that is rejected: what is wrong (`code`) and in which line, counted from 1. */
export class RecordingError extends ShieldError<RecordingErrorCode> {
  override readonly name = "RecordingError";
  readonly line: number;

  /**
   * @param code why the recording is rejected
   * @param line counted from 1
   * @param detail what is wrong
   * @param options the error that led to it
   */
  constructor(code: RecordingErrorCode, line: number, detail: string, options?: ErrorOptions) {
    super({ code, detail, cause: options?.cause }, `line ${line}: ${detail}`);
    this.line = line;
  }
}
