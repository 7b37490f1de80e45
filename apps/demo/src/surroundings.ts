/** What a command of `shield` touches outside itself. */

/** Where the demo writes, and what stops it. */
export type Surroundings = Readonly<{
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  environment: NodeJS.ProcessEnv;
  stop: AbortSignal;
}>;
