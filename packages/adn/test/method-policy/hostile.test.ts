/** Rows G4 and G12: names are exact, and what cannot be read is FULL, unknown or refused, never run. */
import { RPC_METHODS } from "@dgb-shield/chain";
import { LOCKDOWNS, type Lockdown } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALWAYS_RUNNING,
  createMethodPolicy,
  KINDS_OF_ROLE,
  RATE_CLASSES,
  RPC_RATES,
  RPC_ROLES,
} from "../../src/index.js";
import { ask, policy } from "../support/policy.js";

const throwing = (): never => {
  throw new Error("hostile");
};
const hostile = new Proxy(
  {},
  { getOwnPropertyDescriptor: throwing, get: throwing, ownKeys: throwing },
);
const revoked = Proxy.revocable({}, {});
revoked.revoke();

const NAMES: readonly unknown[] = [
  ...[
    "SendToAddress",
    "sendtoaddress ",
    " sendtoaddress",
    "sendtoaddress\n",
    "sendtoaddress\0",
    "ｓendtoaddress",
  ],
  ...[
    "",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "prototype",
    "nosuchmethod",
    "getblock.stop",
  ],
  ...[1, null, undefined, true, {}, [], ["stop"], new String("stop"), hostile],
];
const ROLES: readonly unknown[] = [
  ...["", "Spender", "spender ", "admin", "__proto__", "constructor", "toString"],
  ...[null, undefined, 0, {}, ["spender"], new String("spender"), hostile],
];
const STATES: readonly [title: string, lockdown: unknown][] = [
  ["null", null],
  ["a list of one word", ["NONE"]],
  ["a String object", new String("NONE")],
  ["an object that becomes the word", { toString: () => "NONE" }],
  ["another case", "none"],
  ["white space", "NONE "],
  ["a name of every object", "__proto__"],
  ["a number", 0],
  ["a symbol", Symbol("NONE")],
  ["a hostile proxy", hostile],
  ["a revoked proxy", revoked.proxy],
];

describe("a method name", () => {
  it("that is no known one, exactly, is refused in every state (unknown_method)", () => {
    for (const [index, name] of NAMES.entries()) {
      for (const role of RPC_ROLES) {
        for (const lockdown of LOCKDOWNS) {
          const answer = ask(role, name as string, { lockdown });
          expect([index, answer]).toMatchObject([index, { code: "unknown_method" }]);
        }
      }
    }
  });

  it("is refused in another case, whichever it is", () => {
    for (const { name } of RPC_METHODS) {
      expect(ask("spender", name.toUpperCase())).toMatchObject({ code: "unknown_method" });
    }
  });

  it("that is a stub for tests runs for no role (not_for_role)", () => {
    for (const role of RPC_ROLES) {
      for (const name of ["echo", "echojson", "echoipc"]) {
        expect(ask(role, name)).toMatchObject({ code: "not_for_role" });
      }
    }
  });
});

describe("a role", () => {
  it("that is none is refused everything (unknown_role)", () => {
    for (const [index, role] of ROLES.entries()) {
      for (const name of ["getblock", "walletlock", "stop", "sendtoaddress"]) {
        const answer = ask(role as string, name);
        expect([index, answer]).toMatchObject([index, { code: "unknown_role" }]);
      }
      expect(policy.methodsOf(role as string, "NONE")).toEqual([]);
    }
  });
});

describe("a state that cannot be read", () => {
  it.each(STATES)("counts as FULL: %s (unreadable_state)", (_title, given) => {
    const lockdown = given as Lockdown;
    for (const { name } of RPC_METHODS) {
      for (const role of RPC_ROLES) {
        expect(ask(role, name, { lockdown })).toEqual(ask(role, name, { lockdown: "FULL" }));
      }
    }
    expect(policy.methodsOf("spender", lockdown)).toEqual(policy.methodsOf("spender", "FULL"));
  });

  it("is inherited, or a getter", () => {
    const call = { client: { role: "spender" }, method: "sendtoaddress" };
    const inherited = Object.assign(Object.create({ lockdown: "NONE" }) as object, call);
    const getter = { ...call };
    Object.defineProperty(getter, "lockdown", { get: () => "NONE", enumerable: true });
    for (const each of [inherited, getter]) {
      expect(policy.decide(each as never)).toMatchObject({ code: "lockdown_forbids" });
    }
  });
});

describe("decide", () => {
  it("never throws, and lets nothing run for what is no call", () => {
    for (const call of [null, undefined, 1, "x", [], hostile, revoked.proxy]) {
      expect(policy.decide(call as never).allowed).toBe(false);
    }
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (call) => {
        expect(policy.decide(call as never).allowed).toBe(false);
      }),
    );
    const method = fc.constantFrom(...RPC_METHODS.map(({ name }) => name));
    fc.assert(
      fc.property(fc.constantFrom(...RPC_ROLES), method, fc.anything(), (role, name, params) => {
        const answer = ask(role, name, { params, lockdown: "FULL" });
        if (answer.allowed) expect(["sign", "spend", "key-export"]).not.toContain(answer.kind);
        else expect(answer.text.length).toBeGreaterThan(20);
      }),
    );
  });
});

describe("the tables", () => {
  it("are frozen deeply", () => {
    for (const table of [ALWAYS_RUNNING, KINDS_OF_ROLE, RATE_CLASSES, RPC_RATES, RPC_ROLES]) {
      const parts = [table, ...Object.values(table)].filter((part) => typeof part === "object");
      for (const part of parts) expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it("share nothing with the list that a policy was created from", () => {
    const methods = structuredClone([...RPC_METHODS]);
    const of = createMethodPolicy({ methods });
    for (const method of methods) Object.assign(method, { kind: "read" });
    expect(ask("spender", "dumpprivkey", { of }).allowed).toBe(false);
  });
});
