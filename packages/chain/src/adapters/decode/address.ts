/** Addresses and their scripts, both ways, by the parameters of a chain. */
import { base58, bech32, bech32m } from "@scure/base";
import { CHAINS } from "../../chains.js";
import type { AddressFormat, ChainParameters } from "../../parameters.js";
import { bytesOfHex, doubleSha256, equalBytes, hexOf } from "./bytes.js";
import type { DecodeCode } from "./codes.js";
import { type Decoded, decoded, Refusal } from "./refusal.js";
import {
  keyHashIn,
  kindOf,
  kindOfProgram,
  type OutputKind,
  p2pkhScript,
  p2shScript,
  scriptHashIn,
  witnessProgramIn,
  witnessScript,
} from "./script.js";

/** An address of a chain. */
export type DecodedAddress = Readonly<{
  /** Its script, as hexadecimal text: what two spellings of a destination have in common. */
  script: string;
  kind: OutputKind;
  /** The spelling that the chain's wallets write first. */
  address: string;
}>;

const MAX_BECH32 = 90;
/** Longest Base58Check text of 25 bytes. */
const MAX_BASE58 = 35;
/** Longest script that an address stands for, in bytes. */
const MAX_SCRIPT = 42;
const CHECKSUM_BYTES = 4;
const HASH_PAYLOAD = 21;
const MWEB = /^[a-z]{1,16}mweb1/i;
/** Two bytes, a Taproot key and the checksum, in Base58. */
const DIGIDOLLAR = /^[DTR]D[1-9A-HJ-NP-Za-km-z]{48,51}$/;

/** Prefixes of all chains of this package, by which a text is recognised as Bech32. */
const HRPS: ReadonlySet<string> = new Set(
  CHAINS.flatMap(({ addresses }) => (addresses === undefined ? [] : [addresses.hrp])),
);

/**
 * Decodes an address of a chain: Base58Check of a key's or script's hash, Bech32 of witness version 0, Bech32m of Taproot.
 * Other witness versions, addresses of other networks, of a MimbleWimble extension block and of DigiDollar are refused.
 *
 * @param chain whose `addresses` count
 * @param text the address; nothing is trimmed
 * @returns script, form and usual spelling, or a code; never throws
 * @example decodeAddress(digibyte, "DGB1Q…") // { ok: true, value: { script: "0014…", kind: "p2wpkh", address: "dgb1q…" } }
 */
export const decodeAddress = (chain: ChainParameters, text: string): Decoded<DecodedAddress> =>
  decoded(() => {
    const format = formatOf(chain);
    const script = scriptBytes(format, text);
    const address = writtenAddress(format, script);
    if (address === null) throw refusal("address_unreadable");
    return Object.freeze({ script: hexOf(script), kind: kindOf(script), address });
  });

/**
 * Makes the port `scriptOf` of Wallet Guardian for a chain.
 *
 * @returns an address's script as hexadecimal text; null where {@link decodeAddress} refuses
 * @example createGuardian({ scriptOf: createScriptOf(digibyte), … })
 */
export const createScriptOf =
  (chain: ChainParameters) =>
  (address: string): string | null => {
    // Every script that an address was read to has an address again, which is not written here.
    const script = decoded(() => hexOf(scriptBytes(formatOf(chain), address)));
    return script.ok ? script.value : null;
  };

/**
 * Writes the address of a script.
 *
 * @param script hexadecimal text
 * @returns null where the script has no address: a bare key, data, an unknown witness program, any other script
 * @example addressOf(digibyte, "0014751e76e8199196d454941c45d1b3a323f1433bd6") // "dgb1qw508d6qejxtdg4y5r3zarvary0c5xw7k…"
 */
export function addressOf(chain: ChainParameters, script: string): string | null {
  const format = chain.addresses;
  if (format === undefined) return null;
  const bytes = decoded(() => bytesOfHex(script, MAX_SCRIPT));
  return bytes.ok ? writtenAddress(format, bytes.value) : null;
}

const refusal = (code: DecodeCode) => new Refusal(code, "");

function formatOf({ addresses }: ChainParameters): AddressFormat {
  // [REFUSE address_format_missing] parameters without addresses
  if (addresses === undefined) throw refusal("address_format_missing");
  return addresses;
}

/** The address of a script's bytes, by a chain's format. */
export function writtenAddress(format: AddressFormat, script: Uint8Array): string | null {
  const witness = witnessProgramIn(script);
  if (witness !== undefined) {
    if (kindOfProgram(witness) === "witness_unknown") return null;
    const coder = witness.version === 0 ? bech32 : bech32m;
    return coder.encode(format.hrp, [witness.version, ...coder.toWords(witness.program)]);
  }
  const keyHash = keyHashIn(script);
  if (keyHash !== undefined) return base58Check(format.p2pkh_version, keyHash);
  const scriptHash = scriptHashIn(script);
  const [version] = format.p2sh_versions;
  return scriptHash === undefined || version === undefined
    ? null
    : base58Check(version, scriptHash);
}

function base58Check(version: number, hash: Uint8Array): string {
  const payload = Uint8Array.of(version, ...hash);
  return base58.encode(
    Uint8Array.of(...payload, ...doubleSha256(payload).subarray(0, CHECKSUM_BYTES)),
  );
}

function scriptBytes(format: AddressFormat, text: unknown): Uint8Array {
  if (typeof text !== "string") throw refusal("address_unreadable");
  // [REFUSE address_mweb] an address of an extension block, whatever its checksum
  if (MWEB.test(text)) throw refusal("address_mweb");
  if (text.length > MAX_BECH32) throw refusal("address_unreadable");
  return isBech32(format, text) ? bech32Script(format, text) : base58Script(format, text);
}

/** Whether a text is Bech32 by its prefix, or by its checksum. */
function isBech32({ hrp }: AddressFormat, text: string): boolean {
  const lower = text.toLowerCase();
  const prefix = lower.slice(0, Math.max(0, lower.lastIndexOf("1")));
  return (
    prefix === hrp ||
    HRPS.has(prefix) ||
    bech32.decodeUnsafe(text) !== undefined ||
    bech32m.decodeUnsafe(text) !== undefined
  );
}

function bech32Script(format: AddressFormat, text: string): Uint8Array {
  // [REFUSE address_mixed_case] BIP 173 allows all small or all capital letters
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) {
    throw refusal("address_mixed_case");
  }
  const plain = bech32.decodeUnsafe(text);
  // No text has both checksums, and what fails costs more than what is decoded.
  const found = plain ?? bech32m.decodeUnsafe(text);
  // [REFUSE address_checksum] neither of Bech32 nor of Bech32m, that of the other, or of Base58Check
  if (found === undefined) throw refusal("address_checksum");
  // [REFUSE address_network] a prefix or version of another chain or network
  if (found.prefix !== format.hrp) throw refusal("address_network");
  const [version = -1, ...words] = found.words;
  if ((version === 0) !== (plain !== undefined)) throw refusal("address_checksum");
  const program = bech32.fromWordsUnsafe(words);
  // [REFUSE address_witness_program] a version above 1, or a length without rules
  if (program === undefined || version < 0 || version > 16) {
    throw refusal("address_witness_program");
  }
  const witness = { version, program };
  if (kindOfProgram(witness) === "witness_unknown") throw refusal("address_witness_program");
  return witnessScript(witness);
}

function base58Script(format: AddressFormat, text: string): Uint8Array {
  const bytes = base58Bytes(text);
  const payload = bytes.subarray(0, -CHECKSUM_BYTES);
  const checksum = doubleSha256(payload).subarray(0, CHECKSUM_BYTES);
  if (!equalBytes(checksum, bytes.subarray(-CHECKSUM_BYTES))) throw refusal("address_checksum");
  // [REFUSE address_digidollar] two bytes and a key: an address of the second asset
  if (DIGIDOLLAR.test(text)) throw refusal("address_digidollar");
  if (payload.length !== HASH_PAYLOAD || text.length > MAX_BASE58) {
    throw refusal("address_unreadable");
  }
  const [version = -1] = payload;
  const hash = payload.subarray(1);
  if (version === format.p2pkh_version) return p2pkhScript(hash);
  if (format.p2sh_versions.includes(version)) return p2shScript(hash);
  throw refusal("address_network");
}

function base58Bytes(text: string): Uint8Array {
  // [REFUSE address_unreadable] other characters, another length, no text
  const invalid = refusal("address_unreadable");
  let bytes: Uint8Array;
  try {
    bytes = base58.decode(text);
  } catch {
    throw invalid;
  }
  if (bytes.length <= CHECKSUM_BYTES) throw invalid;
  return bytes;
}
