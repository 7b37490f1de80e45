/** What was verified before: no token twice, and no payment by two transactions that could both be mined. */

/** A use of a token. */
export type TokenUse = Readonly<{
  deployment_id: string;
  payment_id: string;
  token_id: string;
  txid: string;
  /** `txid:vout` of each input. */
  inputs: readonly string[];
  at_ms: number;
}>;

/** What a use is: permitted, or why not. */
export type UseOutcome = "permitted" | "token_used" | "second_payment";

/** Where uses are kept: durable, shared by all processes that sign for one wallet, and never forgotten while a payment counts. */
export interface UsedTokens {
  /**
   * Judges a use by all earlier ones of its payment with `judgeUse`, and records it if it is permitted, in one atomic
   * step that is durable when it resolves. Rejects when it cannot.
   */
  use(use: TokenUse): Promise<UseOutcome>;
}

/**
 * Judges a use: of an earlier payment only a transaction that shares an input with each earlier one, so that at
 * most one of them can be mined.
 */
export function judgeUse(use: TokenUse, earlier: readonly TokenUse[]): UseOutcome {
  if (earlier.some(({ token_id }) => token_id === use.token_id)) return "token_used";
  const spends = new Set(use.inputs);
  const excludes = ({ inputs }: TokenUse): boolean => inputs.some((input) => spends.has(input));
  return earlier.every(excludes) ? "permitted" : "second_payment";
}
