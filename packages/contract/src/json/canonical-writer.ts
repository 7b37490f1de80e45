/**
 * Writes canonical form by the letter of RFC 8785, and checks the value part by part with its path. The
 * authority: the fast ways of `fast/` are held against it.
 */
import { ContractError } from "../errors.js";
import { LIMITS } from "../limits.js";
import { hasNoncharacter } from "./text.js";
import { isExact } from "./reader.js";
import { ownData } from "../internal/own.js";
import { childPointer } from "./pointer.js";

/**
 * Writes the canonical text of a plain value.
 *
 * @throws ContractError with the JSON Pointer of the first error
 */
export const writeCanonical = (value: unknown): string =>
  write(value, "", { ancestors: [], left: LIMITS.maxPayloadBytes });

/**
 * State of one canonicalization: the containers around a value, and how many characters may still be
 * written. A small object that shares its parts can have an endless text.
 */
type Progress = { readonly ancestors: object[]; left: number };

export const tooLarge = (): ContractError =>
  new ContractError("payload_too_large", "", "canonical form is too large");

function spend(progress: Progress, text: string): string {
  progress.left -= text.length;
  if (progress.left < 0) throw tooLarge();
  return text;
}

function write(value: unknown, path: string, progress: Progress): string {
  switch (typeof value) {
    case "string":
      return spend(progress, writeString(value, path));
    case "number":
      return spend(progress, writeNumber(value, path));
    case "boolean":
      return spend(progress, value ? "true" : "false");
    case "object":
      return value === null ? spend(progress, "null") : writeContainer(value, path, progress);
    default:
      throw new ContractError("not_plain", path, `a ${typeof value} is not JSON`);
  }
}

function writeString(value: string, path: string): string {
  if (!value.isWellFormed()) {
    throw new ContractError("lone_surrogate", path, "lone surrogate in a string");
  }
  if (hasNoncharacter(value)) {
    throw new ContractError("noncharacter", path, "noncharacter in a string");
  }
  return JSON.stringify(value);
}

function writeNumber(value: number, path: string): string {
  if (!isExact(value)) {
    throw new ContractError("bad_number", path, `${value} is not an exact JSON number`);
  }
  return JSON.stringify(value);
}

function writeContainer(value: object, path: string, progress: Progress): string {
  const { ancestors } = progress;
  if (ancestors.includes(value)) throw new ContractError("cycle", path, "value contains itself");
  if (ancestors.length >= LIMITS.maxDepth) {
    throw new ContractError("depth_exceeded", path, `deeper than ${LIMITS.maxDepth}`);
  }
  ancestors.push(value);
  spend(progress, "[]");
  const text = Array.isArray(value)
    ? writeArray(value, path, progress)
    : writeObject(value, path, progress);
  ancestors.pop();
  return text;
}

function writeArray(value: unknown[], path: string, progress: Progress): string {
  const names = Object.getOwnPropertyNames(value);
  if (Object.getPrototypeOf(value) !== Array.prototype || names.length !== value.length + 1) {
    throw new ContractError("not_plain", path, "not a plain, dense array");
  }
  let text = "";
  for (let i = 0; i < value.length; i++) {
    const itemPath = childPointer(path, i);
    text += `${i === 0 ? "" : ","}${write(memberOf(value, String(i), itemPath), itemPath, progress)}`;
  }
  return `[${text}]`;
}

function writeObject(value: object, path: string, progress: Progress): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new ContractError("not_plain", path, "not a plain object");
  }
  let text = "";
  for (const key of Object.getOwnPropertyNames(value).sort()) {
    const memberPath = childPointer(path, key);
    if (key === "__proto__") {
      throw new ContractError("forbidden_key", memberPath, "__proto__ is not allowed as a key");
    }
    const name = spend(progress, writeString(key, memberPath));
    const member = write(memberOf(value, key, memberPath), memberPath, progress);
    text += `${text === "" ? "" : ","}${name}:${member}`;
  }
  return `{${text}}`;
}

function memberOf(value: object, key: string, path: string): unknown {
  const member = ownData(value, key);
  if (member === undefined) {
    throw new ContractError("not_plain", path, "accessor, hidden or missing property");
  }
  return member.value;
}
