import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import {
  createApproverKey,
  isSignedBy,
  KeyFileProblem,
  readApproverKey,
  readSignedApproval,
  signApproval,
} from "../../../src/adapters/approve/index.js";
import { bindingOf, type PaymentTerms } from "../../../src/index.js";
import { NOW, publicKeyOf, signerOf, TERMS } from "../../support/site.js";

const folder = mkdtempSync(join(tmpdir(), "approve-"));
afterAll(() => rmSync(folder, { recursive: true }));

const document = { ...TERMS, expires_at_ms: NOW };
const signed = signApproval(document, signerOf(11, "ada-1"));
const key = publicKeyOf(11);

/** The document with one field changed to another valid value. */
const ALTERED: readonly (readonly [string, Partial<typeof document>])[] = [
  ["deployment_id", { deployment_id: "other" }],
  ["genesis", { genesis: "00".repeat(32) }],
  ["wallet_id", { wallet_id: "cold" }],
  ["payment_id", { payment_id: "w-2" }],
  ["payouts", { payouts: TERMS.payouts.slice(1) }],
  ["the order of payouts", { payouts: [...TERMS.payouts].reverse() }],
  ["a script", { payouts: [{ ...TERMS.payouts[0]!, script: "51" }, TERMS.payouts[1]!] }],
  ["an amount", { payouts: [{ ...TERMS.payouts[0]!, amount: "1.50000001" }, TERMS.payouts[1]!] }],
  ["max_fee", { max_fee: "0.00100001" }],
  ["policy_version", { policy_version: "00".repeat(32) }],
  ["expires_at_ms", { expires_at_ms: NOW + 1 }],
];

describe("isSignedBy", () => {
  it("verifies what was signed, and nothing by another key", () => {
    expect(isSignedBy(document, signed.signature, key)).toBe(true);
    expect(isSignedBy(document, signed.signature, publicKeyOf(12))).toBe(false);
    expect(isSignedBy(document, signed.signature, "A".repeat(43))).toBe(false);
    expect(isSignedBy(document, "", key)).toBe(false);
  });

  it.each(ALTERED)("refuses another value of %s", (_, change) => {
    expect(isSignedBy({ ...document, ...change }, signed.signature, key)).toBe(false);
  });

  it("refuses every other signature", () => {
    const bytes = Buffer.from(signed.signature, "base64url");
    fc.assert(
      fc.property(fc.nat(63), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const other = Buffer.from(bytes);
        other[at] = other[at]! ^ mask;
        expect(isSignedBy(document, other.toString("base64url"), key)).toBe(false);
      }),
    );
  });
});

describe("bindingOf", () => {
  it("is of the terms alone, not of when an approval ends", () => {
    expect(bindingOf({ ...document, expires_at_ms: NOW + 1 } as PaymentTerms)).toBe(
      bindingOf(TERMS),
    );
  });

  it.each(ALTERED.slice(0, -1))("differs with %s", (_, change) => {
    expect(bindingOf({ ...TERMS, ...change })).not.toBe(bindingOf(TERMS));
  });
});

describe("readSignedApproval", () => {
  it("reads its own copy of a signed approval", () => {
    expect(readSignedApproval(JSON.parse(JSON.stringify(signed)))).toEqual({
      ok: true,
      value: signed,
    });
  });

  it.each([
    ["/extra", { ...signed, extra: 1 }],
    ["/key_id", { ...signed, key_id: "a b" }],
    ["/approval/max_fee", { ...signed, approval: { ...document, max_fee: 1 } }],
    ["/approval/payouts", { ...signed, approval: { ...document, payouts: [] } }],
    ["/approval/extra", { ...signed, approval: { ...document, extra: 1 } }],
    ["", null],
  ])("refuses what is none: %s", (path, input) => {
    expect(readSignedApproval(input)).toEqual({ ok: false, path });
  });

  it("refuses to sign what is no approval", () => {
    const wrong = { ...document, payouts: [] };
    expect(() => signApproval(wrong, signerOf(11, "ada-1"))).toThrow(RangeError);
  });
});

describe("key files", () => {
  const path = join(folder, "ada.key");

  it("makes a key that signs, in a file of its owner alone", () => {
    const shown = createApproverKey(path, { approver: "ada", key_id: "ada-1" });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const approver = readApproverKey(path);
    expect(approver).toMatchObject({ approver: "ada", key_id: "ada-1" });
    const { signature } = signApproval(document, approver);
    expect(isSignedBy(document, signature, shown.public_key)).toBe(true);
    expect(JSON.stringify(shown)).not.toContain(JSON.parse(readFileSync(path, "utf8")).seed);
  });

  it("overwrites no file, and refuses names that pins do not take", () => {
    expect(() => createApproverKey(path, { approver: "ada", key_id: "ada-1" })).toThrow(
      KeyFileProblem,
    );
    const other = join(folder, "other.key");
    expect(() => createApproverKey(other, { approver: "a b", key_id: "x" })).toThrow(
      KeyFileProblem,
    );
    expect(() => createApproverKey(other, { approver: "a", key_id: "#" })).toThrow(KeyFileProblem);
    expect(() => readApproverKey(other)).toThrow("ENOENT");
  });

  it("refuses a key that others can read, and what is no key, without its content", () => {
    const copy = join(folder, "copy.key");
    writeFileSync(copy, readFileSync(path), { mode: 0o600 });
    chmodSync(copy, 0o644);
    expect(() => readApproverKey(copy)).toThrow("chmod 600");
    chmodSync(copy, 0o600);
    writeFileSync(copy, '{"approver_key_version":1,"seed":"c2VjcmV0"}');
    expect(() => readApproverKey(copy)).toThrow(/^(?!.*c2VjcmV0).*not an approver's key/);
    writeFileSync(copy, "x".repeat(5_000));
    expect(() => readApproverKey(copy)).toThrow("too large");
  });
});
