import { canonicalize, formatAmount } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentText } from "../../src/request/withdrawal.js";

const id = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((text) => text.isWellFormed());
const units = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const payouts = fc.record({
  withdrawal_id: id,
  account_id: maybe(id),
  amount: units,
  max_fee: maybe(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })),
  destinations: fc.array(fc.record({ address: id, amount: units }), { maxLength: 4 }),
});

describe("contentText", () => {
  it("is the canonical text of the content, whatever the ids and addresses are", () => {
    fc.assert(
      fc.property(payouts, id, (payout, wallet_id) => {
        const { max_fee, amount, destinations, ...ids } = payout;
        const content = {
          ...ids,
          wallet_id,
          amount: formatAmount(amount),
          destinations: destinations.map((to) => ({
            address: to.address,
            amount: formatAmount(to.amount),
          })),
          ...(max_fee === null ? {} : { max_fee: formatAmount(max_fee) }),
        };
        expect(contentText(payout, wallet_id)).toBe(canonicalize(content));
      }),
    );
  });
});
