/** The base of all error classes, this package's own error class, and the result of what can fail. */
import { ownMember } from "./internal/own.js";

/**
 * A value, or what is wrong (`code`) and where (`path`, a JSON Pointer; `""` is the whole input).
 *
 * @example const result: Result<number> = { ok: false, code: "invalid_value", path: "/a" };
 */
export type Result<T, Code extends string = string> =
  Readonly<{ ok: true; value: T }> | Readonly<{ ok: false; code: Code; path: string }>;

/** What an error of a layer carries besides its message. */
export type ErrorFacts<Code extends string = string> = Readonly<{
  /** Stable, for programs. */
  code: Code;
  /** JSON Pointer, or a file's path where the class documents that; `""` is the whole input. */
  path?: string | undefined;
  /** What is wrong, in English: for people, and not stable. */
  detail?: string | undefined;
  /** The exception that led to this one. */
  cause?: unknown;
}>;

/**
 * The base class of all errors that packages of the Shield throw: callers match `code`, never the message.
 *
 * @param facts read once, own members alone
 * @param message `<detail> at <path>` by default; the code stands for a missing detail
 * @example new ShieldError({ code: "invalid_config", path: "/a", detail: "not a number" }).message // "not a number at /a"
 */
export class ShieldError<Code extends string = string> extends Error {
  override readonly name: string = "ShieldError";
  readonly code: Code;
  readonly path: string | undefined;
  readonly detail: string | undefined;

  constructor(facts: ErrorFacts<Code>, message?: string) {
    const { code } = facts;
    const path = ownMember(facts, "path") as string | undefined;
    const detail = ownMember(facts, "detail") as string | undefined;
    const cause = ownMember(facts, "cause");
    super(message ?? describe(detail ?? code, path), cause === undefined ? undefined : { cause });
    this.code = code;
    this.path = path;
    this.detail = detail;
  }
}

const describe = (detail: string, path: string | undefined): string =>
  path === undefined || path === "" ? detail : `${detail} at ${path}`;

/** Why input was refused. Codes are stable. */
export type ContractErrorCode =
  | "payload_too_large"
  | "depth_exceeded"
  | "duplicate_key"
  | "bad_number"
  | "invalid_json"
  | "invalid_utf8"
  | "byte_order_mark"
  | "lone_surrogate"
  | "noncharacter"
  | "forbidden_key"
  | "not_plain"
  | "cycle"
  | "invalid_amount"
  | "invalid_decimal"
  | "invalid_envelope";

/** Refused input: what is wrong (`code`) and where (`path`, a JSON Pointer; `""` is the whole input). */
export class ContractError extends ShieldError<ContractErrorCode> {
  override readonly name = "ContractError";
  declare readonly path: string;

  constructor(code: ContractErrorCode, path: string, detail: string, cause?: unknown) {
    super({ code, path, detail, cause });
  }
}
