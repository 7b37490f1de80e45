/** The message of whatever a sink threw, without secrets and of bounded length. */

const MAX_LENGTH = 256;
/** Causes that are followed; a cause may be its own. */
const MAX_CAUSES = 3;
/** Characters of one message that are looked at. */
const MAX_LOOKED_AT = 4_096;
const UNKNOWN = "unknown error";

/** Credentials and the query of a URL: both may hold secrets. */
const CREDENTIALS = /(?<=:\/\/)[^\s/]*@/g;
const QUERY = /(:\/\/[^\s?#"']*)\?[^\s"']*/g;
/** What an `Authorization` header has, when a library puts it into its message. */
const TOKEN = /\b(bearer|basic)\s+[^\s"',]+/gi;

/** Message and causes, at most 256 characters; never throws, even where the thrown value's own code does. */
export function describeError(error: unknown): string {
  try {
    const messages: string[] = [];
    for (let one = error, n = 0; n <= MAX_CAUSES; n++) {
      const message = messageOf(one);
      if (!messages.includes(message)) messages.push(message);
      one = causeOf(one);
      if (one === undefined) break;
    }
    return shortened(redact(messages.join(": ")));
  } catch {
    return UNKNOWN;
  }
}

/** A text without credentials, queries of URLs, and tokens. */
const redact = (text: string): string =>
  text.replace(CREDENTIALS, "").replace(QUERY, "$1").replace(TOKEN, "$1 …");

function messageOf(error: unknown): string {
  const text: unknown = isErrorLike(error) ? error.message : error;
  return String(text).slice(0, MAX_LOOKED_AT);
}

function causeOf(error: unknown): unknown {
  try {
    return isErrorLike(error) ? (error as { cause?: unknown }).cause : undefined;
  } catch {
    return undefined;
  }
}

/** Errors of any realm. */
const isErrorLike = (error: unknown): error is { message: unknown } =>
  error instanceof Error ||
  (typeof error === "object" && error !== null && Object.hasOwn(error, "message"));

/** A text of its own: a slice would keep the whole message in memory. */
const shortened = (text: string): string =>
  JSON.parse(JSON.stringify(text.slice(0, MAX_LENGTH).toWellFormed())) as string;
