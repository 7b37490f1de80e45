/** The configuration of a method policy: methods that are added, exports that are named, rates; and what is refused. */
import { RPC_METHODS } from "@dgb-shield/chain";
import { LOCKDOWNS } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { createMethodPolicy } from "../../src/index.js";
import { ask, policyWith } from "../support/policy.js";

const refusal = (path: string) =>
  expect.objectContaining({ code: "invalid_config", path }) as Error;

describe("add_methods", () => {
  const added = policyWith({
    add_methods: [
      { name: "getnewthing", kind: "read" },
      { name: "dumpnewthing", kind: "key-export" },
    ],
  });

  it("lets an added method run by its kind", () => {
    expect(ask("chain_reader", "getnewthing", { of: added })).toMatchObject({
      allowed: true,
      kind: "read",
    });
    expect(added.methodsOf("chain_reader", "FULL")).toContain("getnewthing");
    expect(ask("spender", "dumpnewthing", { of: added })).toMatchObject({
      code: "key_export_refused",
    });
  });

  it.each(["sendtoaddress", "dumpprivkey", "echo"])("classes no known method anew: %s", (name) => {
    expect(() => policyWith({ add_methods: [{ name, kind: "read" }] })).toThrow(
      refusal("/add_methods/0/name"),
    );
  });

  it.each<[title: string, method: object, path: string]>([
    ["another kind", { name: "x", kind: "harmless" }, "/add_methods/0/kind"],
    ["no kind", { name: "x" }, "/add_methods/0/kind"],
    ["white space in the name", { name: "x ", kind: "read" }, "/add_methods/0/name"],
    ["an unknown field", { name: "x", kind: "read", role: "all" }, "/add_methods/0/role"],
    [
      "no condition",
      { name: "x", kind: "spend", milder: { kind: "read", when: [] } },
      "/add_methods/0/milder/when",
    ],
  ])("refuses %s", (_title, method, path) => {
    expect(() => policyWith({ add_methods: [method as never] })).toThrow(refusal(path));
  });

  it("refuses a table that names a method twice, or has none", () => {
    const twice = [...RPC_METHODS, { name: "stop", kind: "read" as const }];
    expect(() => createMethodPolicy({ methods: twice })).toThrow(refusal("/methods/268/name"));
    expect(() => createMethodPolicy({ methods: [] })).toThrow(refusal("/methods"));
    expect(() => createMethodPolicy(null as never)).toThrow("invalid_config");
  });
});

describe("key_export", () => {
  const named = policyWith({ key_export: { node_operator: ["backupwallet"] } });

  it("lets exactly the named role run exactly the named method, and only without a lockdown", () => {
    expect(ask("node_operator", "backupwallet", { of: named })).toMatchObject({
      allowed: true,
      kind: "key-export",
      hook: false,
    });
    expect(ask("node_operator", "dumpwallet", { of: named })).toMatchObject({
      code: "key_export_refused",
    });
    expect(ask("spender", "backupwallet", { of: named })).toMatchObject({
      code: "key_export_refused",
    });
    for (const lockdown of LOCKDOWNS.slice(1)) {
      expect(ask("node_operator", "backupwallet", { of: named, lockdown })).toMatchObject({
        code: "lockdown_forbids",
      });
    }
  });

  it.each(["sendtoaddress", "nosuch", "__proto__"])(
    "refuses a name of no such kind: %s",
    (name) => {
      expect(() => policyWith({ key_export: { spender: [name] } })).toThrow(
        "invalid_config at /key_export/spender/0",
      );
    },
  );

  it("refuses an unknown role", () => {
    expect(() => policyWith({ key_export: { root: ["dumpprivkey"] } as never })).toThrow(
      "invalid_config at /key_export/root",
    );
  });
});

describe("rates", () => {
  it("take the place of single defaults", () => {
    const rich = policyWith({ rates: { NONE: { read: 60_000, expensive: 600 } } });
    expect(ask("chain_reader", "getblockcount", { of: rich })).toMatchObject({
      max_calls_per_minute: 60_000,
    });
    expect(ask("chain_reader", "gettxoutsetinfo", { of: rich })).toMatchObject({
      max_calls_per_minute: 600,
    });
    expect(ask("chain_reader", "getblockcount", { of: rich, lockdown: "FULL" })).toMatchObject({
      max_calls_per_minute: 600,
    });
  });

  it("close costly calls, or charge them to the smaller budget", () => {
    const closed = policyWith({ rates: { FULL: { expensive: 0 } } });
    expect(ask("chain_reader", "scantxoutset", { of: closed, lockdown: "FULL" })).toMatchObject({
      code: "lockdown_forbids",
    });
    const small = policyWith({
      rates: { NONE: { read: 5 }, PARTIAL: { read: 5 }, FULL: { read: 5 } },
    });
    expect(ask("chain_reader", "scantxoutset", { of: small })).toMatchObject({
      rate_class: "read",
      max_calls_per_minute: 5,
    });
  });

  it.each<[title: string, rates: object, path: string]>([
    ["more in a worse state", { PARTIAL: { read: 7_000 } }, "/rates"],
    ["spending under FULL", { FULL: { spend: 1 } }, "/rates"],
    ["signing under FULL", { FULL: { sign: 1 } }, "/rates"],
    [
      "export of keys under FULL",
      { NONE: { "key-export": 6 }, PARTIAL: { "key-export": 6 }, FULL: { "key-export": 1 } },
      "/rates",
    ],
    ["no tools in an incident", { FULL: { incident: 0 } }, "/rates"],
    ["an unknown state", { none: { read: 1 } }, "/rates/none"],
    ["an unknown budget", { NONE: { stop: 1 } }, "/rates/NONE/stop"],
    ["a fraction", { NONE: { read: 0.5 } }, "/rates/NONE/read"],
    ["a negative number", { NONE: { read: -1 } }, "/rates/NONE/read"],
  ])("refuse %s", (_title, rates, path) => {
    expect(() => policyWith({ rates })).toThrow(refusal(path));
  });
});
