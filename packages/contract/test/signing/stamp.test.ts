import { describe, expect, it } from "vitest";
import { createMemorySequenceStore, verifyBatch } from "../../src/adapters/signing/index.js";
import { hidden, onObjects, pollutedUntil } from "../support/pollution.js";
import {
  alphaEntry,
  draft,
  goodEnvelope,
  keyringOf,
  NOW,
  options,
  ownOperator,
  said,
  signed,
  v2,
  v3,
} from "../support/signing.js";

const { good } = await goodEnvelope();

describe("verifyBatch, the operator of a signal", () => {
  it("is the key's in every v2 signal, also where the signal names none", async () => {
    const keyring = keyringOf(alphaEntry({ node_ids: ["acme", "acme-1", "acme-2"] }));
    const signals = ["acme", "acme-1", "acme-2"].map((node_id, i) =>
      i === 1 ? { ...v2, node_id } : { ...ownOperator, node_id },
    );
    const answer = await verifyBatch(await signed({ signals }), options({ keyring }));
    expect(answer.accepted && answer.batch.signals).toEqual(
      signals.map((signal) => ({ ...signal, operator: "acme" })),
    );
  });

  it("is no other one's, nor its node's", async () => {
    for (const operator of ["acme-1", "Acme", "bob", "acme "]) {
      const input = { ...v2, operator: operator.trim() === "acme" ? "acme\u200b" : operator };
      const answer = await verifyBatch(await signed({ signals: [input] }), options());
      expect(said(answer)).toBe("name_not_allowed /payload/signals/0/operator");
    }
  });

  it("leaves a v3 envelope as it was signed, so that its hash holds", async () => {
    const envelope = v3({ node_id: "acme-1" });
    const answer = await verifyBatch(await signed({ signals: [envelope] }), options());
    expect(answer).toMatchObject({ operator: "acme", batch: { signals: [envelope] } });
  });

  it("shares nothing with another answer or with the keyring", async () => {
    const given = options();
    const first = await verifyBatch(good, given);
    if (!first.accepted) throw new Error(first.code);
    Object.assign(first.batch.signals[1]!, { operator: "bob" });
    const again = await verifyBatch(good, { ...given, store: createMemorySequenceStore() });
    expect(again).toMatchObject({ batch: { signals: [{}, { operator: "acme" }] } });
    expect(Object.isFrozen(given.keyring.get("alpha")?.node_ids)).toBe(true);
  });
});

describe("verifyBatch, under a polluted Object.prototype", () => {
  const wide = { operator: "bob", node_id: "x", wallet_id: "hot-9", revoked: false };
  const names = { node_ids: ["x"], wallet_ids: ["hot-9"], components: ["adn"], sources: ["adn"] };
  const settings = { nowMs: NOW, max_clock_skew_ms: 300_000, max_batch_lifetime_ms: 86_400_000 };

  it.each(Object.entries({ ...wide, ...names, ...settings, contract_version: 3, value: 1, x: 1 }))(
    "accepts what is right, or less: %s",
    async (key, value) => {
      for (const pollution of [onObjects(key, value), hidden(onObjects(key, value))]) {
        const answers = await pollutedUntil(pollution, async () => [
          await verifyBatch(good, options()),
          await verifyBatch(JSON.stringify(good), options()),
        ]);
        for (const answer of answers) {
          if (answer.accepted) expect(answer.batch).toEqual({ ...draft(), key_id: "alpha" });
          else expect(key).toBe("value");
        }
      }
    },
  );

  it("takes no option from it", async () => {
    const late = await signed({ issued_at_ms: NOW + 60_000, expires_at_ms: NOW + 61_000 });
    const { keyring, store } = options();
    const [skewed, undated] = await pollutedUntil(onObjects("max_clock_skew_ms", 300_000), () =>
      pollutedUntil(onObjects("nowMs", NOW), async () => [
        await verifyBatch(late, options()),
        await verifyBatch(good, { keyring, store } as never),
      ]),
    );
    expect(said(skewed)).toBe("issued_in_future /payload/issued_at_ms");
    expect(said(undated)).toBe("invalid_config /nowMs");
  });
});
