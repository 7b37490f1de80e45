import {
  createECDH,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from "node:crypto";
import { describe, expect, it } from "vitest";
import { digibyteRegtest } from "@dgb-shield/chain";
import { runs } from "@dgb-shield/testkit/runs";
import { createSentinel, nonceReuse, type Signature } from "../../src/index.js";
import { SHORT_R, WEAK_NONCES } from "../../src/detectors/weak-nonces.js";
import { header, NODE, observation, randomNumbers, run, timed } from "../support/chain.js";

const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const hex = (value: bigint) => value.toString(16).padStart(64, "0");
const modulo = (value: bigint) => ((value % N) + N) % N;

function inverse(value: bigint): bigint {
  let [base, exponent, result] = [modulo(value), N - 2n, 1n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % N;
    base = (base * base) % N;
  }
  return result;
}

function pointOf(scalar: bigint): Buffer {
  const curve = createECDH("secp256k1");
  curve.setPrivateKey(Buffer.from(hex(scalar), "hex"));
  return curve.getPublicKey();
}

/** A real ECDSA signature by a nonce of one's choice, checked by OpenSSL. */
function ecdsa(secret: bigint, nonce: bigint, message: string): Signature {
  const r = modulo(BigInt(`0x${pointOf(nonce).subarray(1, 33).toString("hex")}`));
  const z = BigInt(`0x${createHash("sha256").update(message).digest("hex")}`);
  const s = modulo(inverse(nonce) * (z + r * secret));
  const point = pointOf(secret);
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((one) =>
    one.toString("base64url"),
  );
  const key = createPublicKey({
    format: "jwk",
    key: { kty: "EC", crv: "secp256k1", x: x!, y: y! },
  });
  const raw = Buffer.from(hex(r) + hex(s), "hex");
  const isValid = verify("sha256", Buffer.from(message), { key, dsaEncoding: "ieee-p1363" }, raw);
  expect(isValid).toBe(true);
  return {
    r: hex(r),
    s: hex(s),
    key: `02${hex(BigInt(`0x${point.subarray(1, 33).toString("hex")}`))}`,
  };
}

const random = randomNumbers(17);
const randomHex = () =>
  Array.from({ length: 64 }, () => Math.floor(16 * random()).toString(16)).join("");
const others = (count: number): Signature[] =>
  Array.from({ length: count }, (_, i) => ({ r: randomHex(), s: randomHex(), key: `key-${i}` }));
let height = 0;
const at = (...signatures: Signature[]) => observation([header(++height)], { signatures });
const found = (...seen: Signature[]) =>
  run(
    nonceReuse,
    seen.map((one) => at(one)),
  )
    .at(-1)!
    .map(({ finding_id, severity }) => [finding_id.split(":")[1], severity]);

const [ALICE, BOB] = [1_234_567n, 7_654_321n];
const FIRST = ecdsa(ALICE, 99n ** 9n, "first");
const SECOND = ecdsa(ALICE, 99n ** 9n, "second");
const negated = (one: Signature): Signature => ({ ...one, s: hex(N - BigInt(`0x${one.s}`)) });

describe("nonceReuse", () => {
  it("finds another s under one key: the key follows from the two signatures", () => {
    expect(found(FIRST, SECOND)).toEqual([["same_key", 0.99]]);
    expect(found(FIRST, negated(SECOND))).toEqual([["same_key", 0.99]]);
    const both = run(nonceReuse, [at(FIRST, SECOND)])[0]!;
    expect(both[0]).toMatchObject({
      finding_id: `nonce_reuse:same_key:${FIRST.r.slice(-16)}`,
      evidence: { r: FIRST.r, key: FIRST.key },
      latched: false,
    });
  });

  it("finds one nonce under two keys, with a lower level", () => {
    expect(found(FIRST, ecdsa(BOB, 99n ** 9n, "first"))).toEqual([["other_key", 0.6]]);
    const withoutS = { r: FIRST.r, key: FIRST.key };
    expect(found(withoutS, { ...withoutS, key: "b" })).toEqual([["other_key", 0.6]]);
  });

  it("compares with all that have the r, not with the last", () => {
    const bob = ecdsa(BOB, 99n ** 9n, "x");
    expect(found(FIRST, bob, SECOND)).toEqual([
      ["other_key", 0.6],
      ["same_key", 0.99],
    ]);
  });

  it.each([
    ["the same transaction again", FIRST, FIRST],
    ["a copy with n − s", FIRST, negated(FIRST)],
    ["a copy of a copy", negated(FIRST), FIRST],
    ["a signature whose s is not known", { r: FIRST.r, key: FIRST.key }, SECOND],
    ["and the other way round", FIRST, { r: FIRST.r, key: FIRST.key }],
  ])("finds nothing in %s", (_, one, other) => {
    expect(found(one, other)).toEqual([]);
  });

  describe("on Schnorr signatures", () => {
    const [r, s, key] = [randomHex(), randomHex(), randomHex()];
    const schnorr = { r, s, key, scheme: "schnorr" } as const;

    it("finds another s for one R under one key", () => {
      expect(found(schnorr, { ...schnorr, s: randomHex() })).toEqual([["same_key", 0.99]]);
    });

    it("takes n − s for another s", () => {
      expect(found(schnorr, negated(schnorr))).toEqual([["same_key", 0.99]]);
      expect(found(schnorr, schnorr)).toEqual([]);
    });

    it("finds a nonce that both schemes used", () => {
      expect(found(schnorr, { ...FIRST, r })).toEqual([["other_key", 0.6]]);
    });
  });

  it("leaves nonces that anyone knows to others, and the r of 1/2 to none", () => {
    for (const r of [SHORT_R, WEAK_NONCES[0]![1]]) {
      expect(found({ ...FIRST, r }, { ...SECOND, r })).toEqual([]);
      expect(found({ ...FIRST, r }, { ...SECOND, r, key: "b" })).toEqual([]);
    }
  });

  it("finds nothing in thousands of signatures of honest keys, each sent twice", () => {
    const keys = Array.from({ length: 4 }, () =>
      generateKeyPairSync("ec", { namedCurve: "secp256k1" }),
    );
    let state = nonceReuse.initial();
    for (let i = 0; i < runs(2_000, 10_000); i += 50) {
      const signatures = Array.from({ length: 50 }, (_, j): Signature => {
        const key = (i + j) % keys.length;
        const raw = sign("sha256", Buffer.from(`${i + j}`), {
          key: keys[key]!.privateKey,
          dsaEncoding: "ieee-p1363",
        }).toString("hex");
        return { r: raw.slice(0, 64), s: raw.slice(64), key: `key-${key}` };
      });
      for (const seen of [at(...signatures), at(...signatures.map(negated))]) {
        const reduced = nonceReuse.reduce(state, timed(seen), digibyteRegtest);
        expect(reduced.findings).toEqual([]);
        state = reduced.state;
      }
    }
  }, 120_000);

  it("keeps the last 900 signatures, across a restart too", () => {
    const early = run(nonceReuse, [at(FIRST), at(...others(899)), at(SECOND)]);
    expect(early[2]).toHaveLength(1);
    const late = run(nonceReuse, [at(FIRST), at(...others(960)), at(SECOND)]);
    expect(late.flat()).toEqual([]);
  });

  it("goes on from a stored state as from its own", () => {
    const seen = [at(FIRST), ...Array.from({ length: 40 }, () => at(...others(50))), at(SECOND)];
    const ofOne = (store: boolean) => {
      let state = nonceReuse.initial();
      return seen.map((one) => {
        const reduced = nonceReuse.reduce(state, timed(one), digibyteRegtest);
        state = store ? (JSON.parse(JSON.stringify(reduced.state)) as typeof state) : reduced.state;
        return reduced;
      });
    };
    expect(ofOne(true)).toEqual(ofOne(false));
  });

  it("gives the same for a state that is used twice", () => {
    const before = nonceReuse.reduce(nonceReuse.initial(), timed(at(FIRST)), digibyteRegtest).state;
    const twice = [0, 1].map(() => nonceReuse.reduce(before, timed(at(SECOND)), digibyteRegtest));
    expect(twice[0]!.findings).toHaveLength(1);
    expect(twice[1]!.findings).toHaveLength(1);
  });

  it("holds a finding for a day, and the worst of too many", () => {
    const seen = at(FIRST, SECOND);
    const later = (ms: number) => ({ ...seen, at_ms: seen.at_ms + ms, signatures: [] });
    const held = run(nonceReuse, [seen, later(86_399_999), later(86_400_000)]);
    expect(held.map((findings) => findings.length)).toEqual([1, 1, 0]);
    const pairs = others(60).flatMap((one) => [one, { ...one, key: "b" }]);
    const [all] = run(nonceReuse, [at(FIRST, SECOND, ...pairs)]);
    expect(all).toHaveLength(32);
    expect(all!.some(({ severity }) => severity === 0.99)).toBe(true);
  });

  it("keeps a small state, of which little changes at a time", () => {
    let { state } = nonceReuse.reduce(
      nonceReuse.initial(),
      timed(at(...others(2_000))),
      digibyteRegtest,
    );
    expect(JSON.stringify(state).length).toBeLessThan(16_000);
    const before = state.signatures.chunks;
    state = nonceReuse.reduce(state, timed(at(...others(10))), digibyteRegtest).state;
    const changed = Object.keys(before).filter((k) => state.signatures.chunks[k] !== before[k]);
    expect(changed.length).toBeLessThanOrEqual(2);
  });

  it("is a default detector, and critical in a report", () => {
    const sentinel = createSentinel({ node_id: NODE, chain: digibyteRegtest });
    expect(sentinel.observe(at(FIRST, SECOND)).level).toBe("critical");
  });

  it("does not run where signatures were not read", () => {
    expect(nonceReuse.hasEvidence!(observation([header(1)]))).toBe(false);
  });
});
