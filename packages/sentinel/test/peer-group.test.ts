import { describe, expect, it } from "vitest";
import { peerGroupOf } from "../src/index.js";

describe("peerGroupOf", () => {
  it.each([
    ["203.0.113.7:12024", "203.0/16"],
    ["203.0.113.7", "203.0/16"],
    ["[2001:db8:1::7]:12024", "2001:db8/32"],
    ["2001:0db8::7", "2001:db8/32"],
    ["[::ffff:203.0.113.7]:12024", "203.0/16"],
    ["[::1]:12024", "0:0/32"],
    ["EXPYUZZ4WQQYQHJN.onion:12024", "onion"],
    ["ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p:0", "i2p"],
    ["node.example:12024", "?node.example"],
    ["", "?"],
    [" \n\u0000:1", "?"],
  ])("%j is of %j", (address, group) => {
    expect(peerGroupOf(address)).toBe(group);
  });

  it("is never longer than 64 characters", () => {
    expect(peerGroupOf("x".repeat(10_000))).toHaveLength(64);
  });
});
