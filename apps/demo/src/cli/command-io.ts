/** Streams, environment variables and stop signal of a command. */

/** Where a command writes, and what stops it. */
export type CommandIo = Readonly<{
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  env: NodeJS.ProcessEnv;
  stop: AbortSignal;
}>;

/** Reason of the stop when the output is a pipe that was closed, as by `head`: the reader has ended. */
export const READER_LEFT = "the reader of the output has left";
