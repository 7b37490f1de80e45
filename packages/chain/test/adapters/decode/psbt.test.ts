import { RawOutput } from "@scure/btc-signer/script.js";
import { hash160, sha256x2 } from "@scure/btc-signer/utils.js";
import { describe, expect, it } from "vitest";
import { decodePsbt, MAX_PSBT_BYTES } from "../../../src/adapters/decode/index.js";
import { bitcoin, digibyte } from "../../../src/index.js";
import { type Field, field, type Maps, writtenPsbt } from "../../support/decode/generate-psbt.js";
import {
  KEYS,
  type Made,
  written,
  writtenStripped,
} from "../../support/decode/generate-transaction.js";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const word = (value: number) => bytes(Buffer.from(Uint32Array.of(value).buffer).toString("hex"));
const HASH = "751e76e8199196d454941c45d1b3a323f1433bd6";
const WITNESS = bytes(`0014${HASH}`);
const LEGACY = bytes(`76a914${HASH}88ac`);
const NESTED = bytes(`a914${Buffer.from(hash160(WITNESS)).toString("hex")}87`);

const previous = (script: Uint8Array, amount = 10_000n): Made => ({
  version: 2,
  segwitFlag: false,
  inputs: [{ txid: bytes("22".repeat(32)), index: 3, finalScriptSig: bytes("51"), sequence: 1 }],
  outputs: [
    { amount: 1n, script: LEGACY },
    { amount, script },
  ],
  lockTime: 0,
});
const txidOf = (transaction: Made) =>
  Uint8Array.from(sha256x2(writtenStripped(transaction))).reverse();
const spend = (script = WITNESS, changes: Partial<Made> = {}): Made => ({
  version: 2,
  segwitFlag: false,
  inputs: [
    { txid: txidOf(previous(script)), index: 1, finalScriptSig: new Uint8Array(), sequence: 5 },
  ],
  outputs: [{ amount: 9_000n, script: WITNESS }],
  lockTime: 0,
  ...changes,
});
const stated = (script: Uint8Array, amount = 10_000n): Field =>
  field(1, RawOutput.encode({ amount, script }));
const proven = (script: Uint8Array): Field => field(0, written(previous(script)));

/** A PSBT of one input with these fields. */
const psbt = (
  fields: Field[],
  { unsigned = spend(), ...maps }: Partial<Maps> & { unsigned?: Made } = {},
) =>
  Buffer.from(
    writtenPsbt({
      global: [field(0, writtenStripped(unsigned))],
      inputs: [fields],
      outputs: unsigned.outputs.map(() => []),
      ...maps,
    }),
  ).toString("base64");
const decode = (text: unknown) => decodePsbt(digibyte, text as string);

describe("decodePsbt", () => {
  it("proves a value by the previous transaction", () => {
    expect(decode(psbt([proven(WITNESS), stated(WITNESS)]))).toMatchObject({
      ok: true,
      value: {
        version: 0,
        transaction: { version: 2, outputs: [{ amount: 9_000n, kind: "p2wpkh" }] },
        inputs: [
          {
            vout: 1,
            sequence: 5,
            proof: "non_witness_utxo",
            spends: { amount: 10_000n, kind: "p2wpkh", address: expect.stringMatching(/^dgb1q/) },
            sighash: null,
            is_final: false,
          },
        ],
        fee: 1_000n,
        is_complete: false,
        is_modifiable: false,
      },
    });
  });

  it.each<[string, Field[], "witness_utxo" | null]>([
    ["a witness program", [stated(WITNESS)], "witness_utxo"],
    ["Taproot", [stated(bytes(`5120${"ab".repeat(32)}`))], "witness_utxo"],
    ["a nested one with its script", [stated(NESTED), field(4, WITNESS)], "witness_utxo"],
    [
      "a nested one that is final",
      [stated(NESTED), field(7, bytes(`160014${HASH}`))],
      "witness_utxo",
    ],
    [
      "a nested one with another script",
      [stated(NESTED), field(4, bytes(`0014${"00".repeat(20)}`))],
      null,
    ],
    ["a script's hash that may be of any script", [stated(NESTED)], null],
    [
      "a nested script that is no witness program",
      [stated(bytes(`a914${Buffer.from(hash160(LEGACY)).toString("hex")}87`)), field(4, LEGACY)],
      null,
    ],
    ["a script whose signature does not commit to the amount", [stated(LEGACY)], null],
    ["an unknown witness program", [stated(bytes("52024e73"))], null],
    ["no statement", [], null],
  ])("believes a statement alone only where a signature commits to it: %s", (_, fields, proof) => {
    expect(decode(psbt(fields))).toMatchObject({
      ok: true,
      value: {
        fee: proof === null ? null : 1_000n,
        inputs: [{ proof, spends: proof && { amount: 10_000n } }],
      },
    });
  });

  it.each<[string, Field[], boolean]>([
    ["a final witness", [field(8, bytes("010151"))], true],
    ["a final script", [field(7, bytes("0151"))], true],
    ["an empty witness", [field(8, bytes("00"))], false],
    ["an empty script", [field(7, bytes(""))], false],
    ["a signature", [field(2, bytes("3000"), KEYS[0])], false],
  ])("is complete where each input is final: %s", (_, fields, is_complete) => {
    expect(decode(psbt(fields))).toMatchObject({
      value: { is_complete, inputs: [{ is_final: is_complete }] },
    });
  });

  it("gives the signature type that is asked for", () => {
    const text = psbt([stated(WITNESS), field(3, bytes("83000000"))]);
    expect(decode(text)).toMatchObject({ value: { inputs: [{ sighash: 0x83 }] } });
  });

  const other = { ...spend(), lockTime: 9 };
  it.each<[string, string, string, string]>([
    [
      "another previous transaction",
      psbt([field(0, written(other))]),
      "utxo_mismatch",
      "/inputs/0/non_witness_utxo",
    ],
    [
      "another amount",
      psbt([proven(WITNESS), stated(WITNESS, 9_999n)]),
      "utxo_contradiction",
      "/inputs/0",
    ],
    ["another script", psbt([proven(WITNESS), stated(LEGACY)]), "utxo_contradiction", "/inputs/0"],
    [
      "an output that is not there",
      psbt([proven(WITNESS)], {
        unsigned: spend(WITNESS, { inputs: [{ ...spend().inputs[0]!, index: 2 }] }),
      }),
      "utxo_index",
      "/inputs/0/non_witness_utxo",
    ],
    ["more paid than spent", psbt([stated(WITNESS, 8_999n)]), "fee_negative", "/outputs"],
    [
      "a statement beyond 2^63",
      psbt([stated(WITNESS, 2n ** 63n)]),
      "amount_out_of_range",
      "/inputs/0/witness_utxo",
    ],
    [
      "a transaction that is signed",
      psbt([], {
        unsigned: spend(WITNESS, {
          inputs: [{ ...spend().inputs[0]!, finalScriptSig: bytes("51") }],
        }),
      }),
      "psbt_signed",
      "/global/unsigned_transaction/inputs/0",
    ],
    [
      "a transaction without inputs",
      psbt([], { unsigned: spend(WITNESS, { inputs: [] }), inputs: [] }),
      "no_inputs",
      "/global/unsigned_transaction/inputs",
    ],
    ["a field twice", psbt([stated(WITNESS), stated(WITNESS)]), "psbt_duplicate_key", "/inputs/0"],
    ["an unknown field", psbt([field(0x90, bytes("00"))]), "psbt_unknown_field", "/inputs/0"],
    [
      "an unknown field of an output",
      psbt([], { outputs: [[field(0x91, bytes("00"))]] }),
      "psbt_unknown_field",
      "/outputs/0",
    ],
    [
      "a type of two bytes",
      psbt([[bytes("fd0001"), bytes("00")]]),
      "psbt_unknown_field",
      "/inputs/0",
    ],
    [
      "a field of version 2",
      psbt([field(0x0e, new Uint8Array(32))]),
      "psbt_unknown_field",
      "/inputs/0",
    ],
    [
      "data in a key that has none",
      psbt([field(1, bytes("00"), bytes("00"))]),
      "psbt_field",
      "/inputs/0",
    ],
    [
      "a key of another length",
      psbt([field(2, bytes("00"), bytes("02"))]),
      "psbt_field",
      "/inputs/0",
    ],
    ["a signature type of one byte", psbt([field(3, bytes("01"))]), "psbt_field", "/inputs/0"],
    [
      "version 1",
      psbt([], { global: [field(0, writtenStripped(spend())), field(0xfb, word(1))] }),
      "psbt_version",
      "/global",
    ],
    ["no transaction", psbt([], { global: [] }), "psbt_missing_field", "/global"],
    ["a map too many", psbt([], { outputs: [[], []] }), "malformed", ""],
    ["a map too few", psbt([], { inputs: [], outputs: [] }), "malformed", "/global"],
    [
      "a witness that ends early",
      psbt([field(8, bytes("0251"))]),
      "malformed",
      "/inputs/0/final_witness",
    ],
    ["another begin", Buffer.from("psbu\xff", "latin1").toString("base64"), "psbt_magic", ""],
    ["nothing", "", "psbt_magic", ""],
    ["hexadecimal text", "70736274ff01", "psbt_magic", ""],
    ["white space", `${psbt([])}\n`, "encoding", ""],
    ["no padding", "cHNidP8A".slice(0, -1), "encoding", ""],
    ["bits after the end", "cHNidP9=", "encoding", ""],
    ["too long a text", "A".repeat((MAX_PSBT_BYTES / 3) * 4 + 16), "too_large", ""],
  ])("refuses %s", (_, text, code, path) => {
    expect(decode(text)).toEqual({ ok: false, code, path });
  });

  it("ignores proprietary fields", () => {
    const text = psbt([stated(WITNESS), field(0xfc, bytes("00"), bytes("0141"))]);
    expect(decode(text)).toMatchObject({ ok: true, value: { fee: 1_000n } });
  });

  it("refuses more fields than memory is kept for", () => {
    const begin = writtenPsbt({
      global: [field(0, writtenStripped(spend()))],
      inputs: [],
      outputs: [],
    });
    const fields = Buffer.alloc(7 * 100_001);
    for (let i = 0; i < 100_001; i++)
      fields.set([5, 0xfc, i & 255, (i >> 8) & 255, i >> 16, 0, 0], 7 * i);
    expect(decodePsbt(digibyte, Buffer.concat([begin, fields]))).toEqual({
      ok: false,
      code: "too_large",
      path: "/inputs/0",
    });
  });
});

describe("decodePsbt of version 2", () => {
  const amount = (value: bigint) =>
    bytes(Buffer.from(BigInt64Array.of(value).buffer).toString("hex"));
  const txid = Uint8Array.from(txidOf(previous(WITNESS))).reverse();
  const global = (...more: Field[]) => [
    field(2, word(2)),
    field(4, bytes("01")),
    field(5, bytes("01")),
    field(0xfb, word(2)),
    ...more,
  ];
  const input = (...more: Field[]) => [field(0x0e, txid), field(0x0f, word(1)), ...more];
  const output = [field(3, amount(9_000n)), field(4, WITNESS)];
  const version2 = (maps: Partial<Maps> = {}) =>
    decodePsbt(
      bitcoin,
      writtenPsbt({
        global: global(),
        inputs: [input(stated(WITNESS))],
        outputs: [output],
        ...maps,
      }),
    );
  const code = (maps: Partial<Maps>) => {
    const result = version2(maps);
    return result.ok ? "ok" : `${result.code} ${result.path}`;
  };

  it("gives the transaction that version 0 gives", () => {
    const inputs = [input(proven(WITNESS), field(0x10, word(5)))];
    const two = version2({ inputs });
    const zero = decodePsbt(bitcoin, psbt([proven(WITNESS)]));
    expect(two).toMatchObject({ ok: true, value: { version: 2 } });
    expect(two.ok && { ...two.value, version: 0 }).toEqual(zero.ok && zero.value);
  });

  it("has the last sequence where none is given", () => {
    expect(version2()).toMatchObject({
      value: { inputs: [{ sequence: 0xffffffff }], fee: 1_000n },
    });
  });

  it.each<[string, Field[], Field[], number | string]>([
    ["none", [], [], 0],
    ["the fallback", [field(3, word(17))], [], 17],
    ["a height before the fallback", [field(3, word(17))], [field(0x12, word(99))], 99],
    ["a time", [], [field(0x11, word(500_000_001))], 500_000_001],
    ["a height where both would do", [], [field(0x11, word(500_000_001)), field(0x12, word(7))], 7],
    ["a height that is a time", [], [field(0x12, word(500_000_000))], "psbt_field /inputs/0"],
    ["a height of zero", [], [field(0x12, word(0))], "psbt_field /inputs/0"],
    ["a time that is a height", [], [field(0x11, word(499_999_999))], "psbt_field /inputs/0"],
  ])("takes as lock time %s", (_, more, fields, expected) => {
    const maps = { global: global(...more), inputs: [input(stated(WITNESS), ...fields)] };
    const result = version2(maps);
    expect(result.ok ? result.value.transaction.locktime : code(maps)).toBe(expected);
  });

  it("refuses inputs that need a height and a time", () => {
    const second = [field(0x0e, txid), field(0x0f, word(0)), field(0x11, word(600_000_000))];
    const two = [
      field(2, word(2)),
      field(4, bytes("02")),
      field(5, bytes("01")),
      field(0xfb, word(2)),
    ];
    expect(code({ global: two, inputs: [input(field(0x12, word(7))), second] })).toBe(
      "psbt_locktime /inputs",
    );
  });

  it("shows that others may add to it", () => {
    expect(version2({ global: global(field(6, bytes("01"))) })).toMatchObject({
      value: { is_modifiable: true },
    });
    expect(version2({ global: global(field(6, bytes("00"))) })).toMatchObject({
      value: { is_modifiable: false },
    });
  });

  it.each<[string, Partial<Maps>, string]>([
    [
      "an unsigned transaction",
      { global: global(field(0, writtenStripped(spend()))) },
      "psbt_unknown_field /global",
    ],
    [
      "no count of inputs",
      { global: global().filter(([key]) => key[0] !== 4) },
      "psbt_missing_field /global",
    ],
    [
      "a count that is not the shortest",
      {
        global: [
          field(2, word(2)),
          field(4, bytes("fd0100")),
          field(5, bytes("01")),
          field(0xfb, word(2)),
        ],
      },
      "malformed /global",
    ],
    [
      "more inputs than maps",
      {
        global: [
          field(2, word(2)),
          field(4, bytes("fe00000100")),
          field(5, bytes("01")),
          field(0xfb, word(2)),
        ],
      },
      "malformed /global",
    ],
    [
      "no previous transaction",
      { inputs: [[field(0x0f, word(1))]] },
      "psbt_missing_field /inputs/0",
    ],
    [
      "a short previous transaction",
      { inputs: [[field(0x0e, bytes("00")), field(0x0f, word(1))]] },
      "psbt_field /inputs/0",
    ],
    ["no script", { outputs: [[field(3, amount(1n))]] }, "psbt_missing_field /outputs/0"],
    ["no amount", { outputs: [[field(4, WITNESS)]] }, "psbt_missing_field /outputs/0"],
    [
      "a negative amount",
      { outputs: [[field(3, amount(-1n)), field(4, WITNESS)]] },
      "amount_out_of_range /outputs/0",
    ],
    [
      "an amount of four bytes",
      { outputs: [[field(3, word(1)), field(4, WITNESS)]] },
      "psbt_field /outputs/0",
    ],
    [
      "no outputs",
      {
        global: [
          field(2, word(2)),
          field(4, bytes("01")),
          field(5, bytes("00")),
          field(0xfb, word(2)),
        ],
        outputs: [],
      },
      "no_outputs /outputs",
    ],
  ])("refuses %s", (_, maps, expected) => {
    expect(code(maps)).toBe(expected);
  });
});
