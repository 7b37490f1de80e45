/** What a command of `shield` touches outside itself. */

/** Where the demo writes, and what stops it. */
export type Surroundings = Readonly<{
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  environment: NodeJS.ProcessEnv;
  stop: AbortSignal;
}>;

/** Why a run stops when its output is a pipe that was closed, as by `head`: all that was wanted has been shown. */
export const READER_LEFT = "the reader of the output has left";
