/** Where checkpoints are kept: lines by their number, and how far each export has taken them. */

/** Lines of checkpoints, numbered from 1 on. */
export interface CheckpointStore {
  /** Number of the last line; 0 where there is none. */
  count(): Promise<number>;
  /** Reads a line; rejects where there is none. */
  line(number: number): Promise<string>;
  /** Appends a line as the next one; durable when it resolves. */
  append(line: string): Promise<void>;
  /** Number of the last line that an export has taken; 0 for one that has taken none. */
  exported(name: string): Promise<number>;
  /** Keeps that number; durable when it resolves. */
  setExported(name: string, number: number): Promise<void>;
  close(): Promise<void>;
}

/** Reads all lines in order. */
export async function* linesOf(store: CheckpointStore): AsyncGenerator<string> {
  const count = await store.count();
  for (let number = 1; number <= count; number++) yield await store.line(number);
}
