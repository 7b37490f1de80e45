/** Row G4: a gateway state that cannot be read is FULL, and reading it never throws. */
import { LOCKDOWNS } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RPC_CLASSES, RPC_METHODS, RPC_RATES, rpcDecision, rpcPolicy } from "../src/index.js";

const throwing = (): never => {
  throw new Error("hostile");
};
const hostile = new Proxy({}, { getOwnPropertyDescriptor: throwing, get: throwing });
const revoked = Proxy.revocable({}, {});
revoked.revoke();
let turn = 0;

const UNREADABLE: [title: string, state: unknown][] = [
  ["null", null],
  ["undefined", undefined],
  ["a text", "NONE"],
  ["an empty object", {}],
  ["a list of one word", { lockdown: ["NONE"] }],
  ["lists in lists", { lockdown: [[["NONE"]]] }],
  ["a String object", { lockdown: new String("NONE") }],
  ["an object that becomes the word", { lockdown: { toString: () => "NONE" } }],
  ["another case", { lockdown: "none" }],
  ["white space", { lockdown: "NONE " }],
  ["a name of every object", { lockdown: "__proto__" }],
  ["a method of every object", { lockdown: "toString" }],
  ["a number", { lockdown: 0 }],
  ["a symbol", { lockdown: Symbol("NONE") }],
  ["an inherited word", Object.create({ lockdown: "NONE" })],
  [
    "a getter",
    {
      get lockdown() {
        return "NONE";
      },
    },
  ],
  [
    "a getter that answers once",
    {
      get lockdown() {
        return turn++ === 0 ? "NONE" : undefined;
      },
    },
  ],
  [
    "a getter that throws",
    {
      get lockdown() {
        return throwing();
      },
    },
  ],
  ["a hostile proxy", hostile],
  ["a revoked proxy", revoked.proxy],
];

describe("rpcPolicy and rpcDecision", () => {
  it.each(UNREADABLE)("take a state for FULL that is %s (unreadable_state)", (_title, state) => {
    expect(rpcPolicy(state as never).lockdown).toBe("FULL");
    expect(rpcDecision(state as never, "sendtoaddress").allowed).toBe(false);
    expect(rpcDecision(state as never, "stop").allowed).toBe(false);
    expect(rpcDecision(state as never, "getblock")).toMatchObject({
      allowed: true,
      max_calls_per_minute: RPC_RATES.FULL.read_chain,
    });
  });

  it("never throw, and allow no spending but by a state that permits it", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), fc.anything(), (state, method) => {
        expect(rpcPolicy(state as never).lockdown).toBe("FULL");
        expect(rpcDecision({ lockdown: "NONE" }, method).allowed).toBe(false);
      }),
    );
  });

  it("read the own lockdown of a state, also of one without a prototype", () => {
    for (const lockdown of LOCKDOWNS) {
      const bare = Object.assign(Object.create(null) as object, { lockdown });
      expect(rpcPolicy(bare as { lockdown: "NONE" }).lockdown).toBe(lockdown);
    }
  });

  it("give answers that share nothing with the tables or with each other", () => {
    const first = rpcPolicy({ lockdown: "FULL" }) as unknown as {
      classes: { spend: { allowed: boolean } };
    };
    first.classes.spend.allowed = true;
    expect(rpcDecision({ lockdown: "FULL" }, "sendtoaddress").allowed).toBe(false);
  });
});

describe("the tables", () => {
  it("are frozen deeply", () => {
    const all = [RPC_CLASSES, RPC_METHODS, RPC_RATES];
    const parts = all.flatMap((table) => [table, ...Object.values(table)]);
    for (const part of parts) expect(Object.isFrozen(part)).toBe(true);
  });
});
