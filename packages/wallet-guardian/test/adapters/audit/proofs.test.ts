/** Proofs and checkpoints, and what is refused of them. */
import { canonicalize } from "@dgb-shield/contract";
import fc from "fast-check";
import { runs } from "@dgb-shield/testkit/runs";
import { beforeAll, describe, expect, it } from "vitest";
import {
  consistencyProof,
  type PaymentProof,
  provePayment,
  refuseContinuation,
  signCheckpoint,
  type SignedCheckpoint,
  verifyCheckpoint,
  verifyPaymentProof,
} from "../../../src/adapters/audit/index.js";
import {
  AT_MS,
  checkpointKey,
  checkpointOver,
  GENESIS,
  recordsTo,
  signedCheckpoint,
  storeOf,
} from "../../support/audit.js";

const KEY = checkpointKey();
const RECORDS = recordsTo(41);
const ORIGIN = { deployment_id: "exchange", genesis: GENESIS };
const TRUST = { keys: KEY.keys, origin: ORIGIN };
const PAYMENT = "w-7";
const OWN = RECORDS.filter(({ record }) => JSON.stringify(record).includes(`"${PAYMENT}"`));

let signed: SignedCheckpoint;
let proof: PaymentProof;

beforeAll(async () => {
  signed = await signedCheckpoint(checkpointOver(RECORDS, 40), KEY);
  const store = await storeOf(RECORDS);
  proof = await provePayment(store, { payment_id: PAYMENT, records: OWN }, signed);
});

describe("verifyCheckpoint", () => {
  it("accepts what the deployment's key has signed, after the key's end too", () => {
    const answer = verifyCheckpoint(JSON.stringify(signed.envelope), TRUST);
    expect(answer).toEqual({
      ...{ accepted: true, checkpoint: signed.checkpoint, key_id: "site-2026" },
    });
  });

  it.each([
    ["another deployment", { origin: { deployment_id: "other" } }, "other_deployment"],
    ["another chain", { origin: { genesis: "0".repeat(64) } }, "other_chain"],
    ["an unknown key", { keys: checkpointKey("other").keys }, "unknown_key"],
    ["another secret under the same name", { keys: checkpointKey().keys }, "bad_signature"],
  ])("refuses one of %s", (_, trust, code) => {
    const answer = verifyCheckpoint(signed.envelope, { ...TRUST, ...trust });
    expect(answer).toMatchObject({ accepted: false, code });
  });

  it("refuses a key without the role, one that was revoked, and a time beyond its validity", async () => {
    const other = checkpointKey("site-2026", ["tip_statement"]);
    const envelope = await signCheckpoint(signed.checkpoint, other.signer);
    expect(verifyCheckpoint(envelope, { keys: other.keys })).toMatchObject({
      code: "key_not_allowed",
    });
    const late = { ...signed.checkpoint, at_ms: AT_MS + 90_000_000 };
    const lateEnvelope = await signCheckpoint(late, KEY.signer);
    expect(verifyCheckpoint(lateEnvelope, TRUST)).toMatchObject({ code: "key_not_allowed" });
    const [key] = KEY.keys.values();
    if (key === undefined) throw new Error("no key");
    const keys = new Map([[key.key_id, { ...key, revoked: true }]]);
    expect(verifyCheckpoint(signed.envelope, { keys })).toMatchObject({ code: "key_not_allowed" });
  });

  it("refuses whatever is none, and never throws", () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        expect(verifyCheckpoint(input, TRUST).accepted).toBe(false);
      }),
      { numRuns: runs(200, 20_000) },
    );
  });

  it("refuses to sign what is none", async () => {
    const none = { ...signed.checkpoint, tree_size: 0 };
    await expect(signCheckpoint(none, KEY.signer)).rejects.toThrow(RangeError);
    const seconds = { ...signed.checkpoint, at_ms: AT_MS / 1_000 };
    await expect(signCheckpoint(seconds, KEY.signer)).rejects.toThrow(RangeError);
  });
});

describe("verifyPaymentProof", () => {
  it("verifies one payment without the other records", () => {
    const text = JSON.stringify(proof);
    expect(verifyPaymentProof(text, TRUST)).toMatchObject({
      ...{ accepted: true, payment_id: PAYMENT, key_id: "site-2026" },
      records: OWN,
    });
    for (const other of ["w-6", "w-8", "w-0"]) expect(text).not.toContain(`"${other}"`);
  });

  it("refuses a proof that is altered in any place", () => {
    const places = placesIn(proof);
    // Fewer places would mean that the proof was not walked.
    expect(places.length).toBeGreaterThan(30);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.nat(), (path, salt) => {
        const altered = alteredAt(proof, path, salt);
        expect(canonicalize(altered)).not.toBe(canonicalize(proof));
        expect(verifyPaymentProof(JSON.stringify(altered), TRUST).accepted).toBe(false);
      }),
      { numRuns: runs(300, 5_000) },
    );
  });

  it.each([
    [
      "a record left out of its proof",
      (one: PaymentProof) => ({ ...one, records: [] }),
      "malformed",
    ],
    [
      "the records in another order",
      (one: PaymentProof) => ({ ...one, records: [...one.records].reverse() }),
      "not_included",
    ],
    [
      "a record twice",
      (one: PaymentProof) => ({ ...one, records: [one.records[0], one.records[0]] }),
      "not_included",
    ],
    [
      "another payment's name",
      (one: PaymentProof) => ({ ...one, payment_id: "w-8" }),
      "other_payment",
    ],
  ])("refuses %s", (_, alter, code) => {
    const answer = verifyPaymentProof(JSON.stringify(alter(proof)), TRUST);
    expect(answer).toMatchObject({ accepted: false, code });
  });

  it("refuses a proof under another checkpoint of the same key", async () => {
    const changed = RECORDS.with(3, { ...(RECORDS[3] as (typeof RECORDS)[0]), at_ms: 1 });
    const other = await signedCheckpoint(checkpointOver(changed, 40), KEY);
    const moved = { ...proof, checkpoint: other.envelope };
    expect(verifyPaymentProof(JSON.stringify(moved), TRUST)).toMatchObject({
      code: "not_included",
    });
  });

  it("is not made of a record that is not the one that was signed, or is not covered", async () => {
    const store = await storeOf(RECORDS);
    const [first] = OWN;
    if (first === undefined) throw new Error("no record");
    const records = [{ ...first, at_ms: first.at_ms + 1 }];
    const payment = { payment_id: PAYMENT, records };
    await expect(provePayment(store, payment, signed)).rejects.toThrow(
      /not the one that was signed/,
    );
    const last = { payment_id: "w-20", records: RECORDS.slice(40) };
    await expect(provePayment(store, last, signed)).rejects.toThrow(RangeError);
    await expect(provePayment(store, { payment_id: PAYMENT, records: [] }, signed)).rejects.toThrow(
      RangeError,
    );
  });
});

describe("refuseContinuation", () => {
  it("accepts a longer tree, and refuses one that was rewritten, another ledger and another epoch", async () => {
    const [before, after] = [checkpointOver(RECORDS, 20), checkpointOver(RECORDS, 40)];
    const hashes = await consistencyProof(await storeOf(RECORDS), 20, 40);
    expect(refuseContinuation(before, after, hashes)).toBeUndefined();
    const changed = RECORDS.with(3, { ...(RECORDS[3] as (typeof RECORDS)[0]), at_ms: 1 });
    const rewritten = checkpointOver(changed, 40);
    const own = await consistencyProof(await storeOf(changed), 20, 40);
    expect(refuseContinuation(before, rewritten, own)?.code).toBe("not_consistent");
    expect(refuseContinuation(after, before, hashes)?.code).toBe("not_consistent");
    for (const other of [{ epoch: 2 }, { ledger_id: "f".repeat(32) }])
      expect(refuseContinuation(before, { ...after, ...other }, hashes)?.code).toBe(
        "not_consistent",
      );
  });
});

type Path = readonly (string | number)[];

/** The places of all members that are no object or list. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) =>
    placesIn(member, [...path, Array.isArray(value) ? Number(name) : name]),
  );
}

/** A copy with another value of the same kind in one place. */
function alteredAt(value: unknown, path: Path, salt: number): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return other(value, salt);
  if (Array.isArray(value))
    return value.map((member, at) => (at === name ? alteredAt(member, rest, salt) : member));
  const object = value as Record<string, unknown>;
  return { ...object, [name]: alteredAt(object[name], rest, salt) };
}

function other(value: unknown, salt: number): unknown {
  if (typeof value === "number") return value + 1 + (salt % 5);
  const text = String(value);
  if (text === "") return "x";
  const at = salt % text.length;
  const digit = text.charAt(at) === "0" ? "1" : "0";
  return `${text.slice(0, at)}${digit}${text.slice(at + 1)}`;
}
