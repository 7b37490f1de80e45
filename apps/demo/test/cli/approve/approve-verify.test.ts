/** `shield approve` and `shield verify`: an approver signs a payment, and a signer verifies it, by files alone. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApproverKey, SignedApproval } from "@dgb-shield/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { issueToken } from "../../../src/service/signing/issue-token.js";
import { createTokenKey, fileSigner } from "../../../src/service/signing/token-signer.js";
import { shield, start } from "../../support/shield.js";
import { DESCRIPTORS, pinsOf, PSBT, TERMS } from "../../support/signing/payment.js";

const folder = mkdtempSync(join(tmpdir(), "shield-approve-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string): string => join(folder, name);
const put = (name: string, content: unknown): string => {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  writeFileSync(file(name), text);
  return file(name);
};

let ada: ApproverKey;
let approval: SignedApproval;
const service = createTokenKey(file("token.key"), "service-1");

beforeAll(async () => {
  const made = await shield("approve", "keygen", "--approver", "ada", "--key", file("ada.key"));
  expect(made.code, made.stderr).toBe(0);
  ada = JSON.parse(made.stdout) as ApproverKey;
  put("terms.json", { terms: TERMS, status: "open" });
});

describe("shield approve", () => {
  const args = (...more: string[]) => ["approve", "--file", file("terms.json"), ...more];

  it("shows what is signed, with addresses that it decodes itself, and signs", async () => {
    const { code, stdout, stderr } = await shield(...args("--key", file("ada.key"), "--yes"));
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/pays +1\.5 {2}to rltc1q4242/);
    expect(stderr).toMatch(/pays +2 {2}to m/);
    expect(stderr).toContain("chain       litecoin_regtest");
    approval = JSON.parse(stdout) as SignedApproval;
    expect(approval).toMatchObject({ key_id: ada.key_id, approval: TERMS });
    const day = approval.approval.expires_at_ms - Date.now();
    expect(day).toBeGreaterThan(86_000_000);
    expect(stdout + stderr).not.toContain(
      (JSON.parse(readFileSync(file("ada.key"), "utf8")) as { seed: string }).seed,
    );
  });

  it("signs nothing without a terminal or --yes, for another payment, or without terms", async () => {
    const unasked = await shield(...args("--key", file("ada.key")));
    expect([unasked.code, unasked.stdout]).toEqual([2, ""]);
    expect(unasked.stderr).toContain("--yes");
    const other = await shield(
      ...["approve", "w-2", "--file", file("terms.json"), "--key", file("ada.key"), "--yes"],
    );
    expect([other.code, other.stdout]).toEqual([2, ""]);
    const empty = put("empty.json", { terms: null });
    const none = await shield("approve", "--file", empty, "--key", file("ada.key"), "--yes");
    expect([none.code, none.stdout]).toEqual([2, ""]);
    expect(none.stderr).toContain("has no terms");
    expect((await shield(...args("--yes"))).code).toBe(2);
  });

  it("names what is wrong with the service's address and key", async () => {
    const from = ["approve", "w-1", "--key", file("ada.key"), "--yes", "--service"];
    const keyless = await shield(...from, "http://127.0.0.1:1");
    expect(keyless.stderr).toContain("SHIELD_KEY");
    const gone = await start([...from, "http://127.0.0.1:1"], { SHIELD_KEY: "x" }).ended;
    expect([gone.code, gone.stdout]).toEqual([2, ""]);
    expect(gone.stderr).toContain("does not answer");
  });
});

describe("shield verify", () => {
  const tokenOf = (change: object = {}): Promise<string> =>
    issueToken(
      {
        terms: TERMS,
        signer_id: "signer-1",
        record_hash: "dd".repeat(32),
        transaction: null,
        approvals: [
          {
            key_id: approval.key_id,
            expires_at_ms: approval.approval.expires_at_ms,
            signature: approval.signature,
          },
        ],
        now_ms: Date.now(),
        valid_for_ms: 60_000,
        ...change,
      },
      fileSigner(file("token.key"), "service-1"),
    );
  const verify = async (token: string, ...more: string[]) => {
    const pins = put("pins.json", pinsOf(service, [ada]));
    const wallet = put("wallet.json", { wallet_name: "hot", descriptors: DESCRIPTORS });
    const given = ["--token", put("token.jws", `${token}\n`), "--pins", pins];
    return shield("verify", ...given, "--descriptors", wallet, ...more);
  };

  it("says what may be signed, once", async () => {
    mkdirSync(file("used"));
    const token = await tokenOf();
    const psbt = put("pay.psbt", PSBT);
    const first = await verify(token, "--psbt", psbt, "--used", file("used"));
    expect(first.code, first.stdout + first.stderr).toBe(0);
    expect(first.stdout).toMatch(/^SIGN: within \d+ s/);
    expect(first.stdout).toMatch(/pays +1\.5 to rltc1q4242/);
    expect(first.stdout).toContain("fee         0.0005 of at most 0.001");
    expect(first.stdout).toContain("approved by ada");
    const again = await verify(token, "--psbt", psbt, "--used", file("used"), "--json");
    expect([again.code, JSON.parse(again.stdout)]).toMatchObject([6, { code: "token_used" }]);
  });

  it("refuses what was not approved, by a PSBT in bytes too", async () => {
    const bytes = Buffer.from(PSBT, "base64");
    const psbt = file("pay.bin");
    writeFileSync(psbt, bytes);
    const terms = { ...TERMS, payouts: [{ ...TERMS.payouts[0]!, amount: "1.6" }] };
    const altered = await verify(await tokenOf({ terms }), "--psbt", psbt, "--inspect");
    expect(altered.code).toBe(6);
    expect(altered.stdout).toMatch(/^REFUSED: approval_signature at \/approvals\/0\n/);
    const unapproved = await verify(await tokenOf({ approvals: [] }), "--psbt", psbt, "--inspect");
    expect(unapproved.stdout).toMatch(/^REFUSED: approvals_missing/);
    const inspected = await verify(await tokenOf(), "--psbt", psbt, "--inspect");
    expect([inspected.code, inspected.stdout]).toMatchObject([
      0,
      expect.stringMatching(/^INSPECTED: .*do not sign/),
    ]);
  });

  it("asks for the record of used tokens, and for one thing to sign", async () => {
    const psbt = put("pay.psbt", PSBT);
    const token = await tokenOf();
    expect((await verify(token, "--psbt", psbt)).stderr).toContain("--used");
    expect((await verify(token, "--inspect")).stderr).toContain("--psbt");
    const missing = await verify(token, "--psbt", psbt, "--used", file("nowhere"));
    expect([missing.code, missing.stdout.split("\n")[0]]).toEqual([6, "REFUSED: used_unavailable"]);
    expect((await verify(token, "--psbt", file("nothing"), "--inspect")).code).toBe(2);
  });
});
