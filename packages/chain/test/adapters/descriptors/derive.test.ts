import { describe, expect, it } from "vitest";
import { checksumOf } from "../../../src/adapters/descriptors/checksum.js";
import { deriveOwnScripts, descriptorFault } from "../../../src/adapters/descriptors/index.js";
import { readKey } from "../../../src/adapters/descriptors/keys.js";
import { writePoint } from "../../../src/adapters/descriptors/secp256k1.js";
import { asTestKey, XPUB } from "../../support/descriptors.js";
import { bitcoin, digibyte, digibyteRegtest, litecoin } from "../../../src/index.js";

/** BIP 32, test vector 1: m/0'/1 is the child 1 of m/0'. */
const CHILD =
  "xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq527Hqck2AxYysAA7xmALppuCkwQ";
/** BIP 32, test vectors 1 and 2: a key, its index, and the child that they list. */
const BIP32 = [
  [XPUB, 1, CHILD],
  [
    "xpub6D4BDPcP2GT577Vvch3R8wDkScZWzQzMMUm3PWbmWvVJrZwQY4VUNgqFJPMM3No2dFDFGTsxxpG5uJh7n7epu4trkrX7x7DogT5Uv6fcLW5",
    2,
    "xpub6FHa3pjLCk84BayeJxFW2SP4XRrFd1JYnxeLeU8EqN3vDfZmbqBqaGJAyiLjTAwm6ZLRQUMv1ZACTj37sR62cfN7fe5JnJ7dh8zL4fiyLHV",
  ],
  [
    "xpub6FHa3pjLCk84BayeJxFW2SP4XRrFd1JYnxeLeU8EqN3vDfZmbqBqaGJAyiLjTAwm6ZLRQUMv1ZACTj37sR62cfN7fe5JnJ7dh8zL4fiyLHV",
    1_000_000_000,
    "xpub6H1LXWLaKsWFhvm6RVpEL9P4KfRZSW7abD2ttkWP3SSQvnyA8FSVqNTEcYFgJS2UaFcxupHiYkro49S8yGasTvXEYBVPamhGW6cFJodrTHy",
  ],
  [
    "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB",
    0,
    "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH",
  ],
  [
    "xpub6ASAVgeehLbnwdqV6UKMHVzgqAG8Gr6riv3Fxxpj8ksbH9ebxaEyBLZ85ySDhKiLDBrQSARLq1uNRts8RuJiHjaDMBU4Zn9h8LZNnBC5y4a",
    1,
    "xpub6DF8uhdarytz3FWdA8TvFSvvAh8dP3283MY7p2V4SeE2wyWmG5mg5EwVvmdMVCQcoNJxGoWaU9DCWh89LojfZ537wTfunKau47EL2dhHKon",
  ],
] as const;
/** BIP 86: account 0 of the seed "abandon … about", and the output scripts that it lists. */
const BIP86 =
  "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ";
const BIP86_SCRIPTS = [
  [0, 0, "5120a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c"],
  [0, 1, "5120a82f29944d65b86ae6b5e5cc75e294ead6c59391a1edc5e016e3498c67fc7bbb"],
  [1, 0, "5120882d74e5d0572d5a816cef0041a96b6c1de832f6f9676d9605c44d5e9a97d3dc"],
] as const;

const keyOf = (text: string) => {
  const key = readKey(text);
  if (typeof key === "string") throw new Error(key);
  return Buffer.from(writePoint(key.at(0)!)).toString("hex");
};

const own = (input: unknown, options = {}) => {
  const derived = deriveOwnScripts(input, options);
  if (!derived.ok) throw new Error(`${derived.path} ${derived.detail}`);
  return derived.value;
};

const refusal = (input: unknown, options = {}) => {
  const fault = descriptorFault(input, options);
  if (fault !== null) expect(deriveOwnScripts(input, options)).toEqual(fault);
  return fault === null ? "none" : `${fault.path} ${fault.detail}`;
};

describe("readKey", () => {
  it.each(BIP32)("derives the child keys of BIP 32: %s/%i", (parent, index, child) => {
    expect(keyOf(`${parent}/${index}`)).toBe(keyOf(child));
    expect(keyOf(`${parent}/${index + 1}`)).not.toBe(keyOf(child));
    // Chain codes as well: further children are those of the child.
    expect(keyOf(`${parent}/${index}/5`)).toBe(keyOf(`${child}/5`));
  });

  it.each([
    ["5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss", "private_key"],
    ["cVpF924EspNh8KjYsfhgY96mmxvT6DgdWiTYMtMjuM74hJaU5psW", "private_key"],
    [
      "xprv9uPDJpEQgRQfDcW7BkF7eTya6RPxXeJCqCJGHuCJ4GiRVLzkTXBAJMu2qaMWPrS7AANYqdq6vcBcBUdJCVVFceUvJFjaPdGZ2y9WACViL4L/0",
      "private_key",
    ],
    [`${XPUB}/0'/1`, "hardened"],
    [`${XPUB}/*'`, "hardened"],
    [`${XPUB}/*h`, "hardened"],
    [`${XPUB}/2147483648`, "unreadable"],
    [`${XPUB}/01`, "unreadable"],
    [`${XPUB.slice(0, -1)}x`, "unreadable"],
    ["02" + "ff".repeat(32), "unreadable"],
    ["04" + "11".repeat(64), "unreadable"],
    ["", "unreadable"],
  ])("refuses %s", (text, fault) => {
    expect(readKey(text)).toBe(fault);
  });
});

describe("checksumOf", () => {
  it("computes the checksum of BIP 380", () => {
    expect(checksumOf("raw(deadbeef)")).toBe("89f8spxm");
    expect(checksumOf("raw(deædbeef)")).toBeUndefined();
  });
});

describe("deriveOwnScripts", () => {
  it.each(BIP86_SCRIPTS)("derives Taproot scripts of BIP 86: %i/%i", (chain, index, script) => {
    const derived = own([{ desc: `tr(${BIP86}/${chain}/*)`, range: [index, index] }]);
    expect([...derived]).toEqual([script]);
  });

  it("derives the range that is stated, and nothing beyond it", () => {
    const some = own([{ desc: `tr(${BIP86}/0/*)`, range: [0, 0] }]);
    expect([some.size, some.has(BIP86_SCRIPTS[1][2])]).toEqual([1, false]);
    expect(own({ descriptors: [{ desc: `pkh(${XPUB}/*)`, range: 9 }] }).size).toBe(10);
  });

  it.each([
    [["raw(deadbeef)"], "/0"],
    [["wpkh()"], "/0"],
    [[`wpkh(${XPUB}/0/*)#aaaaaaaa`], "checksum"],
    [[`tr(${XPUB}/0/*,pk(${XPUB}))`], "only pkh"],
    [[`wsh(multi(3,${XPUB}/0,${XPUB}/1))`], "only pkh"],
    [[`wsh(multi(0,${XPUB}/0))`], "only pkh"],
    [[`wsh(pkh(${XPUB}))`], "only pkh"],
    [[`sh(pkh(${XPUB}))`], "only pkh"],
    [[`combo(${XPUB})`], "only pkh"],
    [[`addr(bc1qexample)`], "only pkh"],
    [[`wpkh(${XPUB}/<0;1>/*)`], "cannot be read"],
    [[{ desc: `wpkh(${XPUB}/*)`, range: [0, 200_000] }], "range"],
    [[{ desc: `wpkh(${XPUB}/*)`, range: [5, 2] }], "range"],
    [[], "no list"],
    [{ descriptors: [] }, "no list"],
    [null, "no list"],
  ])("refuses %j", (input, words) => {
    expect(refusal(input)).toContain(words);
  });

  it("takes the extended keys of the chain alone, and no more scripts than are asked for", () => {
    const [main, test] = [`wpkh(${XPUB}/*)`, `wpkh(${asTestKey(XPUB)}/*)`];
    for (const chain of [digibyte, bitcoin, litecoin]) {
      expect(refusal([main], { chain })).toBe("none");
      expect(refusal([test], { chain })).toContain("another chain");
      expect(refusal([`sh(multi(1,${XPUB}/0,${asTestKey(XPUB)}/0))`], { chain })).toContain(
        "/0 a key",
      );
    }
    expect(refusal([main], { chain: digibyteRegtest })).toContain("another chain");
    expect(refusal([test], { chain: digibyteRegtest })).toBe("none");
    expect(refusal([main], { chain: { name: "other" } })).toContain("another chain");
    const ten = { desc: main, range: [0, 9] };
    expect(refusal([ten], { maxScripts: 10 })).toBe("none");
    expect(refusal([ten, { desc: `pkh(${XPUB}/1)` }], { maxScripts: 10 })).toContain("/1/range");
  });

  it("names no key in a refusal, and never throws", () => {
    const secret = "cVpF924EspNh8KjYsfhgY96mmxvT6DgdWiTYMtMjuM74hJaU5psW";
    expect(refusal([`wpkh(${secret})`])).toBe(
      "/0 it has a private key: give the public descriptor",
    );
    const hostile = new Proxy([], {
      get() {
        throw new Error("hostile");
      },
    });
    for (const input of [hostile, undefined, 7, "x", [null], [{ desc: 7 }], { descriptors: {} }]) {
      expect(deriveOwnScripts(input).ok).toBe(false);
    }
  });
});
