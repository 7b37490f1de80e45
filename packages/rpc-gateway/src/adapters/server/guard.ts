/** Decides on a request by its head alone, before a byte of its body is read. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type Checked, type GatewayCode, passed, refused } from "../../codes.js";
import type { GatewayClient, GatewayConfig } from "../../config.js";
import { PAYMENT_ID_HEADER } from "../../spend/payment-id.js";

/** A request that may be read. */
export type Admitted = Readonly<{
  client: GatewayClient;
  /** Wallet that its calls go to; null where they go to none. */
  wallet: string | null;
  /** Identity of a payment, from the header. */
  paymentId: string | undefined;
}>;

/** HTTP status of each refusal. */
const STATUS: Readonly<Partial<Record<GatewayCode, number>>> = {
  host_unknown: 403,
  browser_refused: 403,
  header_refused: 400,
  unauthenticated: 401,
  path_unknown: 404,
  wallet_unknown: 404,
  method_not_allowed: 405,
  media_type: 415,
  body_too_large: 413,
  body_incomplete: 408,
  busy: 503,
  closing: 503,
};

/** HTTP status of a refusal that is not of one call. */
export const httpStatusOf = (code: string): number =>
  Object.hasOwn(STATUS, code) ? (STATUS[code as GatewayCode] ?? 400) : 400;

/** Headers that may occur once: two readers could take different ones. */
const SINGLE = new Set([
  ...["host", "authorization", "content-type", "content-length", "transfer-encoding", "origin"],
  ...["content-encoding", "expect", "upgrade", PAYMENT_ID_HEADER],
]);

const MEDIA_TYPES = new Set(["", "application/json", "application/json-rpc", "text/plain"]);
const BASIC = /^Basic ([A-Za-z0-9+/]+={0,2})$/i;
const WALLET_PATH = /^\/wallet\/([A-Za-z0-9._~%-]*)$/;

/** Shortest password: generated ones are longer, and no other is fit to be hashed once. */
const MIN_PASSWORD = 32;

/** Makes the check of a configuration. */
export function createGuard({
  clients,
  hosts,
}: GatewayConfig): (request: IncomingMessage) => Checked<Admitted> {
  const byName = new Map(clients.map((client) => [client.name, client]));
  const allowed = new Set(hosts.map((host) => host.toLowerCase()));
  /** Of each connection, the credentials that were right: they are not hashed for each of its calls. */
  const admitted = new WeakMap<Socket, Readonly<{ header: string; client: GatewayClient }>>();

  function clientOf({ socket, headers }: IncomingMessage): GatewayClient | undefined {
    const { authorization: header = "" } = headers;
    const known = admitted.get(socket);
    if (known?.header === header) return known.client;
    const client = authenticate(byName, header);
    if (client !== undefined) admitted.set(socket, { header, client });
    return client;
  }

  return (request) => {
    const { headers, rawHeaders } = request;
    const head = checkHeaders(headers, rawHeaders);
    if (!head.ok) return head;
    // [REFUSE host_unknown] a name that is not the gateway's: a browser that was led here
    if (!allowed.has(hostOf(headers.host ?? ""))) {
      return refused("host_unknown", "the Host header names another server: add it to hosts");
    }
    // [REFUSE browser_refused] a page in a browser makes the request
    if (headers.origin !== undefined || headers["sec-fetch-site"] !== undefined) {
      return refused("browser_refused", "browsers are not served: call from a program");
    }
    const client = clientOf(request);
    // [REFUSE unauthenticated] no client, or the wrong password
    if (client === undefined) {
      return refused("unauthenticated", "user or password is wrong: use those of a client");
    }
    // [REFUSE method_not_allowed] no POST
    if (request.method !== "POST") return refused("method_not_allowed", "send a POST request");
    const wallet = walletOf(request.url ?? "", client);
    if (!wallet.ok) return wallet;
    const type = (headers["content-type"] ?? "").split(";")[0] ?? "";
    // [REFUSE media_type] no JSON
    if (!MEDIA_TYPES.has(type.trim().toLowerCase())) {
      return refused("media_type", "Content-Type is neither application/json nor text/plain");
    }
    const paymentId = headers[PAYMENT_ID_HEADER];
    return passed({
      client,
      wallet: wallet.value,
      paymentId: typeof paymentId === "string" ? paymentId : undefined,
    });
  };
}

function checkHeaders(
  headers: IncomingMessage["headers"],
  rawHeaders: readonly string[],
): Checked<null> {
  const names = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  const isTwice = names.some((name, i) => SINGLE.has(name) && names.indexOf(name) < i);
  const coding = headers["transfer-encoding"];
  const isCoded = coding !== undefined && coding !== "chunked";
  const encoding = headers["content-encoding"];
  const isEncoded = encoding !== undefined && encoding !== "identity";
  const isOther = headers.upgrade !== undefined || names.includes("trailer");
  // [REFUSE header_refused] a header twice, a transfer coding but chunked, a compressed body, an upgrade
  return isTwice || isCoded || isEncoded || isOther
    ? refused("header_refused", "a header is there twice, or asks for what the gateway does not do")
    : passed(null);
}

/** The name without its port. */
const hostOf = (host: string): string => host.toLowerCase().replace(/:\d{1,5}$/, "");

function authenticate(
  clients: ReadonlyMap<string, GatewayClient>,
  header: string,
): GatewayClient | undefined {
  const encoded = BASIC.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  if (colon < 0) return undefined;
  const client = clients.get(pair.slice(0, colon));
  const password = pair.slice(colon + 1);
  if (client === undefined || password.length < MIN_PASSWORD) return undefined;
  const [salt = "", expected = ""] = client.password_sha256.split(":");
  return timingSafeEqual(Buffer.from(hashOf(salt, password)), Buffer.from(expected))
    ? client
    : undefined;
}

const hashOf = (salt: string, password: string): string =>
  createHash("sha256").update(`${salt}:${password}`).digest("hex");

/** The wallet of a path: exactly `/`, or `/wallet/` and a name of the client's own. */
function walletOf(path: string, { wallets }: GatewayClient): Checked<string | null> {
  if (path === "/") return passed(wallets[0] ?? null);
  const written = WALLET_PATH.exec(path)?.[1];
  // [REFUSE path_unknown] another path: REST, a doubled slash, an encoded one
  if (written === undefined) {
    return refused("path_unknown", "the path is neither / nor /wallet/ and a name");
  }
  const wallet = wallets.find((name) => encodeURIComponent(name) === written || name === written);
  // [REFUSE wallet_unknown] a wallet that is not this client's
  if (wallet === undefined) {
    return refused("wallet_unknown", "the wallet is none of this client's: add it to its wallets");
  }
  return passed(wallet);
}

/**
 * The entry `password_sha256` of a client.
 *
 * @param password generated, at least 32 characters
 * @param salt 16 random bytes
 * @throws RangeError where the password is shorter, or the salt has another length
 */
export function hashPassword(password: string, salt: Uint8Array): string {
  if (password.length < MIN_PASSWORD) {
    throw new RangeError(`a password has at least ${MIN_PASSWORD} characters: generate one`);
  }
  if (salt.length !== 16) throw new RangeError("the salt is 16 random bytes");
  const text = Buffer.from(salt).toString("hex");
  return `${text}:${hashOf(text, password)}`;
}

/** The node's path of a wallet. */
export const pathOf = (wallet: string | null): string =>
  wallet === null ? "/" : `/wallet/${encodeURIComponent(wallet)}`;
