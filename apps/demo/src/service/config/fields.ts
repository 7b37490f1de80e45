/** Building blocks of the configuration's schema: paths, addresses, names. */
import { isIP } from "node:net";
import { idSchema } from "@dgb-shield/contract";
import { z } from "zod";

const MAX_PATH = 4_096;

/** A path of a file or folder; relative ones are completed when the configuration is loaded. */
export const pathSchema = z
  .string("give a path")
  .min(1, "give a path")
  .max(MAX_PATH, `give a path of at most ${MAX_PATH} characters`)
  .refine((path) => !/\p{Cc}/u.test(path) && path === path.trim(), {
    error: "give a path without control characters and without blanks around it",
  });

/** An id of a node, a wallet, an operator or a deployment. */
export const idField = z.string("give a name").refine((text) => idSchema.safeParse(text).success, {
  error: "give 1 to 128 characters, no control characters, no white space around them",
});

/** Name of an environment variable. */
export const variableSchema = z
  .string("give the name of an environment variable")
  .regex(
    /^[A-Z_][A-Z0-9_]{0,127}$/,
    "give the name of an environment variable, such as LEDGER_URL",
  );

/** Whether a host name or address is of this machine alone. */
export const isLoopback = (host: string): boolean =>
  /^(localhost|::1|127(\.\d{1,3}){3})$/.test(host);

/** An address, or a network as address and length of its prefix. */
export const networkSchema = z
  .string("give an address, or a network such as 10.0.0.0/8")
  .refine((text) => {
    const [address = "", bits, ...more] = text.split("/");
    const longest = { 4: 32, 6: 128 }[isIP(address)] ?? -1;
    const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest);
    return longest > 0 && isPrefix && bits !== "0" && more.length === 0;
  }, "give an address, or a network such as 10.0.0.0/8; not every address there is");

/** A host name or address to listen on. */
export const hostSchema = z
  .string("give a host name or an address")
  .regex(/^[A-Za-z0-9.:_-]{1,253}$/, "give a host name or an address, such as 127.0.0.1 or ::1");

/** A host as the `Host` header of a request has it; without a port any port is meant. */
export const hostHeaderSchema = z
  .string("give a host name")
  .regex(
    /^([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])(:\d{1,5})?$/,
    "give a host name in lower case, with its port where it has one, such as shield.example:8480",
  );

/** An origin as the `Origin` header of a browser has it. */
export const originSchema = z
  .string("give an origin")
  .refine((text) => text.length <= 300 && originOf(text) === text, {
    error: "give an origin without a path, such as https://console.example",
  });

function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { origin, protocol } = new URL(text);
  return protocol === "http:" || protocol === "https:" ? origin : undefined;
}

/** A node's RPC address. */
export const nodeUrlSchema = z.string("give the node's RPC address").refine(isNodeUrl, {
  error:
    "give an http:// or https:// address such as http://127.0.0.1:14022, without user, password, query and fragment",
});

function isNodeUrl(text: string): boolean {
  if (text.length > 2_048 || !URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === "";
}

/** A server's address with one of some schemes. */
export const serverUrlSchema = (schemes: readonly string[], example: string) =>
  z.string(`give an address such as ${example}`).refine((text) => isServerUrl(text, schemes), {
    error: `give an address such as ${example}`,
  });

const isServerUrl = (text: string, schemes: readonly string[]): boolean =>
  text.length <= 2_048 &&
  URL.canParse(text) &&
  schemes.includes(new URL(text).protocol.slice(0, -1)) &&
  (new URL(text).hostname !== "" || new URL(text).searchParams.has("host"));

/** Whether an address holds a password, or a token: what NATS has in the place of a user alone. */
export function hasSecret(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password, searchParams } = new URL(url);
  const isToken = !protocol.startsWith("postgres") && username !== "";
  return password !== "" || isToken || searchParams.has("password");
}

/** Subjects of NATS, without wildcards. */
export const subjectSchema = z
  .string("give a subject")
  .max(200)
  .regex(
    /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/,
    "give words with points between, such as shield.events",
  );

/** Name of a PostgreSQL schema. */
export const schemaNameSchema = z
  .string("give the name of a schema")
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, "give a plain name in lower case, such as guardian");

/** Name of a JetStream stream. */
export const streamSchema = z
  .string("give the name of a stream")
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "give letters, digits, - and _, such as shield_signals");

/** One of some words. */
export const word = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, `give one of ${words.join(", ")}`);

/** A whole number within bounds, both included. */
export function whole(least: number, most: number) {
  const error = `give a whole number from ${least} to ${most}`;
  return z.int(error).min(least, error).max(most, error);
}

/** True or false. */
export const flag = () => z.boolean("give true or false");

/** An object whose members are all defaults. */
export const nothing = (): object => ({});
