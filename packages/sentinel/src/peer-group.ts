/** The network group of a peer's address: what one operator can easily have much of (design: layer 1). */

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/;
const OVERLAY = /\.(onion|i2p)$/;
const PORT = /^(.*):\d{1,5}$/s;
const IPV6 = /^[0-9a-f:.]{2,45}$/;
const BRACKETS = /^\[(.*)\](?::\d{1,5})?$/;
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/;

/** Longest group; an address that is no address is cut to it. */
const MAX_GROUP = 64;

/**
 * The network group of an address as `getpeerinfo` gives it, with or without port: /16 of IPv4, /32 of
 * IPv6, and for hidden services the network as a whole, whose addresses cost nothing.
 *
 * @returns 1–64 characters; of text that is no address a group of its own
 * @example peerGroupOf("203.0.113.7:12024") // "203.0/16"
 */
export function peerGroupOf(address: string): string {
  const host = hostOf(address.toLowerCase());
  const overlay = OVERLAY.exec(host)?.[1];
  if (overlay !== undefined) return overlay;
  const mapped = MAPPED.exec(host)?.[1] ?? host;
  const [, a, b] = IPV4.exec(mapped) ?? [];
  if (a !== undefined && b !== undefined) return `${a}.${b}/16`;
  if (host.includes(":") && IPV6.test(host)) return `${firstGroups(host)}/32`;
  return printable(host);
}

function hostOf(address: string): string {
  const bracketed = BRACKETS.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  const isBareIpv6 = address.indexOf(":") !== address.lastIndexOf(":");
  return isBareIpv6 ? address : (PORT.exec(address)?.[1] ?? address);
}

/** The first two of eight 16-bit groups, leading zeros left out. */
function firstGroups(host: string): string {
  const head = host.split("::")[0] ?? "";
  const [first = "0", second = "0"] = head === "" ? [] : head.split(":");
  return [first, second].map((group) => group.replace(/^0+(?=.)/, "")).join(":");
}

const printable = (host: string): string =>
  `?${host.replace(/[^a-z0-9.-]/g, "").slice(0, MAX_GROUP - 1)}`;
