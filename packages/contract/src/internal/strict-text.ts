/** Text that comes from outside, before it is parsed: its size, its encoding, its first character. */
import { ContractError } from "../errors.js";
import { LIMITS } from "../limits.js";
import { isOverPayloadLimit } from "../json/text.js";

const BYTE_ORDER_MARK = "\ufeff";
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text of an input.
 *
 * @param input text, or its UTF-8 bytes; of another type it is no text
 * @throws ContractError `payload_too_large`, `invalid_utf8`, `byte_order_mark`, `invalid_json`
 */
export function strictText(input: unknown): string {
  const text = textOf(input);
  if (isOverPayloadLimit(text)) throw tooLarge();
  if (text.startsWith(BYTE_ORDER_MARK)) {
    throw new ContractError("byte_order_mark", "", "text starts with a byte order mark");
  }
  return text;
}

function textOf(input: unknown): string {
  if (typeof input === "string") return input;
  if (ArrayBuffer.isView(input)) return decode(input as Uint8Array);
  const kind = input === null ? "null" : typeof input;
  throw new ContractError("invalid_json", "", `${kind} is neither text nor bytes`);
}

function decode(bytes: Uint8Array): string {
  if (bytes.byteLength > LIMITS.maxPayloadBytes) throw tooLarge();
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new ContractError("invalid_utf8", "", "bytes are not UTF-8");
  }
}

const tooLarge = (): ContractError =>
  new ContractError("payload_too_large", "", `more than ${LIMITS.maxPayloadBytes} bytes`);
