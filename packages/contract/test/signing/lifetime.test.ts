import { describe, expect, it } from "vitest";
import {
  createLocalSigner,
  signBatch,
  SigningError,
  verifyBatch,
} from "../../src/adapters/signing/index.js";
import { canonicalize } from "../../src/index.js";
import { ALPHA, draft, HOUR, NOW, options, signedText, verdict } from "../support/signing.js";

const DAY = 24 * HOUR;
const signer = createLocalSigner(ALPHA.secret_keys);
const lasting = (ms: number) =>
  signedText(canonicalize({ ...draft({ expires_at_ms: NOW + ms }), key_id: "alpha" }));

const faultOf = async (change: object, given?: object): Promise<string> => {
  try {
    await signBatch(draft(change), signer, given);
    return "signed";
  } catch (error) {
    if (!(error instanceof SigningError)) throw error;
    return `${error.code} ${error.path} ${error.message}`;
  }
};

describe("the lifetime of a batch", () => {
  it("is an hour at most, unless the verifier allows up to a day", async () => {
    const exceeded = "batch_lifetime_exceeded /payload/expires_at_ms";
    expect(await verdict(await lasting(HOUR))).toBe("accepted");
    expect(await verdict(await lasting(HOUR + 1))).toBe(exceeded);
    expect(await verdict(await lasting(Number.MAX_SAFE_INTEGER - NOW))).toBe(exceeded);
    const day = { max_batch_lifetime_ms: DAY };
    expect(await verdict(await lasting(DAY), day)).toBe("accepted");
    expect(await verdict(await lasting(DAY + 1), day)).toBe(exceeded);
    expect(await verdict(await lasting(2), { max_batch_lifetime_ms: 1 })).toBe(exceeded);
  });

  it.each([0, -1, DAY + 1, 1.5, NaN, Infinity, "3600000", null])(
    "cannot be allowed to be %s",
    async (max_batch_lifetime_ms) => {
      const given = options({ max_batch_lifetime_ms: max_batch_lifetime_ms as number });
      const answer = await verifyBatch(await lasting(60_000), given);
      expect(answer).toMatchObject({ code: "invalid_config", path: "/max_batch_lifetime_ms" });
    },
  );

  it("is bounded where it is signed as well", async () => {
    expect(await faultOf({ expires_at_ms: NOW + HOUR })).toBe("signed");
    expect(await faultOf({ expires_at_ms: NOW + HOUR + 1 })).toContain(
      "invalid_batch /expires_at_ms",
    );
    const day = { max_batch_lifetime_ms: DAY };
    expect(await faultOf({ expires_at_ms: NOW + DAY }, day)).toBe("signed");
    expect(await faultOf({ expires_at_ms: NOW + DAY + 1 }, day)).toContain("/expires_at_ms");
    expect(await faultOf({}, { max_batch_lifetime_ms: 2 * DAY })).toContain("/expires_at_ms");
  });
});

describe("seconds for milliseconds", () => {
  it("are named where a batch is verified", async () => {
    const nowMs = Math.floor(NOW / 1_000);
    expect(await verifyBatch(await lasting(60_000), options({ nowMs }))).toEqual({
      accepted: false,
      code: "invalid_config",
      path: "/nowMs",
      detail: `${nowMs} is before 2009: seconds were given where milliseconds are expected`,
    });
  });

  it("are named where a batch is signed", async () => {
    const issued_at_ms = Math.floor(NOW / 1_000);
    expect(await faultOf({ issued_at_ms, expires_at_ms: issued_at_ms + 60 })).toContain(
      "/issued_at_ms 1782664805 is before 2009: seconds were given where milliseconds are expected",
    );
  });
});
