import { canonicalize } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { createVerifier } from "../../../src/adapters/verify/index.js";
import type { PaymentToken, PinsInput } from "../../../src/index.js";
import {
  APPROVERS,
  claims,
  HEADER,
  jws,
  NOW,
  pins,
  publicKeyOf,
  SERVICE,
  TERMS,
  token,
  type TokenChange,
} from "../../support/site.js";
import { PSBT, verifierOf } from "../../support/wallet.js";

const verifier = verifierOf();
const codeOf = (text: string, given = verifier, now_ms = NOW): string => {
  const answer = given.inspect({ token: text, psbt: PSBT, now_ms });
  return answer.ok ? "ok" : answer.code;
};
const changed = (change: TokenChange): string => codeOf(token(change));
const claimed = (given: Partial<Record<keyof PaymentToken | "extra", unknown>>): string =>
  changed({ claims: given });

describe("inspect", () => {
  it("accepts the approved payment, and shows what is signed", () => {
    expect(verifier.inspect({ token: token(), psbt: PSBT, now_ms: NOW })).toMatchObject({
      ok: true,
      payment_id: "w-1",
      payouts: TERMS.payouts,
      fee: "0.0005",
      max_fee: "0.001",
      approvers: ["ada"],
      change: [{ amount: "0.4995" }],
      expires_at_ms: NOW + 59_000,
    });
  });

  // 1.5 + 2 + 0.001 is below the step at 10.
  it.each([
    ["deployment_id", "other", "wrong_deployment"],
    ["genesis", "00".repeat(32), "wrong_chain"],
    ["wallet_id", "cold", "wrong_wallet"],
    ["signer_id", "signer-2", "wrong_signer"],
    ["payment_id", "w-2", "approval_signature"],
    ["policy_version", "ef".repeat(32), "approval_signature"],
    ["max_fee", "0.002", "approval_signature"],
    ["payouts", [...TERMS.payouts].reverse(), "approval_signature"],
    ["payouts", TERMS.payouts.slice(0, 1), "approval_signature"],
    ["payouts", [{ ...TERMS.payouts[0], amount: "1.6" }, TERMS.payouts[1]], "approval_signature"],
    ["payouts", [], "token_malformed"],
    ["payouts", [{ ...TERMS.payouts[0], amount: "1.50" }, TERMS.payouts[1]], "token_malformed"],
    ["payouts", [{ ...TERMS.payouts[0], amount: "0" }], "token_malformed"],
    ["payouts", [{ ...TERMS.payouts[0], script: "0014" + "AA".repeat(20) }], "token_malformed"],
    ["token_version", 2, "token_malformed"],
    ["token_id", "x", "token_malformed"],
    ["record_hash", "dd", "token_malformed"],
    ["transaction", "12".repeat(32), "transaction_other"],
    ["approvals", [], "approvals_missing"],
    ["expires_at_ms", NOW + 59_001, "token_lifetime"],
    ["expires_at_ms", NOW - 1_000, "token_lifetime"],
    ["issued_at_ms", NOW - 60_000, "token_lifetime"],
    ["extra", 1, "token_malformed"],
  ] as const)("refuses another %s: %j", (field, value, code) => {
    expect(claimed({ [field]: value })).toBe(code);
  });

  it("refuses a token by the clock, less the pinned skew", () => {
    // It ends at NOW + 59,000 and was issued at NOW − 1,000; the skew is 5,000.
    expect(codeOf(token(), verifier, NOW + 63_999)).toBe("ok");
    expect(codeOf(token(), verifier, NOW + 64_000)).toBe("token_expired");
    expect(codeOf(token(), verifier, NOW - 6_000)).toBe("ok");
    expect(codeOf(token(), verifier, NOW - 6_001)).toBe("token_not_yet_valid");
    expect(codeOf(token(), verifier, NaN)).toBe("verifier_failed");
    expect(codeOf(token(), verifier, NOW / 1_000)).toBe("verifier_failed");
  });

  it.each([
    ["another algorithm", { alg: "HS256" }],
    ["no algorithm", { alg: "none" }],
    ["crit", { crit: ["exp"] }],
    ["jwk", { jwk: { kty: "OKP", crv: "Ed25519", x: publicKeyOf(77) } }],
    ["jku", { jku: "https://example.com/jwks" }],
    ["x5u", { x5u: "https://example.com/cert" }],
    ["b64", { b64: false }],
    ["another kind", { typ: "JWT" }],
  ])("refuses a header with %s", (_, header) => {
    expect(changed({ header })).toBe("token_header");
  });

  it("refuses another key's signature, and a key that is not pinned", () => {
    expect(changed({ by: 2 })).toBe("token_signature");
    expect(changed({ header: { kid: "service-2" } })).toBe("token_key_unknown");
    expect(changed({ by: APPROVERS.ada, header: { kid: "ada-1" } })).toBe("token_key_unknown");
  });

  it("counts keys from their first moment to the one before their last", () => {
    const [service, later] = ["service-1", "service-2"].map((key_id, at) => ({
      key_id,
      public_key: publicKeyOf(SERVICE + at),
    }));
    const rotated = (now: number): string[] => {
      const until_ms = NOW + 1_000;
      const keys = [
        { ...service!, until_ms },
        { ...later!, from_ms: NOW },
      ];
      const given = verifierOf(pins({ service_keys: keys }));
      const next = token({ by: SERVICE + 1, header: { kid: "service-2" } });
      return [codeOf(token(), given, now), codeOf(next, given, now)];
    };
    expect(rotated(NOW - 1)).toEqual(["ok", "token_key_unknown"]);
    expect(rotated(NOW)).toEqual(["ok", "ok"]);
    expect(rotated(NOW + 1_000)).toEqual(["token_key_unknown", "ok"]);
  });

  it("refuses every other spelling of a token", () => {
    const text = token();
    const [head = "", body = "", tail = ""] = text.split(".");
    const payload = claims();
    const spellings = [
      "",
      "a.b",
      `${text}.`,
      `${head}.${body}`,
      `${head}.${body}.${tail}=`,
      `${head}.${body}.`,
      `..${tail}`,
      ` ${text}`,
      `${text}\n`,
      `${head}.${body}.${tail.slice(0, -1)}${tail.endsWith("A") ? "B" : "A"}`,
      jws(JSON.stringify(HEADER), JSON.stringify(payload, null, 1)),
      jws(JSON.stringify(HEADER), canonicalize(payload).replace("{", '{"max_fee":"9",')),
      jws(JSON.stringify(HEADER), "null"),
      jws(JSON.stringify(HEADER), "{"),
    ];
    const codes = spellings.map((spelling) => codeOf(spelling));
    expect(
      codes.filter((code) => code !== "token_malformed" && code !== "token_signature"),
    ).toEqual([]);
  });

  it("refuses a token of which any character is another one", () => {
    const text = token();
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === "A" ? "B" : "A";
      expect(codeOf(text.slice(0, at) + other + text.slice(at + 1)), `at ${at}`).not.toBe("ok");
    }
  });
});

describe("approvals", () => {
  const large = { ...TERMS, max_fee: "7" };
  const codeOfLarge = (approvedBy: TokenChange["approvedBy"]): string =>
    changed({ claims: { max_fee: "7" }, approved: large, ...(approvedBy && { approvedBy }) });

  it("counts each person once, up to the pinned threshold", () => {
    // 3.5 + 7 = 10.5 is above the step at 10: two people.
    expect(codeOfLarge(["ada"])).toBe("approvals_missing");
    expect(codeOfLarge(["ada", "ada"])).toBe("approvals_missing");
    expect(codeOfLarge(["ada", "cyd"])).toBe("ok");
    expect(codeOfLarge([])).toBe("approvals_missing");
  });

  it("takes two keys of one person for one", () => {
    const given = pins();
    const keys = given.approver_keys.map((key) => ({
      ...key,
      approver: key.approver === "ben" ? "ADA" : key.approver,
    }));
    const text = token({
      claims: { max_fee: "7" },
      approved: large,
      approvedBy: ["ada", "ben"],
    });
    expect(codeOf(text, verifierOf({ ...given, approver_keys: keys }))).toBe("approvals_missing");
  });

  it("asks for the most that any class of the payment's destinations asks for", () => {
    const internal = { script: "0014" + "cc".repeat(20), amount: "20" };
    const of = (payouts: readonly object[], approvedBy: TokenChange["approvedBy"]): string => {
      const approved = { ...TERMS, payouts } as typeof TERMS;
      return changed({ claims: { payouts }, approved, ...(approvedBy && { approvedBy }) });
    };
    // Past the approvals the transaction is another one.
    expect(of([internal], ["ada"])).toBe("output_foreign");
    expect(of([internal, TERMS.payouts[0]!], ["ada"])).toBe("approvals_missing");
    expect(of([internal, TERMS.payouts[0]!], ["ada", "ben"])).toBe("output_order");
  });

  it("refuses an approval that has expired, or would count for more than a week", () => {
    expect(changed({ approvalEnds: NOW - 5_000 })).toBe("approval_expired");
    expect(changed({ approvalEnds: NOW - 4_999 })).toBe("ok");
    expect(changed({ approvalEnds: NOW + 604_805_000 })).toBe("ok");
    expect(changed({ approvalEnds: NOW + 604_805_001 })).toBe("approval_expired");
  });

  it("refuses an approval whose own fields were altered, and one by an unknown key", () => {
    const [approval] = claims()["approvals"] as [{ key_id: string; expires_at_ms: number }];
    const of = (change: object): string => claimed({ approvals: [{ ...approval, ...change }] });
    expect(of({ expires_at_ms: approval.expires_at_ms + 1 })).toBe("approval_signature");
    expect(of({ key_id: "ben-1" })).toBe("approval_signature");
    expect(of({ key_id: "eve-1" })).toBe("approver_unknown");
    expect(of({ key_id: "service-1" })).toBe("approver_unknown");
    expect(of({ signature: "A".repeat(86) })).toBe("approval_signature");
    expect(of({ signature: "A" })).toBe("token_malformed");
  });

  it("lets a stolen service host sign nothing that was not approved", () => {
    // The thief has the service's key, and every approval that was ever given, of w-1.
    const stolen = claims()["approvals"];
    for (const claim of [
      { payouts: [{ script: "0014" + "99".repeat(20), amount: "3.5" }], approvals: stolen },
      { payment_id: "w-9", approvals: stolen },
      { approvals: [] },
    ]) {
      expect(["approval_signature", "approvals_missing"]).toContain(claimed(claim));
    }
  });
});

describe("createVerifier", () => {
  const refusal = (given: object): string => {
    const made = createVerifier({ pins: given as PinsInput, descriptors: [] });
    return made.ok ? "ok" : `${made.code} ${made.path}`;
  };

  it.each([
    [pins({ genesis: "00".repeat(32) }), "/genesis"],
    [pins({ chain: "moon" }), "/chain"],
    [pins({ pins_version: 2 }), "/pins_version"],
    [pins({ extra: 1 }), "/extra"],
    [pins({ service_keys: [] }), "/service_keys"],
    [pins({ approver_keys: [] }), "/approver_keys"],
    [pins({ service_keys: [{ key_id: "a", public_key: "A".repeat(43) }] }), "/service_keys/0"],
    [pins({ service_keys: [{ key_id: "a", public_key: publicKeyOf(11) }] }), "/approver_keys"],
    [pins({ clock_skew_ms: 60_001 }), "/clock_skew_ms"],
    [pins({ thresholds: { approvers: {} } }), "/thresholds/approvers"],
    [
      pins({ thresholds: { approvers: { external: [{ from: "1", approvers: 1 }] } } }),
      "/thresholds/approvers/external",
    ],
    [
      pins({ thresholds: { approvers: { external: [{ from: "0", approvers: 0 }] } } }),
      "/thresholds/approvers/external",
    ],
    [
      pins({
        thresholds: {
          approvers: {
            external: [
              { from: "0", approvers: 2 },
              { from: "5", approvers: 1 },
            ],
          },
        },
      }),
      "/thresholds/approvers/external",
    ],
    [
      pins({
        thresholds: {
          classes: { a: ["51"] },
          approvers: { external: [{ from: "0", approvers: 1 }] },
        },
      }),
      "/thresholds/approvers",
    ],
  ])("refuses pins that cannot be trusted: %#", (given, path) => {
    expect(refusal(given)).toMatch(new RegExp(`^pins_invalid ${path}`));
  });

  it("refuses a wallet without descriptors", () => {
    expect(refusal(pins())).toMatch(/^descriptors_invalid/);
  });
});
