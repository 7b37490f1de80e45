/** Approvals that approvers sign, and tokens that signers verify, over HTTP. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApproverKey, PaymentTerms, PinsInput } from "@dgb-shield/client";
import {
  type Approver,
  createApproverKey,
  readApproverKey,
  signApproval,
} from "@dgb-shield/client/approve";
import { createVerifier } from "@dgb-shield/client/verify";
import { digibyteRegtest } from "@dgb-shield/chain";
import { addressOf } from "@dgb-shield/chain/decode";
import { compactVerify, createLocalJWKSet } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApprovalFile } from "../../src/service/runtime/approvals/file.js";
import { commandSigner, createTokenKey } from "../../src/service/signing/token-signer.js";
import { type HttpService, KEYS, payment, startHttpService } from "../support/http-service.js";
import { DESCRIPTORS } from "../support/signing/payment.js";

const folder = mkdtempSync(join(tmpdir(), "shield-signing-"));
const SCRIPTS = ["0014" + "aa".repeat(20), "0014" + "bb".repeat(20)];
const [TO = "", COLD = ""] = SCRIPTS.map((script) => addressOf(digibyteRegtest, script) ?? "");

const approvers: ApproverKey[] = [];
const signers = new Map<string, Approver>();
for (const approver of ["ada", "ben"]) {
  const path = join(folder, `${approver}.key`);
  approvers.push(createApproverKey(path, { approver, key_id: `${approver}-1` }));
  signers.set(approver, readApproverKey(path));
}
const tokenKey = createTokenKey(join(folder, "token.key"), "service-2");
const former = createTokenKey(join(folder, "former.key"), "service-1");

const CONFIG = {
  approvers,
  thresholds: {
    classes: { cold: [COLD] },
    approvers: {
      external: [
        { from: "0", approvers: 1 },
        { from: "20", approvers: 2 },
      ],
      cold: [{ from: "0", approvers: 1 }],
    },
  },
  token: {
    key_id: "service-2",
    key_file: join(folder, "token.key"),
    other_keys: [{ ...former, until_ms: Date.now() + 3_600_000 }],
  },
};

let http: HttpService;
beforeAll(async () => {
  http = await startHttpService({ config: CONFIG });
});
afterAll(async () => {
  await http.close();
  rmSync(folder, { recursive: true, force: true });
});

const body = (amount = "10", address = TO) =>
  payment({
    amount,
    max_fee: "0.01",
    destinations: [{ address, amount: String(Number(amount) - 0.01) }],
  });
const decide = async (id: string, content: object = body()) =>
  (await http.call(`PUT /v1/payments/${id}`, { body: content })).body;
const approve = (id: string, terms: PaymentTerms, by: string, ends = Date.now() + 3_600_000) => {
  const signed = signApproval({ ...terms, expires_at_ms: ends }, signers.get(by)!);
  return http.call(`POST /v1/payments/${id}/approvals`, { key: KEYS.approver, body: signed });
};
const claim = async (id: string, more: object = {}) =>
  (await http.call(`POST /v1/payments/${id}/claim`, { body: { signer_id: "signer-1", ...more } }))
    .body;

const verifierOf = (change: Partial<PinsInput> = {}) => {
  const made = createVerifier({
    pins: {
      pins_version: 1,
      deployment_id: "test",
      chain: "digibyte_regtest",
      genesis: digibyteRegtest.genesis!.hash,
      wallet_id: "hot-1",
      signer_id: "signer-1",
      service_keys: [tokenKey],
      approver_keys: approvers,
      thresholds: { approvers: { external: [{ from: "0", approvers: 1 }] } },
      ...change,
    },
    descriptors: DESCRIPTORS,
  });
  if (!made.ok) throw new Error(made.text);
  return made.value;
};

describe("signed approvals", () => {
  it("lead to a claim with a token, which a signer's verifier and another library accept", async () => {
    const refused = await decide("p-1");
    expect(refused).toMatchObject({ final: "REFUSED", next: "approve" });
    expect(refused.terms).toMatchObject({
      deployment_id: "test",
      genesis: digibyteRegtest.genesis!.hash,
      wallet_id: "hot-1",
      payment_id: "p-1",
      payouts: [{ script: SCRIPTS[0], amount: "9.99" }],
      max_fee: "0.01",
    });
    const shown = await http.call("GET /v1/payments/p-1", { key: KEYS.approver });
    expect(shown.body.terms).toEqual(refused.terms);
    const approved = await approve("p-1", refused.terms, "ada");
    expect([approved.status, approved.body]).toMatchObject([
      200,
      { approver: "ada", binds: refused.binds, signed: { key_id: "ada-1" } },
    ]);
    expect(await decide("p-1")).toMatchObject({ final: "ALLOW", next: "claim" });
    const txid = "12".repeat(32);
    const claimed = await claim("p-1", { transaction: { inputs: [`${"34".repeat(32)}:0`], txid } });
    expect(claimed).toMatchObject({ decision: "ALLOW", enforced: true });

    const jwks = (await http.call("GET /v1/jwks", { key: null })).body;
    expect(jwks.keys.map(({ kid }: { kid: string }) => kid)).toEqual(["service-2", "service-1"]);
    const { payload, protectedHeader } = await compactVerify(
      claimed.token,
      createLocalJWKSet(jwks),
    );
    expect(protectedHeader).toEqual({
      alg: "EdDSA",
      kid: "service-2",
      typ: "vnd.dgb-shield.payment-token.v1+json",
    });
    const content = JSON.parse(new TextDecoder().decode(payload));
    expect(content).toMatchObject({ ...refused.terms, signer_id: "signer-1", transaction: txid });
    expect(content.expires_at_ms - content.issued_at_ms).toBeLessThanOrEqual(60_000);
    // Past the token and its approvals the verifier reads the transaction, which is none here.
    const request = { token: claimed.token, psbt: "", now_ms: Date.now() };
    expect(verifierOf().inspect(request)).toMatchObject({ code: "transaction_unreadable" });
    expect(verifierOf({ service_keys: [former] }).inspect(request)).toMatchObject({
      code: "token_key_unknown",
    });
    const eve = createApproverKey(join(folder, "eve.key"), { approver: "eve", key_id: "eve-1" });
    expect(verifierOf({ approver_keys: [eve] }).inspect(request)).toMatchObject({
      code: "approver_unknown",
    });
  });

  it("are as many as amount and class of destination ask for, by different people", async () => {
    const large = await decide("p-2", body("25"));
    await approve("p-2", large.terms, "ada");
    expect(await decide("p-2", body("25"))).toMatchObject({ final: "REFUSED", next: "approve" });
    await approve("p-2", large.terms, "ada", Date.now() + 7_200_000);
    expect((await decide("p-2", body("25"))).final).toBe("REFUSED");
    await approve("p-2", large.terms, "ben");
    expect((await decide("p-2", body("25"))).final).toBe("ALLOW");
    const cold = await decide("p-3", body("25", COLD));
    await approve("p-3", cold.terms, "ben");
    expect((await decide("p-3", body("25", COLD))).final).toBe("ALLOW");
  });

  it("of other terms count for nothing", async () => {
    const { terms } = await decide("p-4");
    const other = { ...terms, payouts: [{ script: SCRIPTS[1]!, amount: "9.99" }] };
    expect((await approve("p-4", other, "ada")).status).toBe(200);
    expect((await decide("p-4")).final).toBe("REFUSED");
  });

  it("are refused with the reason", async () => {
    const { terms } = await decide("p-5");
    const day = 86_400_000;
    const refusals = [
      await approve("p-5", { ...terms, payment_id: "p-4" }, "ada"),
      await approve("p-5", { ...terms, deployment_id: "other" }, "ada"),
      await approve("p-5", { ...terms, genesis: "00".repeat(32) }, "ada"),
      await approve("p-5", terms, "ada", Date.now() - 1),
      await approve("p-5", terms, "ada", Date.now() + 2 * day),
    ];
    expect(refusals.map(({ status, body: { code } }) => [status, code])).toEqual(
      Array.from({ length: 5 }, () => [422, "approval_refused"]),
    );
    const signed = signApproval(
      { ...terms, expires_at_ms: Date.now() + day / 2 },
      signers.get("ada")!,
    );
    const post = (content: object) =>
      http.call("POST /v1/payments/p-5/approvals", { key: KEYS.approver, body: content });
    const unknown = await post({ ...signed, key_id: "eve-1" });
    const swapped = await post({ ...signed, key_id: "ben-1" });
    expect([unknown.body.code, swapped.body.code]).toEqual([
      "approval_refused",
      "approval_refused",
    ]);
    const byRole = await post({ binds: "ab".repeat(32) });
    expect([byRole.status, byRole.body.code]).toEqual([409, "signature_required"]);
    expect((await decide("p-5")).final).toBe("REFUSED");
  });

  it("cannot be given for what names no destination or fee: it is stopped", async () => {
    for (const content of [
      payment({ amount: "1" }),
      payment({ amount: "1", destinations: [{ address: TO, amount: "0.9" }] }),
    ]) {
      const id = `n-${createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 8)}`;
      const answer = await decide(id, content);
      expect(answer).toMatchObject({ final: "REFUSED", next: "stop", terms: null });
      expect(answer.reasons[0]).toMatchObject({ layer: "service", code: "terms_incomplete" });
    }
  });

  it("cannot be given for what goes to no address of the chain: it is refused", async () => {
    const content = payment({
      ...{ amount: "1", max_fee: "0.1" },
      destinations: [{ address: "nowhere", amount: "0.9" }],
    });
    expect(await decide("n-nowhere", content)).toMatchObject({
      ...{ final: "REFUSED", next: "stop", terms: null },
      reasons: [{ layer: "guardian", code: "destination_unreadable" }],
    });
  });

  it("give a repeated claim a token of its own, and another signer none", async () => {
    const first = await claim("p-1", { transaction: { inputs: [`${"34".repeat(32)}:0`] } });
    expect(first).toMatchObject({ decision: "ALLOW" });
    const other = await http.call("POST /v1/payments/p-1/claim", {
      body: { signer_id: "signer-2" },
    });
    expect([other.body.decision, other.body.token]).toEqual(["DELAY", undefined]);
  });
});

describe("the latch", () => {
  it("keeps approvals by role from counting once approvers were configured", async () => {
    const path = join(folder, "approvals.jsonl");
    const store = createApprovalFile(path, Date.now);
    expect(await store.isSignedOnly()).toBe(false);
    await store.setSignedOnly();
    await store.setSignedOnly();
    expect(await store.isSignedOnly()).toBe(true);
    expect(await createApprovalFile(path, Date.now).isSignedOnly()).toBe(true);
  });
});

describe("commandSigner", () => {
  const program = join(folder, "kms.mjs");
  // What a client of a KMS does: reads the bytes, has them signed elsewhere, writes the signature.
  writeFileSync(
    program,
    `import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
const { seed } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(seed, "base64url")]);
const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
if (process.argv[3] === "hang") setInterval(() => undefined, 1000);
else if (process.argv[3] === "fail") process.exitCode = 3;
else if (process.argv[3] === "noise") process.stdout.write("x".repeat(2000));
else process.stdout.write(sign(null, readFileSync(0), key).toString("base64url") + "\\n");`,
  );
  const signer = (key: { key_id: string; public_key: string }, mode = "", timeout_ms = 60_000) =>
    commandSigner({
      ...key,
      command: [process.execPath, program, join(folder, "token.key"), mode],
      timeout_ms,
    });

  it("signs by a program, and notices another key", async () => {
    const bytes = new TextEncoder().encode("header.payload");
    expect(await signer(tokenKey).sign(bytes)).toHaveLength(64);
    await expect(signer(former).sign(bytes)).rejects.toThrow("no signature of this key");
  });

  it("fails where the program hangs, fails, writes too much, or is missing", async () => {
    const bytes = new Uint8Array(100_000);
    await expect(signer(tokenKey, "hang", 300).sign(bytes)).rejects.toThrow("in time");
    await expect(signer(tokenKey, "fail").sign(bytes)).rejects.toThrow("ended with 3");
    await expect(signer(tokenKey, "noise").sign(bytes)).rejects.toThrow("too much");
    const missing = commandSigner({ ...tokenKey, command: ["/nowhere/kms"], timeout_ms: 60_000 });
    await expect(missing.sign(bytes)).rejects.toThrow("cannot be started");
  });
});
