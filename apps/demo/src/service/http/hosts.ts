/** Checks by which name a request calls, and from which page: against DNS rebinding and foreign pages. */
import type { IncomingHttpHeaders } from "node:http";
import { HttpProblem } from "./problems.js";

/** By which names the service may be called. */
export type Names = Readonly<{
  /** Further hosts; one without a port with any port. */
  allowed_hosts: readonly string[];
  /** Origins of pages that may call. */
  allowed_origins: readonly string[];
  /** Whether it listens on loopback, and is thus called by a loopback name. */
  is_loopback: boolean;
  /** Whether it, or a proxy before it, serves HTTPS: a page's origin may then be https. */
  schemes: readonly ("http" | "https")[];
}>;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/;

/**
 * Checks `Host` and `Origin`.
 *
 * @returns the origin of a foreign page that is allowed; undefined without one
 * @throws HttpProblem `host_not_allowed`, `origin_not_allowed`
 */
export function checkNames(
  { host, origin }: IncomingHttpHeaders,
  names: Names,
): string | undefined {
  const called = host?.toLowerCase() ?? "";
  const [, name = ""] = HOST.exec(called) ?? [];
  const isKnown =
    (names.is_loopback && LOOPBACK.test(name)) ||
    names.allowed_hosts.some((allowed) => allowed === called || allowed === name);
  // [403] another name leads here: a page of it would be of one origin with this service
  if (name === "" || !isKnown) throw new HttpProblem("host_not_allowed");
  if (origin === undefined) return undefined;
  if (names.schemes.some((scheme) => origin === `${scheme}://${called}`)) return undefined;
  if (names.allowed_origins.includes(origin)) return origin;
  // [403] a page of another origin
  throw new HttpProblem("origin_not_allowed");
}

/** Whether a server listens on this machine alone. */
export const isLoopback = (host: string): boolean =>
  /^(localhost|::1|127(\.\d{1,3}){3})$/.test(host);
