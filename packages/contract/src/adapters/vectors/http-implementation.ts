/** Sends cases to an implementation over HTTP: `POST {url}/{suite}`, the case's bytes as body. */
import {
  type Implementation,
  jsonOf,
  MAX_ANSWER_BYTES,
  noAnswer,
  type Question,
  type Reply,
} from "./implementation.js";

/**
 * An implementation at a URL.
 *
 * @param url base; the suite's name is appended to its path, a case's configuration to its query
 * @param timeoutMs milliseconds for one case
 */
export function createHttpImplementation(url: URL, timeoutMs: number): Implementation {
  return {
    ask: (question) => post(targetOf(url, question), question.input, timeoutMs),
    close: () => undefined,
  };
}

function targetOf(url: URL, { suite, config }: Question): URL {
  const target = new URL(url);
  target.pathname = `${url.pathname.replace(/\/+$/, "")}/${suite}`;
  if (config !== undefined) target.searchParams.set("config", JSON.stringify(config));
  return target;
}

async function post(target: URL, input: Uint8Array, timeoutMs: number): Promise<Reply> {
  try {
    const response = await fetch(target, {
      method: "POST",
      headers: { "content-type": "application/octet-stream", accept: "application/json" },
      body: new Uint8Array(input),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return await replyOf(response);
  } catch (error) {
    return failureOf(error, timeoutMs);
  }
}

async function replyOf(response: Response): Promise<Reply> {
  const text = await bodyOf(response);
  if (text === undefined) return noAnswer(`answer is larger than ${MAX_ANSWER_BYTES} bytes`);
  if (response.status !== 200) return noAnswer(`HTTP status ${response.status}, not 200`);
  const json = jsonOf(text);
  return json === undefined
    ? noAnswer("answer is not JSON")
    : { answered: true, answer: json.value };
}

async function bodyOf(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** `fetch` hides the reason in `cause`. */
function failureOf(error: unknown, timeoutMs: number): Reply {
  if (!(error instanceof Error)) return noAnswer("the request failed", true);
  if (error.name === "TimeoutError") return noAnswer(`no answer within ${timeoutMs} ms`, true);
  const { message, code } = (error.cause ?? error) as NodeJS.ErrnoException;
  return noAnswer(message === "" ? (code ?? error.message) : message, true);
}
