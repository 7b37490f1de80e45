/** Arguments that change what a method can do: by position, by name, by both, within an object and beside it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ask } from "../support/policy.js";

type Case = readonly [method: string, params: unknown, kind: string];
const LOCKING = { lockUnspents: true };

const CASES: readonly Case[] = [
  ["listdescriptors", undefined, "wallet-read"],
  ["listdescriptors", null, "wallet-read"],
  ["listdescriptors", [], "wallet-read"],
  ["listdescriptors", [null], "wallet-read"],
  ["listdescriptors", [false], "wallet-read"],
  ["listdescriptors", {}, "wallet-read"],
  ["listdescriptors", { private: false }, "wallet-read"],
  ["listdescriptors", { args: [] }, "wallet-read"],
  ["listdescriptors", { args: [false], private: false }, "wallet-read"],
  ["listdescriptors", [true], "key-export"],
  ["listdescriptors", ["false"], "key-export"],
  ["listdescriptors", [0], "key-export"],
  ["listdescriptors", [[]], "key-export"],
  ["listdescriptors", { private: true }, "key-export"],
  ["listdescriptors", { private: 1 }, "key-export"],
  ["listdescriptors", { args: [true] }, "key-export"],
  ["listdescriptors", { args: [false], private: true }, "key-export"],
  ["listdescriptors", { args: [true], private: false }, "key-export"],
  ["listdescriptors", { args: { 0: false } }, "key-export"],
  ["listdescriptors", { args: "x" }, "key-export"],
  ["gethdkeys", [{ private: false }], "wallet-read"],
  ["gethdkeys", [{ active_only: true }], "wallet-read"],
  ["gethdkeys", { active_only: true }, "wallet-read"],
  ["gethdkeys", [{ private: true }], "key-export"],
  ["gethdkeys", { options: { private: true } }, "key-export"],
  ["gethdkeys", { private: true }, "key-export"],
  ["gethdkeys", { options: { private: false }, private: true }, "key-export"],
  ["gethdkeys", { args: [{ private: true }] }, "key-export"],
  ["gethdkeys", [[{ private: false }]], "key-export"],
  ["gethdkeys", ["x"], "key-export"],
  ["walletprocesspsbt", ["psbt"], "sign"],
  ["walletprocesspsbt", ["psbt", null], "sign"],
  ["walletprocesspsbt", ["psbt", true], "sign"],
  ["walletprocesspsbt", ["psbt", false], "build"],
  ["walletprocesspsbt", { psbt: "p", sign: false }, "build"],
  ["walletprocesspsbt", { args: ["psbt", true], sign: false }, "sign"],
  ["walletprocesspsbt", { args: ["psbt", false], sign: true }, "sign"],
  ["fundrawtransaction", ["00"], "build"],
  ["fundrawtransaction", ["00", {}], "build"],
  ["fundrawtransaction", ["00", { lockUnspents: false }], "build"],
  ["fundrawtransaction", ["00", LOCKING], "spend"],
  ["fundrawtransaction", ["00", { lock_unspents: true }], "spend"],
  ["fundrawtransaction", ["00", true], "spend"],
  ["fundrawtransaction", { hexstring: "00", options: LOCKING }, "spend"],
  ["fundrawtransaction", { hexstring: "00", ...LOCKING }, "spend"],
  ["walletcreatefundedpsbt", [[], [], 0, {}], "build"],
  ["walletcreatefundedpsbt", [[], [], 0, LOCKING], "spend"],
  ["walletcreatefundedpsbt", { inputs: [], outputs: [], options: LOCKING }, "spend"],
  ["walletcreatefundedpsbt", { args: [[], []], ...LOCKING }, "spend"],
];
const CODE_OF_KIND: Record<string, string> = { "key-export": "key_export_refused" };

describe("arguments that decide", () => {
  it.each(CASES)("make %s %j a call of kind %s", (method, params, kind) => {
    const answer = ask("spender", method, { params });
    const code = CODE_OF_KIND[kind];
    expect(answer).toMatchObject(code === undefined ? { allowed: true, kind } : { code });
  });

  it("are own members alone", () => {
    const inherited = Object.create({ sign: false }) as object;
    expect(ask("spender", "walletprocesspsbt", { params: inherited })).toMatchObject({
      kind: "sign",
    });
    const getter = {
      get sign() {
        return false;
      },
    };
    expect(ask("spender", "walletprocesspsbt", { params: getter })).toMatchObject({ kind: "sign" });
  });

  it.each<[title: string, params: unknown]>([
    ["a text", "x"],
    ["a number", 1],
    ["true", true],
    [
      "a revoked proxy",
      (() => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      })(),
    ],
  ])("are refused where they are %s (invalid_params)", (_title, params) => {
    expect(ask("spender", "getblock", { params })).toMatchObject({ code: "invalid_params" });
  });

  it("never make a call milder by being more: what decides is the worst form given", () => {
    const flag = fc.constantFrom<unknown>(true, false, null, 1, "true", {}, []);
    fc.assert(
      fc.property(
        flag,
        flag,
        fc.dictionary(fc.string(), fc.jsonValue()),
        (byPlace, byName, rest) => {
          const params = { ...rest, args: [byPlace], private: byName };
          const isSafe = [byPlace, byName].every((value) => value === false || value === null);
          const answer = ask("wallet_reader", "listdescriptors", { params });
          expect(answer.allowed).toBe(isSafe);
        },
      ),
    );
  });
});
