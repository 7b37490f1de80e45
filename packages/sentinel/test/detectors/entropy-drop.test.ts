import { createECDH } from "node:crypto";
import { describe, expect, it } from "vitest";
import { digibyteRegtest } from "@dgb-shield/chain";
import { entropyDrop, type Signature } from "../../src/index.js";
import { SHORT_R, WEAK_NONCES } from "../../src/detectors/weak-nonces.js";
import { header, observation, randomNumbers, run, timed } from "../support/chain.js";

const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const hex = (value: bigint) => value.toString(16).padStart(64, "0");

/** The x-coordinate of k·G modulo n, by another implementation of the curve. */
function rOf(nonce: bigint): string {
  const curve = createECDH("secp256k1");
  curve.setPrivateKey(Buffer.from(hex(nonce), "hex"));
  return hex(BigInt(`0x${curve.getPublicKey("hex", "compressed").slice(2)}`) % N);
}

function inverse(value: bigint): bigint {
  let [base, exponent, result] = [value, N - 2n, 1n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % N;
    base = (base * base) % N;
  }
  return result;
}

/** The nonce that a name of the table stands for: `7`, `1/3`, `2^64`, `2^64 - 1`. */
function nonceOf(name: string): bigint {
  const [, divisor] = /^1\/(\d+)$/.exec(name) ?? [];
  if (divisor !== undefined) return inverse(BigInt(divisor));
  const [, power, less] = /^2\^(\d+)( - 1)?$/.exec(name) ?? [];
  if (power !== undefined) return 2n ** BigInt(power) - (less === undefined ? 0n : 1n);
  return BigInt(name);
}

const random = randomNumbers(11);
/** 32 random bytes whose first is made by a function of a number in (0, 1). */
const randomR = (first = (u: number) => Math.floor(256 * u)) =>
  [first(random()), ...Array.from({ length: 31 }, () => Math.floor(256 * random()))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
const signed = (rs: readonly string[], key = (i: number) => `key-${i}`): Signature[] =>
  rs.map((r, i) => ({ r, key: key(i) }));
let height = 0;
const at = (signatures: Signature[]) => observation([header(++height)], { signatures });
const many = (count: number, first?: (u: number) => number) =>
  Array.from({ length: count }, () => randomR(first));

describe("WEAK_NONCES", () => {
  it.each(WEAK_NONCES)("has the r of %s", (name, r) => {
    expect(rOf(nonceOf(name))).toBe(r);
  });

  it("leaves out the r of 1/2, which sweeps of dust use on purpose", () => {
    expect(rOf(nonceOf("1/2"))).toBe(SHORT_R);
    expect(WEAK_NONCES.map(([, r]) => r)).not.toContain(SHORT_R);
  });
});

describe("entropyDrop", () => {
  it.each([
    ["uniform r", undefined],
    ["r whose top bit wallets keep at 0", (u: number) => Math.floor(128 * u)],
  ])("finds nothing in %s", (_, first) => {
    const blocks = Array.from({ length: 40 }, () => at(signed(many(500, first))));
    expect(run(entropyDrop, blocks).flat()).toEqual([]);
  });

  it.each(["1", "1/3", "2^128"])("finds the nonce %s at once, and for a day", (name) => {
    const r = rOf(nonceOf(name));
    const seen = at(signed([randomR(), r]));
    const later = (ms: number) => ({ ...seen, at_ms: seen.at_ms + ms, signatures: [] });
    const found = run(entropyDrop, [seen, later(86_399_999), later(86_400_000)]);
    expect(found.map((findings) => findings.length)).toEqual([1, 1, 0]);
    expect(found[0]?.[0]).toMatchObject({
      finding_id: `entropy_drop:weak_nonce:${r.slice(-16)}`,
      severity: 0.59,
      latched: false,
      evidence: { r, nonce: name, keys: ["key-1"] },
    });
  });

  it("finds nothing in a morning of dust swept with the r of 1/2", () => {
    const blocks = Array.from({ length: 70 }, () => at(signed(many(1_000).fill(SHORT_R))));
    expect(run(entropyDrop, blocks).flat()).toEqual([]);
  });

  it("leaves an r that is used twice to nonce_reuse", () => {
    const r = randomR();
    expect(run(entropyDrop, [at([{ r, key: "a" }]), at([{ r, key: "b" }])]).flat()).toEqual([]);
  });

  it("reads the state that an earlier version stored, and holds what it held", () => {
    const held = (kind: string, r: string) => ({
      ...{ kind, r, nonce: "", keys: ["a", "b"], height: 7, until_ms: 1 + at([]).at_ms * 2 },
    });
    const r = randomR();
    const stored = {
      remembered: [{ r, key: "a" }],
      held: [held("shared_nonce", r), held("weak_nonce", SHORT_R)],
      bits: entropyDrop.initial().bits,
      raised_at: null,
    };
    const state = entropyDrop.upgrade!(stored)!;
    expect(entropyDrop.stateSchema.safeParse(state).success).toBe(true);
    const { findings } = entropyDrop.reduce(state, timed(at([])), digibyteRegtest);
    expect(findings.map(({ finding_id }) => finding_id)).toEqual([
      `entropy_drop:shared_nonce:${r.slice(-16)}`,
    ]);
    expect(entropyDrop.upgrade!(state)).toBeUndefined();
  });

  // Four bits that are always the same: 16 nats·ln 16 less what learning costs
  it.each([
    ["always the same four bits", (u: number) => 0x28 + Math.floor(8 * u), 30],
    ["a bit that is always 0", (u: number) => Math.floor(64 * u), 120],
    ["a quarter without randomness", (u: number) => (u < 0.25 ? 0x30 : Math.floor(128 * u)), 600],
  ])("finds %s", (_, first, most) => {
    const found = run(
      entropyDrop,
      many(1_000, first).map((r) => at(signed([r]))),
    );
    const first_at = found.findIndex((findings) => findings.length > 0);
    expect(first_at).toBeGreaterThan(0);
    expect(first_at).toBeLessThan(most);
    expect(found[first_at]?.[0]?.finding_id).toMatch(/^entropy_drop:leading_bits:\d+$/);
  });

  it("finds one r that is far too small", () => {
    const small = `${"0".repeat(18)}${randomR().slice(18)}`;
    expect(run(entropyDrop, [at(signed([small]))])[0]).toMatchObject([{ severity: 0.59 }]);
  });

  it("takes 0 and the highest r, whatever they mean", () => {
    const odd = signed(["0".repeat(64), "f".repeat(64), `8${"0".repeat(63)}`]);
    expect(() => run(entropyDrop, [at(odd)])).not.toThrow();
  });

  it("stays small, however many it gets", () => {
    const state = entropyDrop.reduce(
      entropyDrop.initial(),
      timed(at(signed(many(5_000)))),
      digibyteRegtest,
    ).state;
    expect(JSON.stringify(state).length).toBeLessThan(2_000);
    const weak = WEAK_NONCES.map(([, r]) => r);
    const { findings } = entropyDrop.reduce(state, timed(at(signed(weak))), digibyteRegtest);
    expect(findings.length).toBeLessThanOrEqual(33);
  });
});
