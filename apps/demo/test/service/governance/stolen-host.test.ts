/** A stolen host: with its database and the token's key in hand, nothing passes a signer that approvers did not sign. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PaymentTerms } from "@dgb-shield/client";
import {
  type Approver,
  createApproverKey,
  readApproverKey,
  signApproval,
} from "@dgb-shield/client/approve";
import { createVerifier } from "@dgb-shield/client/verify";
import { runs } from "@dgb-shield/testkit/runs";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { issueToken } from "../../../src/service/signing/issue-token.js";
import { createTokenKey, fileSigner } from "../../../src/service/signing/token-signer.js";
import { DESCRIPTORS, pinsOf, PSBT, TERMS } from "../../support/signing/payment.js";

const folder = mkdtempSync(join(tmpdir(), "shield-stolen-host-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOW = 1_780_000_000_000;
const DAY_MS = 86_400_000;
const made = (
  name: string,
  key_id: string,
): Approver & { pinned: ReturnType<typeof createApproverKey> } => {
  const path = join(folder, `${name}.key`);
  const pinned = createApproverKey(path, { approver: name, key_id });
  return { ...readApproverKey(path), pinned };
};
const ada = made("ada", "ada-1");
/** The thief's own key, under the name of the pinned one. */
const thief = made("thief", "ada-1");

const pinned = createTokenKey(join(folder, "token.key"), "service-1");
const stolen = fileSigner(join(folder, "token.key"), "service-1");

const verifier = createVerifier({ pins: pinsOf(pinned, [ada.pinned]), descriptors: DESCRIPTORS });
const inspect = async (terms: PaymentTerms, approvals: readonly Signed[], change: object = {}) => {
  if (!verifier.ok) throw new Error(verifier.text);
  const draft = {
    ...{ terms, signer_id: "signer-1", record_hash: "0".repeat(64), transaction: null },
    ...{ now_ms: NOW, valid_for_ms: 60_000, ...change },
    approvals: [...approvals],
  };
  const token = await issueToken(draft, stolen);
  return verifier.value.inspect({ token, psbt: PSBT, now_ms: NOW + 1 });
};
type Signed = Readonly<{ key_id: string; expires_at_ms: number; signature: string }>;
const approval = (terms: PaymentTerms, by: Approver, expires_at_ms = NOW + DAY_MS): Signed => {
  const { key_id, signature } = signApproval({ ...terms, expires_at_ms }, by);
  return { key_id, signature, expires_at_ms };
};

/** Terms that approvers signed for other payments, which the database has. */
const OTHERS: readonly PaymentTerms[] = [
  { ...TERMS, payment_id: "w-2" },
  { ...TERMS, max_fee: "0.002" },
  { ...TERMS, wallet_id: "warm" },
  { ...TERMS, deployment_id: "other" },
  { ...TERMS, payouts: TERMS.payouts.toReversed() },
  { ...TERMS, payouts: [...TERMS.payouts].map((one) => ({ ...one, amount: "1" })) },
];

it("passes what was approved, so that the rest of this file can fail", async () => {
  expect(await inspect(TERMS, [approval(TERMS, ada)])).toMatchObject({ ok: true });
});

it("passes nothing else, whatever the thief puts together of what the host has", async () => {
  const pool: readonly Signed[] = [
    ...OTHERS.map((terms) => approval(terms, ada)),
    approval(TERMS, ada, NOW - DAY_MS),
    approval(TERMS, thief),
    { ...approval(TERMS, thief), key_id: "thief-1" },
    { ...approval(TERMS, ada), expires_at_ms: NOW + 2 * DAY_MS },
  ];
  const terms = fc.record({
    payment_id: fc.constantFrom("w-1", "w-2", "w-9"),
    max_fee: fc.constantFrom("0.001", "0.002", "5"),
    wallet_id: fc.constantFrom("hot", "warm"),
    deployment_id: fc.constantFrom("main", "other"),
    policy_version: fc.constantFrom(TERMS.policy_version, "0".repeat(64)),
    payouts: fc.constantFrom(
      ...[TERMS, ...OTHERS].map((one) => one.payouts),
      ...TERMS.payouts.map((one) => [one]),
    ),
  });
  const chosen = fc.subarray([...pool.keys()]);
  await fc.assert(
    fc.asyncProperty(terms, chosen, fc.boolean(), async (change, indexes, isRepeated) => {
      const own = indexes.map((at) => pool[at]!);
      const approvals = isRepeated ? [...own, ...own] : own;
      const answer = await inspect({ ...TERMS, ...change }, approvals);
      // What a person signed for exactly these terms is no theft.
      const signed = own.some((one) => {
        const terms = OTHERS[pool.indexOf(one)];
        return JSON.stringify(terms) === JSON.stringify({ ...TERMS, ...change });
      });
      if (!signed) expect(answer).toMatchObject({ ok: false });
    }),
    { numRuns: runs(1_000, 100_000) },
  );
});
