/** Options of a client, checked before anything is sent. */
import { ClientError } from "./client-error.js";
import { type Platform, PLATFORM } from "./platform.js";

/** Options of a client. */
export type ClientOptions = Readonly<{
  /** Address of the service, such as `https://shield.example:8480`. */
  baseUrl: string;
  /** Key of `shield keys`; null for the routes that need none. It is kept in memory only. */
  key: string | null;
  /** Permits plain HTTP to another host than loopback, where the key can be read on the way. Default: false. */
  allowPlainHttp?: boolean;
  /** Milliseconds until the whole answer to one request has come, 1 to 600,000. Default: 10,000. */
  timeoutMs?: number;
  /** Further tries of a request that may be repeated, 0 to 20. Default: 4. */
  retries?: number;
  /** Longest wait before another try, in milliseconds, 0 to 600,000; a longer `Retry-After` ends the tries. Default: 30,000. */
  maxWaitMs?: number;
}> &
  Partial<Platform>;

/** Options of a client, complete. */
export type ClientSettings = Readonly<{
  baseUrl: string;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
  retries: number;
  maxWaitMs: number;
  platform: Platform;
}>;

/**
 * Completes and checks options.
 *
 * @throws ClientError `invalid_option`; its text never repeats the key
 */
export function settingsOf(options: ClientOptions): ClientSettings {
  const { key, timeoutMs = 10_000, retries = 4, maxWaitMs = 30_000 } = options;
  const { fetch, now, random, sleep } = { ...PLATFORM, ...defined(options) };
  return {
    baseUrl: addressOf(options),
    headers: Object.freeze(key === null ? {} : { authorization: `Bearer ${checkedKey(key)}` }),
    timeoutMs: within("timeoutMs", timeoutMs, 1, 600_000),
    retries: within("retries", retries, 0, 20),
    maxWaitMs: within("maxWaitMs", maxWaitMs, 0, 600_000),
    platform: { fetch, now, random, sleep },
  };
}

const defined = (options: object): Partial<Platform> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

const invalid = (text: string): ClientError => new ClientError("invalid_option", text);

function within(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(`${name} is not usable. Give an integer from ${least} to ${most}.`);
}

function checkedKey(key: string): string {
  // A key with a line break would be repeated by the platform's error.
  if (/^[\x21-\x7e]{1,512}$/.test(key)) return key;
  throw invalid("The key has a character that no key has. Give it without white space around it.");
}

function addressOf({ baseUrl, allowPlainHttp = false }: ClientOptions): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw invalid("baseUrl is no address. Give one such as https://shield.example:8480.");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw invalid("baseUrl has a user, a query or a fragment. Give host, port and path alone.");
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname) && !allowPlainHttp) {
    throw invalid(
      "baseUrl is plain HTTP to another host, where the key can be read on the way. Use https, or set allowPlainHttp.",
    );
  }
  return url.href.replace(/\/+$/, "");
}

const isLoopback = (host: string): boolean =>
  /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(host);
