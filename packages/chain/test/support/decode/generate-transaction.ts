/** Makes transactions, written by another library than the one under test. */
import type { Random } from "@dgb-shield/testkit/random";
import { RawOldTx, RawTx } from "@scure/btc-signer/script.js";

export type Made = Parameters<typeof RawTx.encode>[0];

/** Random bytes. */
export const bytes = (random: Random, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => random.below(256));

/** Keys that are points of the curve: the generator, twice and three times it. */
export const KEYS = [
  "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
  "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
  "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9",
].map((key) => Uint8Array.from(Buffer.from(key, "hex")));

/** A script of any form. */
export function someScript(random: Random): Uint8Array {
  const hash = bytes(random, 20);
  const long = bytes(random, 32);
  switch (random.below(12)) {
    case 0:
      return Uint8Array.of(0x76, 0xa9, 20, ...hash, 0x88, 0xac);
    case 1:
      return Uint8Array.of(0xa9, 20, ...hash, 0x87);
    case 2:
      return Uint8Array.of(0, 20, ...hash);
    case 3:
      return Uint8Array.of(0, 32, ...long);
    case 4:
      return Uint8Array.of(0x51, 32, ...long);
    case 5:
      return Uint8Array.of(33, ...random.pick(KEYS), 0xac);
    case 6:
      return Uint8Array.of(0x6a, 5, ...bytes(random, 5));
    case 7: {
      const length = 2 + random.below(39);
      return Uint8Array.of(0x51 + random.below(16), length, ...bytes(random, length));
    }
    case 8:
      return Uint8Array.of(0x51, 33, ...random.pick(KEYS), 33, ...random.pick(KEYS), 0x52, 0xae);
    case 9:
      return Uint8Array.of(65, 4 + random.below(4), ...bytes(random, 64), 0xac);
    case 10:
      return bytes(random, random.pick([0, 1, 2, 22, 23, 25, 34, 35, 67, 252, 253, 300]));
    default:
      return Uint8Array.of(0, 2 + random.below(39), ...bytes(random, 2 + random.below(39)));
  }
}

/** An amount: an ordinary one, or one at an edge. */
export const someAmount = (random: Random): bigint =>
  random.oneIn(20)
    ? random.pick([0n, 1n, 2n ** 53n + 1n, 84_000_000n * 10n ** 8n, 2n ** 63n - 1n, 2n ** 63n])
    : BigInt(random.below(2 ** 31)) * BigInt(1 + random.below(1_000));

/** How a transaction is made: with signatures, and one in how many with hundreds of inputs or outputs. */
type Options = Readonly<{ signed?: boolean; longOneIn?: number }>;

/** A transaction, with or without witnesses. */
export function someTransaction(
  random: Random,
  { signed = true, longOneIn = 60 }: Options = {},
): Made {
  const segwitFlag = signed && random.oneIn(2);
  const inputs = Array.from(
    { length: random.oneIn(longOneIn) ? 260 : 1 + random.below(4) },
    () => ({
      txid: bytes(random, 32),
      index: random.oneIn(10) ? random.below(2 ** 32) : random.below(3),
      finalScriptSig: signed
        ? bytes(random, random.pick([0, 0, 1, 23, 107, 254]))
        : new Uint8Array(),
      sequence: random.pick([0xffffffff, 0xfffffffd, 0, 1, 0x80000000]),
    }),
  );
  const outputs = Array.from(
    { length: random.oneIn(longOneIn) ? 260 : 1 + random.below(4) },
    () => ({
      amount: someAmount(random),
      script: someScript(random),
    }),
  );
  const witnesses = inputs.map((_, i) =>
    Array.from({ length: i === 0 ? 1 + random.below(3) : random.below(3) }, () =>
      bytes(random, random.pick([0, 1, 33, 72])),
    ),
  );
  return {
    version: random.pick([1, 2, 2, 2, -1, 0, 0x01000770, 0x02000770, 0x770, 0x10770, 0x7fffffff]),
    segwitFlag,
    inputs,
    outputs,
    ...(segwitFlag ? { witnesses } : {}),
    lockTime: random.pick([0, 0, 1, 499_999_999, 500_000_000, 0xffffffff]),
  };
}

/** Writes a transaction. */
export const written = (made: Made): Uint8Array => RawTx.encode(made);

/** Writes it without witnesses. */
export const writtenStripped = (made: Made): Uint8Array => RawOldTx.encode(made);
