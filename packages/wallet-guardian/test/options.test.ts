/** What a guardian is made of, and options that cannot be read (design, section 7). */
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { createPostgresLedger } from "../src/adapters/postgres/index.js";
import { createSqliteLedger } from "../src/adapters/sqlite/index.js";
import {
  createGuardian,
  createMemoryLedger,
  GuardianOptionsError,
  type LogEntry,
  prepareWithdrawal,
} from "../src/index.js";
import { askAnything, harness, said, START_MS, TXID } from "./support/guardian.js";
import { newPath } from "./support/ledgers.js";

const REQUEST = { withdrawal_id: "w", wallet_id: "hot", amount: "1" } as const;
const good = () => ({
  policy: { max_24h: "10" },
  ledger: createMemoryLedger(),
  clock: () => START_MS,
});

describe("createGuardian", () => {
  it.each<[string, () => unknown, string, RegExp]>([
    ["nothing", () => undefined, "", /^options: missing: give/],
    ["null", () => null, "", /^options: null: give/],
    [
      "no ledger",
      () => ({ ...good(), ledger: undefined }),
      "/ledger",
      /ledger: missing: give a led/,
    ],
    ["a ledger of null", () => ({ ...good(), ledger: null }), "/ledger", /null: give a ledger/],
    ["a path as ledger", () => ({ ...good(), ledger: "a.db" }), "/ledger", /a string: give a led/],
    ["an empty ledger", () => ({ ...good(), ledger: {} }), "/ledger", /no method transact/],
    ["no clock", () => ({ ...good(), clock: undefined }), "/clock", /missing: give a function/],
    ["a time as clock", () => ({ ...good(), clock: START_MS }), "/clock", /a number: give a func/],
    [
      "a monotonic time",
      () => ({ ...good(), monotonic: 0 }),
      "/monotonic",
      /a number: give a func/,
    ],
    ["a log that is no function", () => ({ ...good(), log: console }), "/log", /an object: give/],
    ["a sink without emit", () => ({ ...good(), events: {} }), "/events", /no method emit/],
    [
      "a misspelt option",
      () => ({ ...good(), monotonik: () => 0 }),
      "/monotonik",
      /no such option/,
    ],
    [
      "an accessor",
      () =>
        Object.defineProperty(good(), "clock", {
          enumerable: true,
          get: () => {
            throw new Error("never run");
          },
        }),
      "/clock",
      /an accessor/,
    ],
    ["options in a prototype", () => Object.create(good()) as unknown, "/policy", /limits|object/],
  ])("refuses %s at creation, and states what to give", (_what, options, path, message) => {
    try {
      createGuardian(options() as never);
      expect.unreachable();
    } catch (error) {
      if (path === "/policy") return expect(error).toHaveProperty("code", "invalid_policy");
      expect(error).toBeInstanceOf(GuardianOptionsError);
      expect(error).toMatchObject({ code: "invalid_config", path });
      expect((error as Error).message).toMatch(message);
    }
  });

  it("refuses a misspelt withdrawal at compile time", () => {
    const { guardian } = harness({ max_24h: "10" });
    // @ts-expect-error a field that does not exist
    void guardian.evaluate({ ...REQUEST, amounts: "1" }, "LOW");
    // @ts-expect-error a risk that does not exist
    void guardian.evaluate(REQUEST, "low");
    // @ts-expect-error a field that is missing
    void guardian.evaluate({ withdrawal_id: "w", amount: "1" }, "LOW");
    // @ts-expect-error an option that does not exist
    void guardian.evaluate(REQUEST, "LOW", { finalise: () => ({ allow: true, record: {} }) });
  });
});

describe("the options of evaluate", () => {
  const throwing = () => {
    throw new Error("boom");
  };
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  class WithHook {
    finalize = () => ({ allow: false, record: {} });
  }
  class Inheriting {
    finalize() {
      return { allow: false, record: {} };
    }
  }

  it.each<[string, unknown]>([
    [
      "have a getter that throws",
      {
        get finalize() {
          return throwing();
        },
      },
    ],
    [
      "have a getter",
      {
        get finalize() {
          return undefined;
        },
      },
    ],
    ["are a revoked proxy", revoked()],
    [
      "are a proxy whose traps throw",
      new Proxy({}, { ownKeys: throwing, getPrototypeOf: throwing }),
    ],
    [
      "are a proxy that gives nothing away",
      new Proxy({}, { getOwnPropertyDescriptor: throwing, ownKeys: () => ["finalize"] }),
    ],
    ["have another key", { finalise: () => ({ allow: false, record: {} }) }],
    ["have a symbol", { [Symbol("finalize")]: throwing }],
    ["are a function", throwing],
    ["are a text", "finalize"],
    ["are a number", 7],
    ["are a list", []],
    ["are of a class", new WithHook()],
    ["inherit the hook", new Inheriting()],
    ["have a hook of null", { finalize: null }],
    ["have a hook that is an object", { finalize: {} }],
  ])("never make it throw, nor pass unseen, where they %s", async (_what, options) => {
    const { guardian, ledger } = harness({ max_24h: "10" });
    const answer = await askAnything(guardian, REQUEST, "LOW", options);
    expect([said(answer), answer.final]).toEqual(["REJECT finalize_failed", false]);
    expect(answer.detail).toMatch(/^options: .+; give \{ finalize \}/);
    expect(await ledger.withdrawal("w")).toBeNull();
    const malformed = await askAnything(guardian, {}, "LOW", options);
    expect(malformed).toMatchObject({
      decision: "REJECT",
      reason_codes: ["invalid_withdrawal", "finalize_failed"],
      final: false,
    });
  });

  it.each<[string, unknown]>([
    ["absent", undefined],
    ["null", null],
    ["empty", {}],
    ["empty, without a prototype", Object.create(null)],
    ["without a hook", { finalize: undefined }],
  ])("may be %s", async (_what, options) => {
    const { guardian } = harness({ max_24h: "10" });
    expect(said(await askAnything(guardian, REQUEST, "LOW", options))).toBe("ALLOW within_limits");
  });

  it.each<[string, unknown]>([
    [
      "a getter that throws",
      {
        get account_required() {
          return throwing();
        },
      },
    ],
    ["a revoked proxy", revoked()],
    ["null", null],
    ["a text", "account_required"],
    ["a truthy value", { account_required: 1 }],
  ])("of prepareWithdrawal require the account where they are %s", (_what, options) => {
    expect(prepareWithdrawal(REQUEST, options as object)).toMatchObject({ path: "/account_id" });
  });

  it("of operations never make them throw", async () => {
    const { guardian } = harness({ max_24h: "10" });
    const order = { operator: "op", reason: "r" };
    for (const hostile of [
      revoked(),
      {
        get reason() {
          return throwing();
        },
      },
      7,
      "x",
      [],
    ]) {
      const calls = [
        guardian.commit("w", hostile as never),
        guardian.registerDestination(hostile as never),
        guardian.frozen(hostile),
        guardian.payments(hostile),
        guardian.release("w", hostile as never),
        guardian.freeze("wallet", "w", hostile as never),
        guardian.unfreeze("wallet", "w", hostile as never),
        guardian.acceptClock(hostile as never),
      ];
      for (const call of calls) {
        expect(await call).toMatchObject({ accepted: false, reason_codes: ["invalid_operation"] });
      }
      expect(said(await guardian.claim("w", hostile as never))).toBe("REJECT invalid_claim");
    }
    expect(await guardian.freeze(Symbol() as never, "w", order)).toMatchObject({ path: "/scope" });
    expect(await guardian.wallet(Symbol() as never)).toMatchObject({ path: "/wallet_id" });
    expect(await guardian.commit("w", { txid: TXID })).toMatchObject({
      reason_codes: ["unknown_withdrawal"],
    });
  });
});

describe("the log", () => {
  it.skipIf(!hasSqlite)("and the error at creation name a missing folder", () => {
    const path = join(dirname(newPath()), "missing", "ledger.db");
    const entries: LogEntry[] = [];
    const log = (entry: LogEntry) => void entries.push(entry);
    expect(() => createGuardian({ ...good(), ledger: createSqliteLedger({ path }), log })).toThrow(
      `/ledger: the ledger's folder cannot be opened (ENOENT): create ${dirname(path)}, or correct the path`,
    );
    expect(entries).toMatchObject([{ code: "ledger_unavailable", path, errno: "ENOENT" }]);
  });

  it.skipIf(!hasSqlite)("gets path and errno of a folder that goes missing", async () => {
    const path = newPath();
    const entries: LogEntry[] = [];
    const log = (entry: LogEntry) => void entries.push(entry);
    const ledger = createSqliteLedger({ path, create: true });
    const guardian = createGuardian({ ...good(), ledger, log });
    rmSync(dirname(path), { recursive: true });
    expect(said(await guardian.evaluate(REQUEST, "LOW"))).toBe("REJECT ledger_unavailable");
    expect(await guardian.wallet("hot")).toMatchObject({ reason_codes: ["ledger_unavailable"] });
    expect(entries).toMatchObject([
      { code: "ledger_unavailable", path, errno: "ENOENT" },
      { code: "ledger_unavailable", path, errno: "ENOENT" },
    ]);
    // a new ledger would hold nothing that was spent
    mkdirSync(dirname(path));
    expect(said(await guardian.evaluate(REQUEST, "LOW"))).toBe("REJECT ledger_unavailable");
  });

  it.skipIf(!hasSqlite)("and the error at creation name a path that is a folder", () => {
    const path = newPath();
    mkdirSync(path);
    const entries: LogEntry[] = [];
    const log = (entry: LogEntry) => void entries.push(entry);
    const ledger = createSqliteLedger({ path, create: true });
    expect(() => createGuardian({ ...good(), ledger, log })).toThrow(
      "/ledger: the path is of no file",
    );
    expect(entries).toMatchObject([{ code: "ledger_unavailable", path }]);
  });

  it("gets errno or SQLSTATE of PostgreSQL, and no secret", async () => {
    const entries: LogEntry[] = [];
    const log = (entry: LogEntry) => void entries.push(entry);
    const connectionString = "postgres://shield:hunter2@127.0.0.1:1/test";
    const pool = new pg.Pool({ connectionString, max: 1 });
    const guardian = createGuardian({ ...good(), ledger: createPostgresLedger({ pool }), log });
    expect(said(await guardian.evaluate(REQUEST, "LOW"))).toBe("REJECT ledger_unavailable");
    const failing = {
      connect: () => Promise.reject(Object.assign(new Error("hunter2"), { code: "28P01" })),
    };
    const other = createGuardian({
      ...good(),
      ledger: createPostgresLedger({ pool: failing }),
      log,
    });
    await other.evaluate(REQUEST, "LOW");
    expect(entries).toMatchObject([{ errno: "ECONNREFUSED" }, { sqlstate: "28P01" }]);
    expect(JSON.stringify(entries)).not.toContain("hunter2");
    await pool.end();
  });

  it.each<[string, (entry: LogEntry) => void]>([
    [
      "throws",
      () => {
        throw new Error("log");
      },
    ],
    ["fails later", async () => Promise.reject(new Error("log"))],
  ])("changes nothing where it %s", async (_what, log) => {
    const ledger = createMemoryLedger();
    await ledger.close();
    const guardian = createGuardian({ ...good(), ledger, log });
    expect(said(await guardian.evaluate(REQUEST, "LOW"))).toBe("REJECT ledger_unavailable");
  });
});
