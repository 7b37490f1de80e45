/** IP addresses as numbers, and the IPv4 address that an IPv6 address of a transition technique carries. */

const DECIMAL_BYTE = /^(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])$/;
const HEX_GROUP = /^[0-9a-f]{1,4}$/;
const GROUPS = 8;

/** The four bytes of an IPv4 address in dotted decimal; undefined for any other text. */
export function ipv4Of(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => DECIMAL_BYTE.test(part))) return undefined;
  return parts.map(Number);
}

/**
 * The eight 16-bit groups of an IPv6 address, with `::` and a dotted IPv4 tail allowed.
 *
 * @param text lower case, without brackets, port and zone
 */
export function ipv6Of(text: string): readonly number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2 || !text.includes(":")) return undefined;
  const [head, tail] = halves.map((half, i) => groupsOf(half, i === halves.length - 1));
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === GROUPS ? head : undefined;
  if (tail === undefined || head.length + tail.length >= GROUPS) return undefined;
  const zeros = Array.from({ length: GROUPS - head.length - tail.length }, () => 0);
  return [...head, ...zeros, ...tail];
}

function groupsOf(half: string, isEnd: boolean): number[] | undefined {
  if (half === "") return [];
  const parts = half.split(":");
  const dotted = isEnd && parts.at(-1)?.includes(".") === true ? parts.pop() : undefined;
  const bytes = dotted === undefined ? [] : ipv4Of(dotted);
  if (bytes === undefined || !parts.every((part) => HEX_GROUP.test(part))) return undefined;
  const groups = parts.map((part) => Number.parseInt(part, 16));
  return [...groups, ...pairsOf(bytes)];
}

const pairsOf = (bytes: readonly number[]): number[] =>
  bytes.flatMap((byte, i) => (i % 2 === 0 ? [byte * 256 + (bytes[i + 1] ?? 0)] : []));

/**
 * The IPv4 address inside an IPv6 address: mapped (`::ffff:0:0/96`), translated (`::ffff:0:0:0/96`), NAT64
 * (`64:ff9b::/96`), 6to4 (`2002::/16`), Teredo (`2001::/32`, inverted).
 */
export function linkedIpv4(groups: readonly number[]): readonly number[] | undefined {
  const [a = 0, b = 0, c = 0, , , , g = 0, h = 0] = groups;
  const isPrefix = (...prefix: readonly number[]): boolean =>
    prefix.every((group, i) => groups[i] === group);
  if (isPrefix(0, 0, 0, 0, 0, 0xffff) || isPrefix(0, 0, 0, 0, 0xffff, 0)) return bytesOf(g, h);
  if (isPrefix(0x64, 0xff9b, 0, 0, 0, 0)) return bytesOf(g, h);
  if (a === 0x2002) return bytesOf(b, c);
  if (isPrefix(0x2001, 0)) return bytesOf(g ^ 0xffff, h ^ 0xffff);
  return undefined;
}

const bytesOf = (...groups: readonly number[]): number[] =>
  groups.flatMap((group) => [group >> 8, group & 0xff]);

/** Whether no route of the public Internet leads to an IPv4 address. */
export function isLocalIpv4([a = 0, b = 0]: readonly number[]): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return true;
  if (a === 100) return b >= 64 && b < 128;
  if (a === 169) return b === 254;
  if (a === 172) return b >= 16 && b < 32;
  if (a === 192) return b === 168;
  return a === 198 && (b === 18 || b === 19);
}

/** Whether no route of the public Internet leads to an IPv6 address (CJDNS and Yggdrasil apart). */
export function isLocalIpv6(groups: readonly number[]): boolean {
  const [a = 0, b = 0, c = 0] = groups;
  if (groups.slice(0, 7).every((group) => group === 0)) return true;
  if ((a & 0xfe00) === 0xfc00 || (a & 0xffc0) === 0xfe80 || (a & 0xffc0) === 0xfec0) return true;
  if ((a & 0xff00) === 0xff00 || (a === 0x64 && b === 0xff9b && c === 1)) return true;
  return a === 0x2001 && ((b & 0xfff0) === 0x10 || (b & 0xfff0) === 0x20);
}
