/** Answers the runner's protocol on lines of JSON with this package's own implementation. */
import { createInterface } from "node:readline";
import { z } from "zod";
import { looseObject } from "../../schemas/own-object.js";
import { answer, isContractSuite } from "../../vectors/answer.js";
import { jsonOf } from "./implementation.js";

const questionSchema = looseObject({
  id: z.string(),
  suite: z.string(),
  input_base64: z.base64(),
});

/**
 * Answers each line of `input` with one line, until it ends.
 *
 * @param write takes one line at a time
 */
export async function answerLines(
  input: NodeJS.ReadableStream,
  write: (line: string) => void,
): Promise<void> {
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    write(`${JSON.stringify(answerLine(line))}\n`);
  }
}

function answerLine(line: string): object {
  const question = questionSchema.safeParse(jsonOf(line)?.value);
  if (!question.success) return { id: null, answer: rejection("invalid_question") };
  const { id, suite, input_base64 } = question.data;
  if (!isContractSuite(suite)) return { id, answer: rejection("unknown_suite") };
  return { id, answer: answer(suite, Buffer.from(input_base64, "base64")) };
}

const rejection = (code: string) => ({ ok: false, code, path: "" });
