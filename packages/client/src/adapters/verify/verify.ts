/** Decides whether a signer may sign: without any connection, from what is pinned on its own machine. */
import { formatAmount } from "@dgb-shield/contract";
import { checkTimeMs } from "@dgb-shield/contract";
import type { Payout } from "../../payment-terms.js";
import type { PinsInput } from "../../pins.js";
import { checkToken } from "./check-token.js";
import { checkTransaction, readSignable, type Signable } from "./check-transaction.js";
import { Refusal, type Refused, refusedBy } from "./codes.js";
import { readToken } from "./jws.js";
import { type OwnScripts, ownScriptsOf } from "./own-scripts.js";
import { readPins, type ReadPins } from "./pins.js";
import type { UseOutcome, UsedTokens } from "./used.js";

/** What a verifier is made of. */
export type VerifierOptions = Readonly<{
  /** What this signer trusts; plain data. */
  pins: PinsInput;
  /** The wallet's public descriptors: a list, of texts or of `{desc, range}`, or the answer of `listdescriptors`. */
  descriptors: unknown;
}>;

/** What is verified. */
export type VerifyRequest = Signable &
  Readonly<{
    /** As the claim gave it. */
    token: string;
    /** Now, in milliseconds since 1970-01-01T00:00:00Z. */
    now_ms: number;
  }>;

/** A payment that may be signed. */
export type Verified = Readonly<{
  ok: true;
  payment_id: string;
  wallet_id: string;
  payouts: readonly Payout[];
  /** Coins that go to the network. */
  fee: string;
  max_fee: string;
  change: readonly Readonly<{ script: string; amount: string }>[];
  /** The people who approved exactly this. */
  approvers: readonly string[];
  /** Without signatures. */
  txid: string;
  inputs: readonly string[];
  token_id: string;
  /** When the token ends. */
  expires_at_ms: number;
}>;

/** A verifier of one signer. */
export type Verifier = Readonly<{
  /** Scripts that are known as the wallet's own. */
  own_scripts: number;
  /**
   * Verifies, and records the use of the token: of two transactions of one payment only one can be mined.
   *
   * @returns the payment, or a refusal with a code; never rejects
   */
  verify(request: VerifyRequest, used: UsedTokens): Promise<Verified | Refused>;
  /** As `verify`, without a record: it does not exclude that the payment was signed before. Not for signing. */
  inspect(request: VerifyRequest): Verified | Refused;
}>;

/**
 * Makes a verifier, which derives the wallet's scripts once.
 *
 * @returns the verifier, or why pins or descriptors cannot be used; never throws
 * @example
 * const verifier = createVerifier({ pins, descriptors });
 * if (verifier.ok) await verifier.value.verify({ token, psbt, now_ms: Date.now() }, createUsedFolder("used"));
 */
export function createVerifier({
  pins,
  descriptors,
}: VerifierOptions): Readonly<{ ok: true; value: Verifier }> | Refused {
  try {
    const trust = readPins(pins);
    const own = ownScriptsOf(descriptors);
    const inspect = (request: VerifyRequest): Verified | Refused => {
      try {
        return verified(request, trust, own);
      } catch (error) {
        return refusedBy(error);
      }
    };
    const verify: Verifier["verify"] = async (request, used) => {
      const answer = inspect(request);
      if (!answer.ok) return answer;
      try {
        await recordUse(answer, { trust, used, at_ms: request.now_ms });
        return answer;
      } catch (error) {
        return refusedBy(error);
      }
    };
    return { ok: true, value: Object.freeze({ own_scripts: own.size, verify, inspect }) };
  } catch (error) {
    return refusedBy(error);
  }
}

function verified(request: VerifyRequest, { pins, chain }: ReadPins, own: OwnScripts): Verified {
  const { now_ms } = request;
  if (checkTimeMs(now_ms) !== undefined) throw new Refusal("verifier_failed", "/now_ms", "no time");
  const token = readToken(request.token, pins, now_ms);
  const approvers = checkToken(token, pins, now_ms);
  const signable = readSignable(chain, request);
  const { txid, inputs, fee, change } = checkTransaction(signable, token, own);
  const { payment_id, wallet_id, payouts, max_fee, token_id, expires_at_ms } = token;
  return {
    ...{ ok: true, payment_id, wallet_id, payouts, max_fee, approvers, txid, inputs, token_id },
    fee: formatAmount(fee),
    change: change.map(({ script, amount }) => ({ script, amount: formatAmount(amount) })),
    expires_at_ms,
  };
}

type Recording = Readonly<{ trust: ReadPins; used: UsedTokens; at_ms: number }>;

async function recordUse(
  { payment_id, token_id, txid, inputs }: Verified,
  { trust, used, at_ms }: Recording,
): Promise<void> {
  const { deployment_id } = trust.pins;
  let outcome: UseOutcome;
  try {
    outcome = await used.use({ deployment_id, payment_id, token_id, txid, inputs, at_ms });
  } catch {
    // [REFUSE used_unavailable] without a record a second payment would not be noticed
    throw new Refusal("used_unavailable");
  }
  // [REFUSE token_used] it was verified before
  if (outcome === "token_used") throw new Refusal("token_used");
  // [REFUSE second_payment] both transactions could be mined
  if (outcome !== "permitted") throw new Refusal("second_payment");
}
