import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { peerGroupOf } from "../../src/index.js";

describe("peerGroupOf", () => {
  it.each([
    ["203.0.113.7:12024", "203.0/16"],
    ["203.0.113.7", "203.0/16"],
    ["[2001:db8:1::7]:12024", "2001:db8/32"],
    ["2001:0db8::7", "2001:db8/32"],
    ["[::ffff:203.0.113.7]:12024", "203.0/16"],
    ["[::1]:12024", "not_publicly_routable"],
    ["EXPYUZZ4WQQYQHJN.onion:12024", "onion"],
    ["ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p:0", "i2p"],
    ["node.example:12024", "?node.example"],
    ["", "?"],
    [" \n\u0000:1", "?"],
  ])("%j is of %j", (address, group) => {
    expect(peerGroupOf(address)).toBe(group);
  });

  it.each([
    ["mapped, in hexadecimal", "::ffff:cb00:7107", "203.0/16"],
    ["mapped, written out", "0:0:0:0:0:ffff:203.0.113.7", "203.0/16"],
    ["translated", "::ffff:0:203.0.113.7", "203.0/16"],
    ["NAT64", "[64:ff9b::203.0.113.7]:12024", "203.0/16"],
    ["6to4", "2002:cb00:7107::1", "203.0/16"],
    // Teredo inverts the address: cb00:7107 is 34ff:8ef8.
    ["Teredo", "2001:0:4136:e378:8000:63bf:34ff:8ef8", "203.0/16"],
  ])("finds the IPv4 address in an IPv6 address: %s", (_, address, group) => {
    expect(peerGroupOf(address)).toBe(group);
  });

  it.each([
    ...["fc00::1", "[fc11:1abc::1]:12024", "FCFF:1::"].map((one) => [one, "cjdns"]),
    ...["200::1", "[300:abcd::5]:12024"].map((one) => [one, "yggdrasil"]),
    ...["a.b32.i2p", "A.ONION.", "x.onion:1"].map((one) => [
      one,
      /i2p/i.test(one) ? "i2p" : "onion",
    ]),
    ...[
      "127.0.0.1:8333",
      "10.1.2.3",
      "192.168.7.7:1",
      "172.16.0.1",
      "100.64.0.1",
      "169.254.9.9",
    ].map((one) => [one, "not_publicly_routable"]),
    ...["fd12::1", "fe80::1%eth0", "[fe80::1%25eth0]:1", "::", "::ffff:10.0.0.1"].map((one) => [
      one,
      "not_publicly_routable",
    ]),
  ])("takes %s for %s as a whole", (address, group) => {
    expect(peerGroupOf(address)).toBe(group);
  });

  it("takes an overlay network as the node names it, whatever the address is that of", () => {
    expect(peerGroupOf("127.0.0.1:40000", "onion")).toBe("onion");
    expect(peerGroupOf("203.0.113.7:12024", "ipv4")).toBe("203.0/16");
  });

  it.each(["999.1.1.1", "1.2.3", "01.2.3.4", "1:2:3", "1::2::3", "::g", "1:2:3:4:5:6:7:8:9"])(
    "does not take %s for an address",
    (text) => expect(peerGroupOf(text)).toMatch(/^\?/),
  );

  it("is total", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.anything()), (address) => {
        const group = peerGroupOf(address as string);
        expect(group.length).toBeGreaterThan(0);
        expect(group.length).toBeLessThanOrEqual(64);
      }),
    );
  });

  it("gives every spelling of an IPv6 address one group", () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.nat(65_535), (address, port) => {
        const group = peerGroupOf(address);
        expect(group).not.toMatch(/^\?/);
        expect(peerGroupOf(`[${address.toUpperCase()}]:${port}`)).toBe(group);
      }),
    );
  });

  it("is never longer than 64 characters", () => {
    expect(peerGroupOf("x".repeat(10_000))).toHaveLength(64);
  });
});
