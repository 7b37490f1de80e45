/** The checksum of output descriptors (BIP 380). */

const CHARACTERS =
  "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";
const DIGITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0xf5dee51989n, 0xa9fdca3312n, 0x1bab10e32dn, 0x3706b1677an, 0x644d626ffdn];

/**
 * The eight characters behind `#`.
 *
 * @param descriptor without its checksum
 * @returns undefined where it has characters that no descriptor has
 */
export function checksumOf(descriptor: string): string | undefined {
  let state = 1n;
  let group = 0;
  let count = 0;
  for (const character of descriptor) {
    const at = CHARACTERS.indexOf(character);
    if (at < 0) return undefined;
    state = step(state, BigInt(at & 31));
    group = group * 3 + (at >> 5);
    if (++count === 3) {
      state = step(state, BigInt(group));
      group = 0;
      count = 0;
    }
  }
  if (count > 0) state = step(state, BigInt(group));
  for (let digit = 0; digit < 8; digit++) state = step(state, 0n);
  state ^= 1n;
  return Array.from({ length: 8 }, (_, digit) =>
    DIGITS.charAt(Number((state >> BigInt(5 * (7 - digit))) & 31n)),
  ).join("");
}

function step(state: bigint, value: bigint): bigint {
  const top = state >> 35n;
  const shifted = ((state & 0x7ffffffffn) << 5n) ^ value;
  return GENERATOR.reduce(
    (sum, term, bit) => (((top >> BigInt(bit)) & 1n) === 1n ? sum ^ term : sum),
    shifted,
  );
}
