/** Makes PSBTs of version 0, field by field. */
import type { Random } from "@dgb-shield/testkit/random";
import {
  bytes,
  KEYS,
  type Made,
  someAmount,
  someScript,
  someTransaction,
  written,
  writtenStripped,
} from "./generate-transaction.js";
import { RawOutput } from "@scure/btc-signer/script.js";
import { sha256x2 } from "@scure/btc-signer/utils.js";

/** A field: its key, type first, and its value. */
export type Field = readonly [key: Uint8Array, value: Uint8Array];

/** The maps of a PSBT: the global one, those of inputs, those of outputs. */
export type Maps = Readonly<{ global: Field[]; inputs: Field[][]; outputs: Field[][] }>;

const EMPTY = new Uint8Array();

/** A byte string with its size in front. */
function sized(value: Uint8Array): Uint8Array {
  const { length } = value;
  const size =
    length < 0xfd
      ? [length]
      : length <= 0xffff
        ? [0xfd, length & 0xff, length >> 8]
        : [0xfe, length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff, length >>> 24];
  return Uint8Array.from(Buffer.concat([Uint8Array.from(size), value]));
}

/** A field whose key is its type alone, or has data. */
export const field = (type: number, value: Uint8Array, data: Uint8Array = EMPTY): Field => [
  Uint8Array.of(type, ...data),
  value,
];

/** Writes a PSBT. */
export const writtenPsbt = ({ global, inputs, outputs }: Maps): Uint8Array =>
  Uint8Array.from(
    Buffer.concat([
      Buffer.from("70736274ff", "hex"),
      ...[global, ...inputs, ...outputs].flatMap((map) => [
        ...map.flatMap(([key, value]) => [sized(key), sized(value)]),
        Uint8Array.of(0),
      ]),
    ]),
  );

/** A PSBT: each input with none, one or both statements of what it spends. */
export function somePsbt(random: Random): Maps {
  const unsigned = {
    ...someTransaction(random, { signed: false, longOneIn: 400 }),
    segwitFlag: false,
  } as Made;
  const spent = unsigned.inputs.map((input) => {
    const previous = someTransaction(random, { longOneIn: 400 });
    input.index = random.below(previous.outputs.length);
    input.txid = Uint8Array.from(sha256x2(writtenStripped(previous))).reverse();
    return previous;
  });
  if (!random.oneIn(4)) payLess(unsigned);
  const inputs = spent.map((previous, i) =>
    inputFields(random, previous, unsigned.inputs[i]!.index),
  );
  return {
    global: [
      field(0, writtenStripped(unsigned)),
      ...(random.oneIn(8) ? [field(0xfb, new Uint8Array(4))] : []),
      ...(random.oneIn(8) ? [field(0xfc, bytes(random, 3), Uint8Array.of(1, 65, 0))] : []),
      ...(random.oneIn(30) ? [field(0x77, bytes(random, 3))] : []),
    ],
    inputs,
    outputs: unsigned.outputs.map(() =>
      random.oneIn(6) ? [field(0, bytes(random, 22)), derivation(random, 2)] : [],
    ),
  };
}

/** Most outputs below what the inputs are worth, so that there is a fee. */
function payLess({ outputs }: Made): void {
  for (const output of outputs) output.amount %= 1_000n;
}

const derivation = (random: Random, type: number): Field =>
  field(type, bytes(random, 4 * (1 + random.below(4))), random.pick(KEYS));

function inputFields(random: Random, previous: Made, index: number): Field[] {
  const output = previous.outputs[index]!;
  const fields: Field[] = [];
  const which = random.below(8);
  if (which < 5) fields.push(field(0, written(previous)));
  if (which > 2 && which < 7) fields.push(field(1, RawOutput.encode(stated(random, output))));
  if (random.oneIn(4)) fields.push(field(2, bytes(random, 71), random.pick(KEYS)));
  if (random.oneIn(5)) fields.push(field(3, Uint8Array.of(random.pick([1, 2, 3, 0x81]), 0, 0, 0)));
  if (random.oneIn(6)) fields.push(field(4, Uint8Array.of(0, 20, ...bytes(random, 20))));
  if (random.oneIn(6)) fields.push(derivation(random, 6));
  if (random.oneIn(5)) fields.push(field(7, bytes(random, 23)));
  if (random.oneIn(5)) fields.push(field(8, Uint8Array.of(1, 2, ...bytes(random, 2))));
  return fields;
}

/** The output as it is, or with another amount or script. */
function stated(random: Random, output: Made["outputs"][number]): Made["outputs"][number] {
  if (!random.oneIn(10)) return output;
  return random.oneIn(2)
    ? { ...output, amount: someAmount(random) }
    : { ...output, script: someScript(random) };
}

/** A change of the maps: a field twice, gone, moved, or a map too many. */
export function mutatedMaps(random: Random, maps: Maps): Maps {
  const all = [maps.global, ...maps.inputs, ...maps.outputs];
  const map = random.pick(all);
  const [first] = map;
  switch (random.below(7)) {
    case 0:
      if (first !== undefined) map.push([first[0], bytes(random, first[1].length)]);
      break;
    case 1:
      map.shift();
      break;
    case 2:
      random.pick(all).push(field(random.below(256), bytes(random, random.below(9))));
      break;
    case 3:
      maps.inputs.push([]);
      break;
    case 4:
      maps.outputs.pop();
      break;
    case 5:
      if (first !== undefined) random.pick(all).push(first);
      break;
    default:
      if (first !== undefined) map[0] = [first[0], mutatedValue(random, first[1])];
  }
  return maps;
}

const mutatedValue = (random: Random, value: Uint8Array): Uint8Array =>
  value.map((byte) => (random.oneIn(value.length) ? byte ^ (1 << random.below(8)) : byte));
