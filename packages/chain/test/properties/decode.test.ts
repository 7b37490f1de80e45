/** What holds of the decoders for any input. */
import { createRandom } from "@dgb-shield/testkit/random";
import { runs } from "@dgb-shield/testkit/runs";
import { RawTx } from "@scure/btc-signer/script.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addressOf,
  DECODE_CODES,
  decodeAddress,
  decodePsbt,
  decodeTransaction,
} from "../../src/adapters/decode/index.js";
import { CHAINS, digibyte, litecoin } from "../../src/index.js";
import { somePsbt, writtenPsbt } from "../support/decode/generate-psbt.js";
import { someScript, someTransaction, written } from "../support/decode/generate-transaction.js";
import { mutated } from "../support/decode/mutate.js";

const numRuns = runs(300, 20_000);
const codes: ReadonlySet<string> = new Set(DECODE_CODES);

/** Everything that may be passed, whatever its type. */
const anything = fc.oneof(
  fc.anything({ withBigInt: true, withSparseArray: true, withTypedArray: true }),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.uint8Array({ maxLength: 500 }),
  fc.base64String(),
);
const magic = fc
  .uint8Array({ maxLength: 500 })
  .map((rest) => Uint8Array.of(0x70, 0x73, 0x62, 0x74, 0xff, ...rest));

describe("the decoders", () => {
  it("return a value or one of their codes for anything", () => {
    fc.assert(
      fc.property(fc.oneof(anything, magic), fc.constantFrom(...CHAINS), (given, chain) => {
        for (const decode of [decodeAddress, decodeTransaction, decodePsbt]) {
          const result = decode(chain, given as string);
          expect(result.ok || codes.has(result.code)).toBe(true);
          if (!result.ok) expect(result.path).toMatch(/^(?:\/[a-z0-9_]+)*$/);
        }
        expect(addressOf(chain, given as string) ?? "").toBeTypeOf("string");
      }),
      { numRuns },
    );
  });

  it("write the address of a script so that it is read as the same script", () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...CHAINS), (seed, chain) => {
        const script = Buffer.from(someScript(createRandom(seed))).toString("hex");
        const address = addressOf(chain, script);
        if (address === null) return;
        expect(decodeAddress(chain, address)).toMatchObject({ value: { script, address } });
      }),
      { numRuns },
    );
  });

  it("read a transaction as another library does", () => {
    fc.assert(
      fc.property(fc.integer(), fc.boolean(), (seed, isDamaged) => {
        const random = createRandom(seed);
        const whole = written(someTransaction(random));
        const raw = isDamaged ? mutated(random, whole) : whole;
        const own = decodeTransaction(digibyte, raw);
        if (!own.ok || own.value.extension === "hogex") return;
        const { inputs, outputs, version, lockTime } = RawTx.decode(raw);
        expect(own.value).toMatchObject({
          version: version >>> 0,
          locktime: lockTime,
          inputs: inputs.map(({ txid, index, sequence }) => ({
            txid: Buffer.from(txid).toString("hex"),
            vout: index,
            sequence,
          })),
          outputs: outputs.map(({ amount, script }) => ({
            amount,
            script: Buffer.from(script).toString("hex"),
          })),
        });
      }),
      { numRuns },
    );
  });

  it("give a different txid to any two transactions that differ outside their witnesses", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = createRandom(seed);
        const raw = written(someTransaction(random));
        const [one, other] = [
          decodeTransaction(litecoin, raw),
          decodeTransaction(litecoin, mutated(random, raw)),
        ];
        if (!one.ok || !other.ok || one.value.txid !== other.value.txid) return;
        const { inputs, outputs, version, locktime } = one.value;
        expect(other.value).toMatchObject({ inputs, outputs, version, locktime });
      }),
      { numRuns },
    );
  });

  it("read the same PSBT from text and bytes, and never a fee below zero", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = createRandom(seed);
        const whole = writtenPsbt(somePsbt(random));
        const raw = random.oneIn(2) ? whole : mutated(random, whole);
        const result = decodePsbt(digibyte, raw);
        expect(decodePsbt(digibyte, Buffer.from(raw).toString("base64"))).toEqual(result);
        if (!result.ok) return;
        const { fee, inputs, transaction } = result.value;
        expect(fee === null || fee >= 0n).toBe(true);
        expect(fee === null).toBe(inputs.some(({ spends }) => spends === null));
        expect(inputs.map(({ txid, vout, sequence }) => ({ txid, vout, sequence }))).toEqual(
          transaction.inputs,
        );
      }),
      { numRuns },
    );
  });
});
