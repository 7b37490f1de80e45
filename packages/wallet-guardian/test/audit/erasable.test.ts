/** Personal values of records: which they are, and how a record without them keeps its leaf. */
import type { JsonObject, JsonValue } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import {
  erasedValues,
  leafHash,
  openRecord,
  readPersonal,
  saltedLeafHash,
  withoutPersonalData,
} from "../../src/adapters/audit/index.js";
import type { LedgerRecord } from "../../src/ports.js";

const SALT = "5a".repeat(32);

const BATCH = {
  record_version: 2,
  withdrawal: {
    ...{ payment_id: "p-1", wallet_id: "hot-1" },
    payouts: [
      {
        ...{ withdrawal_id: "a-1", account_id: "alice", amount: "1" },
        destinations: [{ address: "dgb1qalice", amount: "0.9" }],
      },
      {
        ...{ withdrawal_id: "b-1", account_id: "bob", amount: "2" },
        destinations: [{ address: "dgb1qbob", amount: "1.9" }],
      },
    ],
  },
  guardian: {
    ...{ decision: "DELAY", withdrawal_id: "p-1" },
    breaches: [{ code: "window_limit", scope: "account:alice", limit: "limits/account/max_24h" }],
    freeze: { cause_id: "breach-1", scopes: ["account:bob", "wallet:hot-1"] },
  },
  context: { user_id: "u-7", binds: "cd".repeat(32), tx_amount: "3", tx_id: "p-1" },
  result: { context_hash: "ab".repeat(32), reason: "held" },
} satisfies JsonObject;

const recordOf = (record: JsonObject, seq = 7): LedgerRecord => ({
  ...{ seq, at_ms: 1_795_997_640_000 },
  kind: "decision",
  record,
});

const found = (record: JsonObject) =>
  readPersonal(record).values.map(({ pointer, account }) => [pointer, account]);

const textOf = (value: unknown): string => JSON.stringify(value);

describe("readPersonal", () => {
  it("finds accounts, destinations and what they can be guessed by, each with its account", () => {
    expect(found(BATCH)).toEqual([
      ["/withdrawal/payouts/0/account_id", "alice"],
      ["/withdrawal/payouts/0/destinations/0/address", "alice"],
      ["/withdrawal/payouts/1/account_id", "bob"],
      ["/withdrawal/payouts/1/destinations/0/address", "bob"],
      ["/guardian/breaches/0/scope", "alice"],
      ["/guardian/freeze/scopes/0", "bob"],
      ["/context/user_id", null],
      ["/context/binds", null],
      ["/result/context_hash", null],
    ]);
    const text = textOf(readPersonal(BATCH).rest);
    for (const value of ["alice", "bob", "dgb1q", "u-7", "cdcd", "abab"])
      expect(text).not.toContain(value);
    for (const kept of ["p-1", "hot-1", '"0.9"', "b-1", "window_limit", "wallet:hot-1", "held"])
      expect(text).toContain(kept);
  });

  it.each<[string, JsonObject, [string, string | null][]]>([
    [
      "a freeze of an account",
      { scope: "account", id: "alice", operator: "ann", reason: "r" },
      [["/id", "alice"]],
    ],
    ["a freeze of a wallet", { scope: "wallet", id: "hot-1", operator: "ann" }, []],
    [
      "a destination",
      { owner: "account:alice", script: "0014aa", approved: true },
      [
        ["/owner", "alice"],
        ["/script", "alice"],
      ],
    ],
    [
      "an event",
      {
        events: [
          {
            ...{ event_id: "dwg-1", fingerprint: "account:alice" },
            extra: { scopes: [{ type: "account", id: "alice" }] },
          },
        ],
      },
      [
        ["/events/0/event_id", null],
        ["/events/0/fingerprint", "alice"],
        ["/events/0/extra/scopes/0/id", "alice"],
      ],
    ],
    [
      "a malformed request, whatever is in it",
      {
        withdrawal: {
          ...{ withdrawal_id: "w", account_id: { name: "alice" }, adress: "dgb1qalice" },
          ...{ amount: { for: "alice" }, destinations: ["dgb1qalice"], "a/b~c": "alice" },
        },
      },
      [
        ["/withdrawal/account_id", null],
        ["/withdrawal/adress", null],
        ["/withdrawal/amount/for", null],
        ["/withdrawal/destinations/0", null],
        ["/withdrawal/a~1b~0c", null],
      ],
    ],
    ["null in the place of a value", { withdrawal: { account_id: null, note: null } }, []],
  ])("of %s", (_, record, expected) => {
    expect(found(record)).toEqual(expected);
  });

  it.each<[string, JsonValue]>([
    ["in the place of a list", { destinations: { dgb1qalice: "1" } }],
    ["in a member of a list", { destinations: [{ dgb1qalice: "1" }] }],
    ["in a payout", { payouts: [{ withdrawal_id: "a-1", destinations: { dgb1qalice: "1" } }] }],
    ["beside a payout's account", { payouts: [{ account_id: "alice", dgb1qalice: "1" }] }],
  ])("leaves no address that is the name of a member, %s", (_, withdrawal) => {
    const request = { withdrawal_id: "w-1", account_id: "alice", ...(withdrawal as JsonObject) };
    const record = recordOf({ record_version: 2, withdrawal: request });
    const leaf = saltedLeafHash(record, SALT);
    const erased = withoutPersonalData(openRecord(record, SALT), "alice");
    expect(textOf(erased)).not.toMatch(/dgb1qalice|"alice"/);
    expect(leafHash({ ...record, record: erased ?? {} })).toBe(leaf);
  });

  it("of members named as those of prototypes", () => {
    const record = { withdrawal: { constructor: "y", hasOwnProperty: { address: "x" } } };
    expect(found(record as unknown as JsonObject)).toEqual([
      ["/withdrawal/constructor", null],
      ["/withdrawal/hasOwnProperty", null],
    ]);
    const salted = recordOf(record);
    expect(leafHash(openRecord(salted, SALT))).toBe(saltedLeafHash(salted, SALT));
  });
});

describe("a salted leaf", () => {
  it("is the same by the record's salt, by those of its values, and after each erasure", () => {
    const record = recordOf(BATCH);
    const leaf = saltedLeafHash(record, SALT);
    const opened = openRecord(record, SALT);
    expect(leafHash(opened)).toBe(leaf);
    const first = withoutPersonalData(opened, "alice");
    expect(leafHash(recordOf(first!))).toBe(leaf);
    expect(saltedLeafHash(recordOf(first!), SALT)).toBe(leaf);
    expect(textOf(first)).not.toMatch(/alice|u-7|abab|cdcd/);
    expect(textOf(first)).toContain("dgb1qbob");
    const second = withoutPersonalData(recordOf(first!), "bob");
    expect(leafHash(recordOf(second!))).toBe(leaf);
    expect(textOf(second)).not.toMatch(/alice|bob/);
    expect(withoutPersonalData(recordOf(second!), null)).toBeNull();
    const atOnce = withoutPersonalData(opened, null);
    expect(atOnce).toEqual(second);
    expect([opened, recordOf(first!), recordOf(second!)].map(erasedValues)).toEqual([0, 6, 9]);
  });

  it("is the plain one of a record without a salt, or without personal values", () => {
    const plain = recordOf({ withdrawal_id: "w", signer_id: "s" });
    expect(saltedLeafHash(plain, SALT)).toBe(leafHash(plain));
    expect(openRecord(plain, SALT)).toBe(plain);
    expect(saltedLeafHash(recordOf(BATCH), null)).toBe(leafHash(recordOf(BATCH)));
    expect(withoutPersonalData(recordOf(BATCH), "alice")).toBeNull();
  });

  it("differs by each value, pointer, salt, number, time and kind", () => {
    const leaves = [
      saltedLeafHash(recordOf(BATCH), SALT),
      saltedLeafHash(recordOf(BATCH), "5b".repeat(32)),
      saltedLeafHash(recordOf(BATCH, 8), SALT),
      saltedLeafHash({ ...recordOf(BATCH), kind: "claim" }, SALT),
      saltedLeafHash({ ...recordOf(BATCH), at_ms: 1 }, SALT),
      ...["alice", "dgb1qbob", "u-7", "hot-1", "DELAY"].map((value) =>
        saltedLeafHash(recordOf(JSON.parse(textOf(BATCH).replace(value, "x")) as JsonObject), SALT),
      ),
    ];
    expect(new Set(leaves).size).toBe(leaves.length);
  });

  it("keeps other accounts' values where those of no single account are erased", () => {
    const erased = withoutPersonalData(openRecord(recordOf(BATCH), SALT), "carol");
    expect(textOf(erased)).not.toMatch(/u-7|abab|cdcd/);
    expect(textOf(erased)).toMatch(/alice.*bob/);
    expect(withoutPersonalData(recordOf(erased!), "carol")).toBeNull();
  });

  const salts = () => openRecord(recordOf(BATCH), SALT).record["personal"] as JsonObject;
  const erased = (): JsonObject => withoutPersonalData(openRecord(recordOf(BATCH), SALT), null)!;
  const of = (record: JsonObject): Record<string, JsonObject> =>
    record["personal"] as unknown as Record<string, JsonObject>;

  it.each<[string, () => JsonObject]>([
    [
      "a value where one was erased",
      () => {
        const record = structuredClone(erased());
        (record["context"] as Record<string, JsonValue>)["user_id"] = "mallory";
        return record;
      },
    ],
    [
      "another commitment",
      () => {
        const record = structuredClone(erased());
        of(record)["erased"]!["/context/user_id"] = "00".repeat(32);
        return record;
      },
    ],
    [
      "a commitment left out",
      () => {
        const record = structuredClone(erased());
        delete of(record)["erased"]!["/context/user_id"];
        return record;
      },
    ],
    [
      "a commitment to a place that is not there",
      () => {
        const record = structuredClone(erased());
        of(record)["erased"]!["/context/nobody"] = "00".repeat(32);
        return record;
      },
    ],
    [
      "a value that is both there and erased",
      () => {
        const record = structuredClone(erased());
        of(record)["salts"]!["/context/user_id"] = "00".repeat(32);
        return record;
      },
    ],
    [
      "a pointer into another one's value",
      () => ({
        ...BATCH,
        personal: {
          ...salts(),
          salts: { ...(salts()["salts"] as JsonObject), "/context": "00".repeat(32) },
        },
      }),
    ],
    ["a personal that is none", () => ({ ...BATCH, personal: { salts: {}, erased: [] } })],
    [
      "a pointer to a prototype",
      () => ({ ...BATCH, personal: { salts: {}, erased: { "/__proto__/x": "00".repeat(32) } } }),
    ],
  ])("is not that of a record with %s", (_, alter) => {
    const leaf = saltedLeafHash(recordOf(BATCH), SALT);
    const altered = recordOf(alter());
    expect(leafHash(altered)).not.toBe(leaf);
    expect(saltedLeafHash(altered, SALT)).not.toBe(leaf);
  });
});
