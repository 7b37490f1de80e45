/** How the decoders stop: an exception inside, a result for callers. */
import type { Result } from "@dgb-shield/contract";
import type { DecodeCode } from "./codes.js";

/** What was decoded, or why not (`code`) and where (`path`, a JSON Pointer; `""` is the whole input). */
export type Decoded<T> = Result<T, DecodeCode>;

/** Ends a decoder; never leaves this subpath. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: DecodeCode;
  readonly path: string;

  constructor(code: DecodeCode, path: string) {
    super(code);
    this.code = code;
    this.path = path;
  }
}

/** Runs a decoder. Whatever it throws becomes a refusal: `malformed` where it is no {@link Refusal}. */
export function decoded<T>(decode: () => T): Decoded<T> {
  try {
    return Object.freeze({ ok: true, value: decode() });
  } catch (error) {
    const { code, path } = error instanceof Refusal ? error : new Refusal("malformed", "");
    return Object.freeze({ ok: false, code, path });
  }
}
