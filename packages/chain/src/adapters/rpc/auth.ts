/** Credentials of a node's RPC: a fixed pair, or the cookie file that the node writes at each start. */
import { readFileSync } from "node:fs";

/** How a caller is known to the node. */
export type RpcAuth =
  Readonly<{ cookie_file: string }> | Readonly<{ user: string; password: string }>;

/** The `Authorization` header at any time. */
export type Credentials = Readonly<{
  /** Undefined while the cookie file is missing: the node is down. */
  header(): string | undefined;
  /** Reads the cookie file again; whether it holds another cookie than before. */
  renew(): boolean;
}>;

const basic = (pair: string): string => `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;

/** Most bytes of a cookie file that are read. */
const MAX_COOKIE = 1_024;

/**
 * Makes the credentials; nothing of them is ever part of a message.
 *
 * @param auth undefined for a node that asks for none
 * @example credentialsOf({ user: "shield", password: "…" }).header(); // "Basic …"
 */
export function credentialsOf(auth: RpcAuth | undefined): Credentials {
  if (auth === undefined) return { header: () => undefined, renew: () => false };
  if (!("cookie_file" in auth)) {
    const header = basic(`${auth.user}:${auth.password}`);
    return { header: () => header, renew: () => false };
  }
  const { cookie_file } = auth;
  let header = read(cookie_file);
  return {
    header: () => (header ??= read(cookie_file)),
    renew() {
      const before = header;
      header = read(cookie_file);
      return header !== undefined && header !== before;
    },
  };
}

function read(path: string): string | undefined {
  try {
    const pair = readFileSync(path, "utf8").trim();
    return pair === "" || pair.length > MAX_COOKIE ? undefined : basic(pair);
  } catch {
    return undefined;
  }
}
