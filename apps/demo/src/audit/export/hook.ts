/** Where checkpoints go, besides the deployment's own store. */

/** Takes one line of a checkpoint; resolves when it is there, rejects with what is wrong. It may get a line again. */
export type ExportHook = Readonly<{
  /** Of the configuration; how far it has come is kept under this name. */
  name: string;
  send(line: string, stop: AbortSignal): Promise<void>;
}>;
