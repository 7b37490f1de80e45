import { describe, expect, it } from "vitest";
import {
  decodeTransaction,
  MAX_TRANSACTION_BYTES,
  outputKindOf,
} from "../../../src/adapters/decode/index.js";
import { bitcoin, digibyte, litecoin } from "../../../src/index.js";
import { asHogex } from "../../support/decode/mutate.js";
import { type Made, written, writtenStripped } from "../../support/decode/generate-transaction.js";

const HASH = "751e76e8199196d454941c45d1b3a323f1433bd6";
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

const input = (index = 0, txid = "11".repeat(32)) => ({
  txid: bytes(txid),
  index,
  finalScriptSig: new Uint8Array(),
  sequence: 0xfffffffd,
});
const output = (amount: bigint, script = `0014${HASH}`) => ({ amount, script: bytes(script) });
const made = (changes: Partial<Made> = {}): Made => ({
  version: 2,
  segwitFlag: false,
  inputs: [input()],
  outputs: [output(5_000n)],
  lockTime: 7,
  ...changes,
});
const hex = (given: Uint8Array) => Buffer.from(given).toString("hex");
const codeOf = (given: unknown) => {
  const { ok, ...rest } = decodeTransaction(digibyte, given as string);
  return ok ? "ok" : rest;
};

// BIP 143's first example: two inputs, one signed in its script and one in its witness.
const BIP143 =
  "01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f00000000494830450221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee635711000000";

const NO_COINBASE = { txid: bytes("00".repeat(32)), index: 0xffffffff };

describe("decodeTransaction", () => {
  it("reads a transaction with witnesses", () => {
    expect(decodeTransaction(bitcoin, BIP143)).toEqual({
      ok: true,
      value: {
        txid: "e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609",
        wtxid: "c36c38370907df2324d9ce9d149d191192f338b37665a82e78e76a12c909b762",
        version: 1,
        inputs: [
          {
            txid: "9f96ade4b41d5433f4eda31e1738ec2b36f6e7d1420d94a6af99801a88f7f7ff",
            vout: 0,
            sequence: 0xffffffee,
          },
          {
            txid: "8ac60eb9575db5b2d987e29f301b5b819ea83a5c6579d282d189cc04b8e151ef",
            vout: 1,
            sequence: 0xffffffff,
          },
        ],
        outputs: [
          {
            script: "76a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac",
            amount: 112_340_000n,
            address: "1Cu32FVupVCgHkMMRJdYJugxwo2Aprgk7H",
            kind: "p2pkh",
          },
          {
            script: "76a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac",
            amount: 223_450_000n,
            address: "16TZ8J6Q5iZKBWizWzFAYnrsaox5Z5aBRV",
            kind: "p2pkh",
          },
        ],
        locktime: 17,
        size: 343,
        vsize: 261, // (3 * 233 + 343) / 4 = 260.5
        has_witness: true,
        is_coinbase: false,
        extension: null,
      },
    });
  });

  it("reads bytes as it reads their text, in either case, and keeps no view of them", () => {
    const given = written(made());
    const result = decodeTransaction(digibyte, given);
    expect(decodeTransaction(digibyte, hex(given))).toEqual(result);
    expect(decodeTransaction(digibyte, hex(given).toUpperCase())).toEqual(result);
    const before = JSON.stringify(result, (_, value: unknown) => String(value));
    given.fill(0);
    expect(JSON.stringify(result, (_, value: unknown) => String(value))).toBe(before);
  });

  it.each([
    ["p2pkh", `76a914${HASH}88ac`],
    ["p2sh", `a914${HASH}87`],
    ["p2wpkh", `0014${HASH}`],
    ["p2wsh", `0020${"ab".repeat(32)}`],
    ["p2tr", `5120${"ab".repeat(32)}`],
    ["p2pk", `2102${"ab".repeat(32)}ac`],
    ["p2pk", `4104${"ab".repeat(64)}ac`],
    ["op_return", "6a0568656c6c6f"],
    ["op_return", "6a"],
    ["op_return", "6aff"],
    ["witness_unknown", "51024e73"],
    ["witness_unknown", `5220${"ab".repeat(32)}`],
    ["witness_unknown", `6028${"ab".repeat(40)}`],
    ["witness_unknown", `0010${"ab".repeat(16)}`],
    ["witness_unknown", `5114${HASH}`],
    ["unknown", ""],
    ["unknown", "51"],
    ["unknown", `6029${"ab".repeat(41)}`],
    ["unknown", `5f01ab`],
    ["unknown", `6114${HASH}`],
    ["unknown", `0014${HASH}00`],
    ["unknown", `76a914${HASH}88ad`],
    ["unknown", `76a914${HASH}88acac`],
    ["unknown", `a914${HASH}88`],
    ["unknown", `2104${"ab".repeat(32)}ac`],
    ["unknown", `4102${"ab".repeat(64)}ac`],
    ["unknown", `5121${"02" + "ab".repeat(32)}51ae`],
  ])("calls a script %s: %s", (kind, script) => {
    const result = decodeTransaction(digibyte, written(made({ outputs: [output(1n, script)] })));
    expect(result).toMatchObject({ ok: true, value: { outputs: [{ kind, script }] } });
    expect(outputKindOf(script)).toBe(kind);
    const hasAddress = ["p2pkh", "p2sh", "p2wpkh", "p2wsh", "p2tr"].includes(kind);
    expect(result.ok && result.value.outputs[0]?.address !== null).toBe(hasAddress);
  });

  it.each([
    [0x0770, "digidollar"],
    [0x01000770, "digidollar"],
    [0x02000770, "digidollar"],
    [0x03ff0770, "digidollar"],
    [-0x7ffff890, "digidollar"], // 0x80000770
    [0x0771, null],
    [0x7700, null],
    [2, null],
  ])("marks version %d as %s", (version, extension) => {
    const result = decodeTransaction(digibyte, written(made({ version })));
    expect(result).toMatchObject({ value: { version: version >>> 0, extension } });
  });

  it("marks a HogEx, and hashes it without its mark", () => {
    const plain = decodeTransaction(litecoin, written(made()));
    const hogex = decodeTransaction(litecoin, asHogex(written(made())));
    const { value } = plain as Extract<typeof plain, { ok: true }>;
    expect(hogex).toEqual({
      ok: true,
      value: { ...value, size: value.size + 3, extension: "hogex" },
    });
  });

  it("marks a coinbase", () => {
    const inputs = [{ ...input(), ...NO_COINBASE }];
    expect(decodeTransaction(digibyte, written(made({ inputs })))).toMatchObject({
      value: { is_coinbase: true },
    });
  });

  it.each<[string, Made | Uint8Array, string, string]>([
    [
      "no inputs",
      bytes("02000000" + "0001" + "00" + "01" + "00".repeat(9) + "07000000"),
      "no_inputs",
      "/inputs",
    ],
    ["no inputs, which is read as flags", made({ inputs: [] }), "malformed", "/inputs"],
    ["no outputs", made({ outputs: [] }), "no_outputs", "/outputs"],
    ["no inputs and no outputs", bytes("02000000000007000000"), "no_inputs", "/inputs"],
    [
      "one output spent twice",
      made({ inputs: [input(0), input(1), input(0)] }),
      ...(["duplicate_input", "/inputs/2"] as const),
    ],
    [
      "a coinbase's input beside another",
      made({ inputs: [input(), { ...input(), ...NO_COINBASE }] }),
      ...(["null_input", "/inputs/1"] as const),
    ],
    [
      "an amount of 2^63",
      made({ outputs: [output(1n), output(2n ** 63n)] }),
      ...(["amount_out_of_range", "/outputs/1/amount"] as const),
    ],
    [
      "amounts that are 2^63 together",
      made({ outputs: [output(2n ** 62n), output(2n ** 62n)] }),
      ...(["amount_out_of_range", "/outputs/1/amount"] as const),
    ],
    ["an extension's body", asHogex(written(made()), [1, 0]), "mweb_transaction", "/mweb"],
    ["an unknown flag", withFlags(2), "malformed", "/flags"],
    ["flags beside a known one", withFlags(3), "malformed", "/flags"],
    ["witnesses without an item", withFlags(1, [0]), "malformed", "/flags"],
    ["a byte after the end", Uint8Array.of(...written(made()), 0), "malformed", ""],
    ["a lock time that ends early", written(made()).slice(0, -1), "malformed", "/locktime"],
  ])("refuses %s", (_, given, code, path) => {
    const raw = given instanceof Uint8Array ? given : writtenStripped(given);
    expect(codeOf(raw)).toEqual({ code, path });
  });

  it("refuses the transaction whenever it ends early", () => {
    const raw = hex(
      written(made({ inputs: [input(0), input(1)], outputs: [output(1n), output(2n)] })),
    );
    for (let length = 0; length < raw.length; length += 2) {
      expect(codeOf(raw.slice(0, length))).toMatchObject({ code: expect.any(String) });
    }
  });

  it.each([
    ["fd0100", 1],
    ["fe01000000", 1],
    ["ff0100000000000000", 1],
    ["ffffffffffffffffff", 1],
    ["fdfc00", 252],
    ["feffff0000", 65_535],
    ["fdffff", 65_535],
  ])("refuses a count written as %s", (count) => {
    const raw = hex(written(made()));
    expect(codeOf(raw.slice(0, 8) + count + raw.slice(10))).toEqual({
      code: "malformed",
      path: "/inputs",
    });
  });

  it.each<[string, unknown, string]>([
    ["no text", undefined, "encoding"],
    ["an object", { length: 2 }, "encoding"],
    ["half a byte", "020", "encoding"],
    ["a prefix", `0x${hex(written(made()))}`, "encoding"],
    ["white space", `${hex(written(made()))}\n`, "encoding"],
    ["too long a text", "00".repeat(MAX_TRANSACTION_BYTES + 3), "too_large"],
    ["too many bytes", new Uint8Array(MAX_TRANSACTION_BYTES + 1), "too_large"],
    ["nothing", "", "malformed"],
  ])("refuses %s", (_, given, code) => {
    expect(codeOf(given)).toEqual({ code, path: "" });
  });

  it("reads one of as many inputs as fit, without a limit of their number", () => {
    const inputs = Array.from({ length: 2_000 }, (_, i) => input(i));
    const result = decodeTransaction(digibyte, written(made({ inputs })));
    expect(result).toMatchObject({ ok: true, value: { size: 4 + 3 + 2_000 * 41 + 1 + 31 + 4 } });
  });

  it("freezes what it returns", () => {
    const result = decodeTransaction(digibyte, written(made()));
    const { value } = result as Extract<typeof result, { ok: true }>;
    for (const part of [
      result,
      value,
      value.inputs,
      value.inputs[0],
      value.outputs,
      value.outputs[0],
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

/** The transaction with flags, and something between outputs and lock time. */
function withFlags(flags: number, middle: readonly number[] = []): Uint8Array {
  const raw = written(made());
  return Uint8Array.of(
    ...raw.slice(0, 4),
    0,
    flags,
    ...raw.slice(4, -4),
    ...middle,
    ...raw.slice(-4),
  );
}
