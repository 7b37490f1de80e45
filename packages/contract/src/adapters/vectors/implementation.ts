/** Port to an implementation under test, which gets one case at a time. */
import type { JsonObject } from "../../json/value.js";

/** One case, as an implementation gets it: without the expectation. */
export type Question = Readonly<{
  suite: string;
  id: string;
  input: Uint8Array;
  config?: JsonObject;
}>;

/** What came back: an answer to judge, or why there is none. */
export type Reply =
  | Readonly<{ answered: true; answer: unknown }>
  | Readonly<{
      answered: false;
      reason: string;
      /** Whether nothing came back at all, as against an answer that is malformed. */
      silent: boolean;
    }>;

/** An implementation, in any language. It never throws: no answer is a reply too. */
export interface Implementation {
  ask(question: Question): Promise<Reply>;
  close(): void;
}

/** Largest answer that is read, in bytes; the largest right one is about 2 MB. */
export const MAX_ANSWER_BYTES = 8_000_000;

/** A reply without an answer. */
export const noAnswer = (reason: string, silent = false): Reply => ({
  answered: false,
  reason,
  silent,
});

/** Reads JSON; undefined where it is none. */
export function jsonOf(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
