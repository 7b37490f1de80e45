import { createHmac } from "node:crypto";
import { type JsonObject, type ShieldEvent, shieldEventSchema } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BridgeOptions, createAdaptiveBridge } from "../src/index.js";
import { eventOf } from "./support/events.js";
import { recordingSink } from "./support/sinks.js";
import { manualTimers } from "./support/timers.js";

const SALT = "a salt of this site, 32 characters";
const hashed = (text: string): string =>
  `hmac-${createHmac("sha256", SALT).update(text).digest("hex").slice(0, 32)}`;

async function exported(
  event: Partial<ShieldEvent>,
  options: Partial<BridgeOptions> = { salt: SALT },
): Promise<ShieldEvent> {
  const { sink, events } = recordingSink();
  const timers = manualTimers();
  const bridge = createAdaptiveBridge({ sinks: [sink], timers, ...options });
  bridge.emit(eventOf(1, event));
  await timers.turn();
  return events()[0]!;
}

const extraOf = async (extra: JsonObject, options?: Partial<BridgeOptions>): Promise<JsonObject> =>
  (await exported({ extra }, options)).extra;

const ADDRESS = "dgb1q9gmf0pv8jdymcly6lz6fl7lf6mhslsd72e2jq8";
const LEGACY = "DBjaV5AAtMnfpFRhpiQxX6QgpYNJvhz6Zm";

/** An event as Quantum Wallet Guard makes it. */
const GUARD = {
  layer: "quantum_wallet_guard" as const,
  user_id: "alice@example.org",
  fingerprint: "hot-1",
  extra: {
    decision: "warn",
    reason: "At high risk one transaction may take at most 123.5 coins of this wallet.",
    reason_id: "QWG_RATIO",
    suggested_limit: "123.5",
    tx_id: "ab".repeat(32),
    tx_amount: "600",
    wallet_balance: "98765.4321",
    behaviour_score: 1,
    trusted_device: true,
  },
};

describe("what is exported, by default", () => {
  it("has persons as HMAC-SHA-256 under the salt, and no amounts, balances, limits and sentences", async () => {
    const event = await exported(GUARD);
    expect(event).toEqual({
      ...eventOf(1),
      layer: "quantum_wallet_guard",
      fingerprint: "hot-1",
      user_id: hashed("alice@example.org"),
      extra: {
        decision: "warn",
        reason_id: "QWG_RATIO",
        tx_id: "ab".repeat(32),
        behaviour_score: 1,
        trusted_device: true,
      },
    });
    expect(shieldEventSchema.safeParse(event).success).toBe(true);
  });

  it("leaves out what would be hashed where there is no salt", async () => {
    const event = await exported(GUARD, {});
    expect(event).not.toHaveProperty("user_id");
    expect(await extraOf({ account_id: "a-1", reason_codes: ["x"] }, {})).toEqual({
      reason_codes: ["x"],
    });
    expect((await exported({ fingerprint: "account:alice" }, {})).fingerprint).toBe(
      "account:removed",
    );
  });

  it("is as it was emitted where the integrator configures it", async () => {
    const event = await exported(GUARD, { personalData: "clear" });
    expect(event).toEqual(eventOf(1, GUARD));
  });

  it.each<[string, JsonObject, JsonObject]>([
    ["an account", { account_id: "a-1" }, { account_id: hashed("a-1") }],
    ["another spelling", { accountId: "a-1" }, { accountId: hashed("a-1") }],
    ["a number", { user_id: 17 }, { user_id: hashed("17") }],
    [
      "a device",
      { device_id: "d", trusted_device: false },
      { device_id: hashed("d"), trusted_device: false },
    ],
    ["an operator", { operator: "bob" }, { operator: hashed("bob") }],
    [
      "destinations, with amounts",
      { destinations: [{ to: "x", amount: "5" }, "y"] },
      { destinations: [{ to: hashed("x") }, hashed("y")] },
    ],
    [
      "an account's scope",
      {
        scopes: [
          { type: "account", id: "alice" },
          { type: "wallet", id: "hot-1" },
        ],
      },
      {
        scopes: [
          { type: "account", id: hashed("alice") },
          { type: "wallet", id: "hot-1" },
        ],
      },
    ],
    [
      "a scope by another name",
      { scope: "account", id: "alice" },
      { scope: "account", id: hashed("alice") },
    ],
    ["an address in a text", { at: `to ${ADDRESS}.` }, { at: `to ${hashed(ADDRESS)}.` }],
    ["a legacy address in a list", { seen: [LEGACY] }, { seen: [hashed(LEGACY)] }],
    ["an e-mail in a text", { info: "by al@ex.org" }, { info: `by ${hashed("al@ex.org")}` }],
    [
      "money deep inside",
      { a: { b: [{ maxFee: 1, walletBalance: 2, c: 3 }] } },
      { a: { b: [{ c: 3 }] } },
    ],
    [
      "nothing in hashes, codes, ids of nodes",
      { context_hash: "0f".repeat(32), reason_codes: ["DAILY"], node_id: "n-1", wallet_id: "hot" },
      { context_hash: "0f".repeat(32), reason_codes: ["DAILY"], node_id: "n-1", wallet_id: "hot" },
    ],
  ])("hides %s", async (_, extra, expected) => {
    expect(await extraOf(extra)).toEqual(expected);
  });

  it("hides persons in the names of members, too", async () => {
    const extra = {
      users: { alice: { count: 2 } },
      by_key: { "alice@example.org": 1, [ADDRESS]: 2, hot: 3 },
    };
    expect(await extraOf(extra)).toEqual({
      users: { [hashed("alice")]: { count: hashed("2") } },
      by_key: { [hashed("alice@example.org")]: 1, [hashed(ADDRESS)]: 2, hot: 3 },
    });
    expect(JSON.stringify(await extraOf(extra, {}))).not.toMatch(/alice|dgb1q/);
  });

  it("hides the account in a fingerprint", async () => {
    const { fingerprint } = await exported({ fingerprint: "account:alice" });
    expect(fingerprint).toBe(`account:${hashed("alice")}`);
  });

  it("never has a personal text, wherever in the event it was", async () => {
    const secret = "Alice-7f3a9c-secret";
    const key = fc.constantFrom("user_id", "accountId", "address", "device", "to_address", "ip");
    const nest = (inner: JsonObject) =>
      fc.constantFrom<JsonObject>(inner, { a: inner }, { list: [1, inner] }, { b: { c: [inner] } });
    const holder = fc
      .tuple(key, fc.constantFrom<unknown>(secret, [secret], { x: secret }, [[{ y: [secret] }]]))
      .chain(([name, value]) => nest({ [name]: value } as JsonObject));
    await fc.assert(
      fc.asyncProperty(holder, fc.option(fc.constant(SALT)), async (extra, salt) => {
        const event = await exported({ extra, user_id: secret }, salt === null ? {} : { salt });
        expect(JSON.stringify(event)).not.toContain(secret);
      }),
    );
  });

  it("takes bounded time for a long text", async () => {
    const begun = performance.now();
    await extraOf({ a: `${"a".repeat(200_000)}@`, b: "a1".repeat(100_000) });
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  it.each<[string, object, string]>([
    ["a short salt", { salt: "short" }, "/salt"],
    ["a mode that is none", { personalData: "plain" }, "/personalData"],
  ])("is refused with %s", (_, options, path) => {
    const create = () => createAdaptiveBridge({ sinks: [], timers: manualTimers(), ...options });
    expect(create).toThrow(expect.objectContaining({ code: "invalid_config", path }));
  });
});
