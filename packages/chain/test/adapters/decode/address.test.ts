import { bech32, bech32m, createBase58check } from "@scure/base";
import { sha256 } from "@scure/btc-signer/utils.js";
import { describe, expect, it } from "vitest";
import { addressOf, createScriptOf, decodeAddress } from "../../../src/adapters/decode/index.js";
import {
  bitcoin,
  bitcoinRegtest,
  bitcoinTestnet,
  type ChainParameters,
  CHAINS,
  digibyte,
  digibyteRegtest,
  digibyteTestnet,
  litecoin,
  litecoinRegtest,
  litecoinTestnet,
} from "../../../src/index.js";

const HASH = "751e76e8199196d454941c45d1b3a323f1433bd6";
const base58check = createBase58check(sha256);
const base58 = (version: number, hash = HASH) =>
  base58check.encode(Uint8Array.from([version, ...Buffer.from(hash, "hex")]));
const bech = (hrp: string, version: number, program: string, coder = version ? bech32m : bech32) =>
  coder.encode(hrp, [version, ...coder.toWords(Buffer.from(program, "hex"))]);

const KEY = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

describe("decodeAddress", () => {
  it.each<[ChainParameters, string, string, string]>([
    // the addresses of the Groestl incident's reports
    [
      digibyte,
      "dgb1qy5epvfs535a96tygn945a3a85lauh3ddu9v63y",
      "p2wpkh",
      "001425321626148d3a5d2c8899" + "6b4ec7a7a7fbcbc5ad",
    ],
    [digibyte, "D8S5JWaCrpFsryGG1c9AzWKhbS7e7VZ4r8", "p2pkh", "76a914"],
    // BIP 173 and BIP 350
    [bitcoin, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "p2wpkh", `0014${HASH}`],
    [
      bitcoinTestnet,
      "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
      "p2wsh",
      "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
    ],
    [
      bitcoin,
      "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
      "p2tr",
      `5120${KEY}`,
    ],
    [bitcoin, "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "p2pkh", "76a914"],
    [bitcoin, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "p2sh", "a914"],
    [litecoinTestnet, "mqV89khPKkaAg2KLa9dSg8oHgKsPtRav2Q", "p2pkh", "76a914"],
    [litecoinTestnet, "Qe9rRQx3wvMZZMSV5DZyYZsWbSj8jYFFoF", "p2sh", "a914"],
    [litecoinTestnet, "tltc1q920dfsctmcpl2sux8vt2rjv3npve3dfe4zxnjq", "p2wpkh", "0014"],
  ])("reads an address of $name: %s", (chain, address, kind, script) => {
    const result = decodeAddress(chain, address);
    expect(result).toMatchObject({
      ok: true,
      value: { kind, script: expect.stringContaining(script) },
    });
    const value = result.ok ? result.value : undefined;
    expect(addressOf(chain, value!.script)).toBe(value!.address);
    expect(value!.address.toLowerCase()).toBe(address.toLowerCase());
  });

  it("reads two spellings as one script, and gives the usual one", () => {
    const of = (chain: ChainParameters, text: string) => decodeAddress(chain, text);
    const [newer, older] = [of(digibyte, base58(63)), of(digibyte, base58(5))];
    expect(newer).toEqual(older);
    expect(newer).toMatchObject({
      value: { script: `a914${HASH}87`, address: expect.stringMatching(/^S/) },
    });
    const small = bech("dgb", 0, HASH);
    expect(of(digibyte, small.toUpperCase())).toEqual(of(digibyte, small));
    expect(of(litecoin, base58(5))).toEqual(of(litecoin, base58(50)));
  });

  const good = bech("dgb", 0, HASH);
  it.each<[string, string, string, ChainParameters?]>([
    ["mixed case", good.slice(0, -1) + good.slice(-1).toUpperCase(), "address_mixed_case"],
    ["mixed case of the prefix", `DGB${good.slice(3)}`, "address_mixed_case"],
    ["a character changed", good.replace("w508", "w509"), "address_checksum"],
    ["a character changed in Base58Check", base58(30).slice(0, -1) + "1", "address_checksum"],
    ["version 0 with the checksum of Bech32m", bech("dgb", 0, HASH, bech32m), "address_checksum"],
    ["Taproot with the checksum of Bech32", bech("dgb", 1, KEY, bech32), "address_checksum"],
    ["Bitcoin's prefix", bech("bc", 0, HASH), "address_network"],
    ["a testnet's prefix", bech("dgbt", 0, HASH), "address_network"],
    ["an unknown chain's prefix", bech("doge", 0, HASH), "address_network"],
    ["a key of Bitcoin", base58(0), "address_network"],
    ["a key of a testnet", base58(126), "address_network"],
    ["a script of Litecoin", base58(50), "address_network"],
    ["witness version 2", bech("dgb", 2, KEY), "address_witness_program"],
    ["witness version 16", bech("dgb", 16, KEY), "address_witness_program"],
    ["witness version 17", bech("dgb", 17, KEY), "address_witness_program"],
    ["version 0 of 16 bytes", bech("dgb", 0, HASH.slice(8)), "address_witness_program"],
    ["Taproot of 20 bytes", bech("dgb", 1, HASH), "address_witness_program"],
    ["pay to anchor", bech("bc", 1, "4e73"), "address_witness_program", bitcoin],
    ["no program", bech("dgb", 1, ""), "address_witness_program"],
    [
      "padding that is not zero",
      bech32.encode("dgb", [0, ...bech32.toWords(Buffer.alloc(20)), 1]),
      "address_witness_program",
    ],
    ["an extension block's", `ltcmweb1${"q".repeat(110)}`, "address_mweb", litecoin],
    [
      "an extension block's in capitals",
      `TMWEB1${"Q".repeat(110)}`,
      "address_mweb",
      litecoinTestnet,
    ],
    ["a space at the end", `${good} `, "address_checksum"],
    ["a space in front of Base58", ` ${base58(30)}`, "address_unreadable"],
    ["nothing", "", "address_unreadable"],
    ["other letters", "D8S5JWaCrpFsryGG1c9AzWKhbS7e7VZ4rI", "address_unreadable"],
    ["a private key", base58(128, `${KEY}01`), "address_unreadable"],
    ["a long text", "1".repeat(100_000), "address_unreadable"],
    ["Base58 of four bytes", "3QJmnh", "address_unreadable"],
    ["another letter of the same look", good.replace("q", "\u0501"), "address_checksum"],
    ["a letter whose small form is ASCII", good.replace("k", "\u212a"), "address_mixed_case"],
  ])("refuses %s", (_, text, code, chain = digibyte) => {
    expect(decodeAddress(chain, text)).toEqual({ ok: false, code, path: "" });
  });

  it("refuses an address of DigiDollar by its own code", () => {
    // Two bytes in front of the key make it begin with DD, TD or RD.
    const text = digidollarAddress();
    expect(text).toMatch(/^DD/);
    expect(decodeAddress(digibyte, text)).toMatchObject({ code: "address_digidollar" });
  });

  it("refuses what is no text, and a chain without addresses", () => {
    for (const given of [undefined, null, 7, {}, ["a"], Symbol("a")]) {
      expect(decodeAddress(digibyte, given as string)).toMatchObject({
        code: "address_unreadable",
      });
    }
    const rest = { ...digibyte, addresses: undefined };
    expect(decodeAddress(rest, good)).toMatchObject({ code: "address_format_missing" });
    expect(addressOf(rest, `0014${HASH}`)).toBeNull();
  });

  it("distinguishes every pair of chains whose formats differ", () => {
    const chains = [
      digibyte,
      digibyteTestnet,
      digibyteRegtest,
      bitcoin,
      bitcoinTestnet,
      bitcoinRegtest,
      litecoin,
      litecoinTestnet,
      litecoinRegtest,
    ];
    const hrps = chains.map(({ addresses }) => addresses!.hrp);
    expect(new Set(hrps).size).toBe(hrps.length);
    for (const chain of chains) {
      const others = hrps.filter((hrp) => hrp !== chain.addresses!.hrp);
      for (const hrp of others) {
        expect(decodeAddress(chain, bech(hrp, 0, HASH))).toMatchObject({ code: "address_network" });
      }
    }
  });
});

/** The first pair of bytes whose address of the key begins with DD. */
function digidollarAddress(): string {
  for (let prefix = 0; prefix < 0x10000; prefix++) {
    const bytes = Uint8Array.from([prefix >> 8, prefix & 0xff, ...Buffer.from(KEY, "hex")]);
    const text = base58check.encode(bytes);
    if (text.startsWith("DD")) return text;
  }
  throw new Error("no such prefix");
}

describe("addressOf", () => {
  it.each([
    ["a bare key", `21${"02" + KEY}ac`],
    ["data", "6a0401020304"],
    ["witness version 2", `5220${KEY}`],
    ["an anchor", "51024e73"],
    ["any script", "51"],
    ["no script", ""],
    ["no hexadecimal text", "zz"],
    ["a long script", "00".repeat(10_000)],
  ])("has none for %s", (_, script) => {
    expect(addressOf(bitcoin, script)).toBeNull();
  });

  it.each(CHAINS)("writes addresses that $name reads again", (chain) => {
    for (const script of [
      `76a914${HASH}88ac`,
      `a914${HASH}87`,
      `0014${HASH}`,
      `0020${KEY}`,
      `5120${KEY}`,
    ]) {
      const address = addressOf(chain, script);
      expect(decodeAddress(chain, address!)).toMatchObject({ value: { script, address } });
    }
  });
});

describe("createScriptOf", () => {
  it("gives the script, or null", () => {
    const scriptOf = createScriptOf(digibyte);
    expect(scriptOf(bech("dgb", 0, HASH))).toBe(`0014${HASH}`);
    expect(scriptOf("no address")).toBeNull();
    expect(scriptOf(base58(50))).toBeNull();
  });
});
