/** What approvers, thresholds and the key of tokens must have in common. */
import { CHAINS } from "@dgb-shield/chain";
import { isPublicPoint } from "@dgb-shield/contract/ed25519";
import type { Fault } from "./fault.js";

type Fields = Readonly<Record<string, unknown>>;

const KEY = /^[A-Za-z0-9_-]{43}$/;

/**
 * Lists what contradicts each other, or could not be used, in the sections of signing.
 *
 * @param config of any form
 */
export function signingFaults({ approvers, token, chain }: Fields): Fault[] {
  const keys = (Array.isArray(approvers) ? approvers : []).filter(isObject);
  const isUsed = keys.length > 0 || token !== undefined;
  return [
    ...(isUsed && !hasGenesis(chain)
      ? [
          fault(
            ["chain"],
            "its first block is not known, and approvals name their chain by it",
            "use a chain whose genesis is known, or remove approvers and token",
          ),
        ]
      : []),
    ...keys.flatMap((key, at) => [
      ...keyFaults(key["public_key"], ["approvers", at, "public_key"]),
      ...["key_id", "public_key"]
        .filter((name) => keys.findIndex((other) => other[name] === key[name]) < at)
        .map((name) =>
          fault(["approvers", at, name], "another approver has it", "give each key once"),
        ),
    ]),
    ...(isObject(token) ? tokenFaults(token, keys) : []),
  ];
}

function tokenFaults(token: Fields, approvers: readonly Fields[]): Fault[] {
  const { key_file, command, public_key } = token;
  const own = approvers.some((key) => public_key !== undefined && key["public_key"] === public_key);
  return [
    ...((key_file === undefined) === (command === undefined)
      ? [
          fault(
            ["token", "key_file"],
            "it has no key, or two",
            "give key_file, or command with public_key",
          ),
        ]
      : []),
    ...((command === undefined) === (public_key === undefined)
      ? []
      : [
          fault(
            ["token", "command"],
            "command and public_key belong together",
            "give both, or key_file",
          ),
        ]),
    ...(public_key === undefined ? [] : keyFaults(public_key, ["token", "public_key"])),
    ...(own
      ? [
          fault(
            ["token", "public_key"],
            "it is an approver's key: who holds the service would approve",
            "give the service a key of its own",
          ),
        ]
      : []),
  ];
}

/** A key that is malformed by itself is the schema's matter. */
function keyFaults(key: unknown, path: readonly PropertyKey[]): Fault[] {
  if (typeof key !== "string" || !KEY.test(key)) return [];
  const bytes = Buffer.from(key, "base64url");
  return bytes.toString("base64url") === key && isPublicPoint(bytes)
    ? []
    : [fault(path, "it is no Ed25519 public key", "copy it again from where it was made")];
}

const hasGenesis = (name: unknown): boolean =>
  CHAINS.some((chain) => chain.name === name && chain.genesis !== undefined);

const fault = (path: readonly PropertyKey[], problem: string, remedy: string): Fault => ({
  ...{ path, problem, remedy },
});

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
