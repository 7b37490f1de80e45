/** Mutates PSBTs: bytes anywhere, and the parts that decide what leaves. */
import type { Random } from "@dgb-shield/testkit/random";

/** Scripts that a thief would put in. */
const SCRIPTS = ["0014" + "99".repeat(20), "76a914" + "98".repeat(20) + "88ac", "6a026869"].map(
  (text) => Buffer.from(text, "hex"),
);

type Mutation = (bytes: Buffer, random: Random) => Buffer;

const anyByte: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes);
  const count = 1 + random.below(3);
  for (let done = 0; done < count; done++) copy[random.below(copy.length)] = random.below(256);
  return copy;
};

const anyBit: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes);
  const at = random.below(copy.length);
  copy[at] = copy[at]! ^ (1 << random.below(8));
  return copy;
};

const cut: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(40))]);
};

const repeat: Mutation = (bytes, random) => {
  const from = random.below(bytes.length);
  const part = bytes.subarray(from, from + 1 + random.below(60));
  const at = random.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
};

/** Bytes of the unsigned transaction alone, where nothing but a rule refuses them. */
const transactionByte =
  (from: number, to: number): Mutation =>
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    copy[from + random.below(to - from)] = random.below(256);
    return copy;
  };

/** Moves some base units from one output to another: the fee stays what it was. */
const moveAmount =
  (amounts: readonly number[]): Mutation =>
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const units = BigInt(1 + random.below(100_000_000));
    const [from, to] = [random.pick(amounts), random.pick(amounts)];
    copy.writeBigUInt64LE(BigInt.asUintN(64, copy.readBigUInt64LE(from) - units), from);
    copy.writeBigUInt64LE(BigInt.asUintN(64, copy.readBigUInt64LE(to) + units), to);
    return copy;
  };

/** Takes from an output: the fee grows, also by less than is approved. */
const takeAmount =
  (amounts: readonly number[]): Mutation =>
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const at = random.pick(amounts);
    const units = BigInt(1 + random.below(60_000));
    copy.writeBigUInt64LE(BigInt.asUintN(64, copy.readBigUInt64LE(at) - units), at);
    return copy;
  };

/** Puts another script of the same length in. */
const redirect =
  (amounts: readonly number[]): Mutation =>
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const at = random.pick(amounts) + 8;
    const length = copy[at]!;
    const script = SCRIPTS.find((one) => one.length === length) ?? Buffer.alloc(length, 0x51);
    script.copy(copy, at + 1);
    return copy;
  };

/** Exchanges two outputs. */
const swap =
  (amounts: readonly number[]): Mutation =>
  (bytes, random) => {
    const partOf = (at: number) => bytes.subarray(at, at + 9 + bytes[at + 8]!);
    const order = [...amounts];
    const [a, b] = [random.below(order.length), random.below(order.length)];
    [order[a], order[b]] = [order[b]!, order[a]!];
    const last = amounts.at(-1)!;
    return Buffer.concat([
      bytes.subarray(0, amounts[0]),
      ...order.map(partOf),
      bytes.subarray(last + 9 + bytes[last + 8]!),
    ]);
  };

/** Where things are in a PSBT. */
export type Layout = Readonly<{
  /** The unsigned transaction. */
  from: number;
  to: number;
  /** The amounts of its outputs, in their order. */
  amounts: readonly number[];
}>;

/** Makes a mutator of PSBTs of one layout. */
export function mutatorOf({ from, to, amounts }: Layout) {
  const mutations: readonly Mutation[] = [
    anyByte,
    anyBit,
    cut,
    repeat,
    transactionByte(from, to),
    transactionByte(from, to),
    moveAmount(amounts),
    takeAmount(amounts),
    redirect(amounts),
    swap(amounts),
  ];
  return (bytes: Buffer, random: Random): Buffer => {
    let mutant = random.pick(mutations)(bytes, random);
    while (random.oneIn(4)) mutant = random.pick(mutations)(mutant, random);
    return mutant;
  };
}
