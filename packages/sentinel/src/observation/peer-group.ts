/** Maps a peer's address to its network group: what one operator can easily have much of. */
import { ipv4Of, ipv6Of, isLocalIpv4, isLocalIpv6, linkedIpv4 } from "./ip.js";

/** Group of an address that the public Internet does not route: a private network, the host itself. */
export const NOT_PUBLICLY_ROUTABLE = "not_publicly_routable";

/** Overlay networks, whose addresses cost nothing, and private networks: a node uses them by configuration. */
const CONFIGURED_NETWORKS: ReadonlySet<string> = new Set([
  "onion",
  "i2p",
  "cjdns",
  "yggdrasil",
  NOT_PUBLICLY_ROUTABLE,
]);

/**
 * Whether a group is a whole network that a node uses because its operator configured it to. How many of the
 * peers are in it is no evidence: it neither isolates a node nor shows that it is not isolated.
 */
export const isConfiguredNetwork = (group: string): boolean => CONFIGURED_NETWORKS.has(group);

const OVERLAY_NAME = /\.(onion|i2p)\.?$/;
const PORT = /^(.*):\d{1,5}$/s;
const BRACKETS = /^\[(.*)\](?::\d{1,5})?$/s;
const ZONE = /%.*$/s;

/** Longest group; an address that is no address is cut to it. */
const MAX_GROUP = 64;

/**
 * The network group of an address as `getpeerinfo` gives it, with or without port, brackets and zone: /16 of
 * IPv4, also of the IPv4 address that an IPv6 address carries (mapped, NAT64, 6to4, Teredo); /32 of IPv6;
 * and each overlay network as a whole (`onion`, `i2p`, `cjdns`, `yggdrasil`), whose addresses cost nothing.
 *
 * @param address of the peer
 * @param network `network` of the same entry, where the node gives it: the peer's overlay network counts also
 *   where its address is that of a proxy
 * @returns 1–64 characters; of text that is no address a group of its own
 * @example peerGroupOf("203.0.113.7:12024") // "203.0/16"
 */
export function peerGroupOf(address: string, network?: string): string {
  if (network !== undefined && isConfiguredNetwork(network)) return network;
  const host = hostOf(textOf(address).trim().toLowerCase());
  const overlay = OVERLAY_NAME.exec(host)?.[1];
  if (overlay !== undefined) return overlay;
  const ipv4 = ipv4Of(host);
  if (ipv4 !== undefined) return groupOfIpv4(ipv4);
  const ipv6 = ipv6Of(host.replace(ZONE, ""));
  return ipv6 === undefined ? printable(host) : groupOfIpv6(ipv6);
}

function groupOfIpv4(bytes: readonly number[]): string {
  const [a, b] = bytes;
  return isLocalIpv4(bytes) ? NOT_PUBLICLY_ROUTABLE : `${a}.${b}/16`;
}

function groupOfIpv6(groups: readonly number[]): string {
  const [a = 0, b = 0] = groups;
  const linked = linkedIpv4(groups);
  if (linked !== undefined) return groupOfIpv4(linked);
  if (a >> 8 === 0xfc) return "cjdns";
  if ((a & 0xfe00) === 0x200) return "yggdrasil";
  if (isLocalIpv6(groups)) return NOT_PUBLICLY_ROUTABLE;
  return `${a.toString(16)}:${b.toString(16)}/32`;
}

function hostOf(address: string): string {
  const bracketed = BRACKETS.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  const isBareIpv6 = address.indexOf(":") !== address.lastIndexOf(":");
  return isBareIpv6 ? address : (PORT.exec(address)?.[1] ?? address);
}

const printable = (host: string): string =>
  `?${host.replace(/[^a-z0-9.-]/g, "").slice(0, MAX_GROUP - 1)}`;

/** What is no text is an address that cannot be read. */
const textOf = (address: unknown): string => (typeof address === "string" ? address : "");
