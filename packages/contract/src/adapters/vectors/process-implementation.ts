/** Sends cases to a long-lived process: one JSON line a case on its stdin, one JSON line back on its stdout. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { ownMember } from "../../internal/own.js";
import {
  type Implementation,
  jsonOf,
  MAX_ANSWER_BYTES,
  noAnswer,
  type Question,
  type Reply,
} from "./implementation.js";

/**
 * An implementation behind a command. A process that exits, hangs, or answers anything but one line for
 * its case fails that case; the next case gets a new process.
 *
 * @param command run by the shell; its stderr is passed through
 * @param timeoutMs milliseconds for one case, the start of the process included
 */
export function createProcessImplementation(command: string, timeoutMs: number): Implementation {
  let conversation: Conversation | undefined;
  const close = (): void => {
    conversation?.stop();
    conversation = undefined;
  };
  return {
    async ask(question) {
      conversation ??= new Conversation(command);
      const reply = await conversation.ask(question, timeoutMs);
      if (!reply.answered) close();
      return reply;
    },
    close,
  };
}

const IS_WINDOWS = process.platform === "win32";

/** One process, from its start to its end. */
class Conversation {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #stopAtExit = (): void => this.stop();
  #line = "";
  #ended: Reply | undefined;
  #onProgress: () => void = () => undefined;

  constructor(command: string) {
    // A group of its own, so that what the shell started can be ended with it.
    this.#child = spawn(command, {
      shell: true,
      stdio: ["pipe", "pipe", "inherit"],
      detached: !IS_WINDOWS,
    });
    process.once("exit", this.#stopAtExit);
    this.#child.stdin.on("error", () => undefined);
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#line += text;
      this.#onProgress();
    });
    this.#child.on("error", (error) => this.#end(`the process did not start: ${error.message}`));
    this.#child.on("close", (code, signal) => {
      this.#end(`the process ended with ${signal ?? `exit code ${code ?? "unknown"}`}`);
    });
  }

  async ask(question: Question, timeoutMs: number): Promise<Reply> {
    const id = `${question.suite}/${question.id}`;
    this.#child.stdin.write(`${JSON.stringify(lineOf(id, question))}\n`);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#onProgress = () => undefined;
        resolve(noAnswer(`no answer within ${timeoutMs} ms`, true));
      }, timeoutMs);
      this.#onProgress = () => {
        const reply = this.#takeReply(id) ?? this.#ended;
        if (reply === undefined) return;
        this.#onProgress = () => undefined;
        clearTimeout(timer);
        resolve(reply);
      };
      this.#onProgress();
    });
  }

  stop(): void {
    process.removeListener("exit", this.#stopAtExit);
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (IS_WINDOWS) this.#child.kill();
      else process.kill(-pid, "SIGKILL");
    } catch {
      // The group has ended by itself.
    }
  }

  #end(reason: string): void {
    this.#ended ??= noAnswer(reason, true);
    this.#onProgress();
  }

  #takeReply(id: string): Reply | undefined {
    const end = this.#line.indexOf("\n");
    if (end < 0) {
      return this.#line.length > MAX_ANSWER_BYTES ? noAnswer("answer is too long") : undefined;
    }
    const line = this.#line.slice(0, end);
    this.#line = this.#line.slice(end + 1);
    return replyOf(line, id);
  }
}

const lineOf = (id: string, { suite, input, config }: Question): object => ({
  id,
  suite,
  input_base64: Buffer.from(input).toString("base64"),
  ...(config === undefined ? {} : { config }),
});

function replyOf(line: string, id: string): Reply {
  const json = jsonOf(line);
  if (json === undefined) return noAnswer(`answer is not a line of JSON: ${line.slice(0, 80)}`);
  const { value } = json;
  const isAnswer = typeof value === "object" && value !== null && Object.hasOwn(value, "answer");
  if (!isAnswer) return noAnswer('answer is not {"id", "answer"}');
  const named = ownMember(value, "id");
  return named === id
    ? { answered: true, answer: ownMember(value, "answer") }
    : noAnswer(`answer is for ${JSON.stringify(named)}, not for the case asked`);
}
