/** Every method × role × state against a second statement of the rules, written from the design's text (row G12). */
import { RPC_METHODS } from "@dgb-shield/chain";
import { LOCKDOWNS, type Lockdown, type RpcMethodKind } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { RPC_RATES, RPC_ROLES, type RpcRole } from "../../src/index.js";
import { ask, EVERY_CALL, methodNamed, openPolicy, policy } from "../support/policy.js";

/** Kinds that run: under NONE | under PARTIAL | under FULL. */
const RUNS: Record<RpcRole, string> = {
  chain_reader: "read build | read build | read build",
  wallet_reader:
    "read build wallet-read receive | read build wallet-read receive | read build wallet-read",
  spender:
    "read build wallet-read receive sign spend | read build wallet-read receive sign spend | read build wallet-read",
  miner: "read build mining | read build mining | read build",
  node_operator:
    "read build wallet-read network admin | read build wallet-read | read build wallet-read",
};
/** What the five methods whose arguments decide are without arguments. */
const WITHOUT_ARGUMENTS: Record<string, RpcMethodKind> = {
  listdescriptors: "wallet-read",
  gethdkeys: "wallet-read",
  fundrawtransaction: "build",
  walletcreatefundedpsbt: "build",
  walletprocesspsbt: "sign",
};
const INCIDENT = "addnode disconnectnode invalidateblock reconsiderblock setban stop".split(" ");
const WALLET_BUILDS = "fundrawtransaction psbtbumpfee walletcreatefundedpsbt".split(" ");

function runs(name: string, role: RpcRole, lockdown: Lockdown): boolean {
  if (name === "walletlock") return true;
  if (INCIDENT.includes(name) && role === "node_operator") return true;
  if (WALLET_BUILDS.includes(name) && ["chain_reader", "miner"].includes(role)) return false;
  const kind = WITHOUT_ARGUMENTS[name] ?? methodNamed(name).kind;
  const kinds = RUNS[role].split("|")[LOCKDOWNS.indexOf(lockdown)] ?? "";
  return kinds.trim().split(" ").includes(kind);
}

describe("the method policy", () => {
  it("has five roles, as the design names them", () => {
    expect([...RPC_ROLES].sort()).toEqual(Object.keys(RUNS).sort());
  });

  it("runs exactly what the rules let run: 268 methods, 5 roles, 3 states", () => {
    expect(EVERY_CALL).toHaveLength(268 * 5 * 3);
    const wrong = EVERY_CALL.filter(
      ({ method: { name }, role, lockdown }) =>
        ask(role, name, { lockdown }).allowed !== runs(name, role, lockdown),
    );
    expect(wrong.map(({ method, role, lockdown }) => [method.name, role, lockdown])).toEqual([]);
  });

  it.each([policy, openPolicy])(
    "runs nothing that signs, spends or exports keys under FULL, whatever is configured",
    (each) => {
      const worst = ["sign", "spend", "key-export"];
      for (const { method, role } of EVERY_CALL) {
        for (const params of [undefined, [], [true], ["", true], { private: true }]) {
          const answer = ask(role, method.name, { lockdown: "FULL", params, of: each });
          if (answer.allowed)
            expect([method.name, worst.includes(answer.kind)]).toEqual([method.name, false]);
        }
      }
      expect(worst.map((kind) => RPC_RATES.FULL[kind as "sign"])).toEqual([0, 0, 0]);
    },
  );

  it.each([policy, openPolicy])("gives no role more as the state gets worse", (each) => {
    for (const { name } of RPC_METHODS) {
      for (const role of RPC_ROLES) {
        const rates = LOCKDOWNS.map((lockdown) => {
          const answer = ask(role, name, { lockdown, of: each });
          return answer.allowed ? answer.max_calls_per_minute : 0;
        });
        expect([name, role, rates]).toEqual([name, role, rates.toSorted((a, b) => b - a)]);
      }
    }
  });

  it("refuses every export of keys to every role by default (key_export_refused)", () => {
    const names = ["dumpprivkey", "dumpwallet", "backupwallet", "exportoracleprivkey"];
    for (const role of RPC_ROLES) {
      for (const name of names)
        expect(ask(role, name)).toMatchObject({ code: "key_export_refused" });
      expect(ask(role, "listdescriptors", { params: [true] })).toMatchObject({
        code: "key_export_refused",
      });
      expect(ask(role, "gethdkeys", { params: { private: true } })).toMatchObject({
        code: "key_export_refused",
      });
    }
  });

  it("asks the hook before what pays, and before nothing else", () => {
    const asked = RPC_METHODS.filter(({ name }) => {
      const answer = ask("spender", name);
      return answer.allowed && answer.hook;
    }).map(({ name }) => name);
    expect(asked).toEqual(
      expect.arrayContaining([
        "sendtoaddress",
        "sendrawtransaction",
        "submitpackage",
        "bumpfee",
        "walletprocesspsbt",
      ]),
    );
    for (const name of [
      "walletpassphrase",
      "signmessage",
      "fundrawtransaction",
      "createpsbt",
      "getblock",
    ]) {
      expect(ask("spender", name)).toMatchObject({ allowed: true, hook: false });
    }
  });

  it("charges walletpassphrase to signing: it runs where a payment can, and not under FULL (lockdown_forbids)", () => {
    expect(ask("spender", "walletpassphrase", { lockdown: "PARTIAL" })).toMatchObject({
      allowed: true,
      kind: "sign",
      rate_class: "sign",
    });
    expect(ask("spender", "walletpassphrase", { lockdown: "FULL" })).toMatchObject({
      code: "lockdown_forbids",
    });
    expect(ask("node_operator", "walletpassphrase")).toMatchObject({ code: "not_for_role" });
  });

  it("gives costly calls a budget of their own", () => {
    for (const [name, params] of [
      ["scantxoutset", undefined],
      ["waitfornewblock", undefined],
      ["getblock", ["00", 2]],
      ["getrawmempool", { verbose: true }],
    ] as const) {
      for (const lockdown of LOCKDOWNS) {
        expect(ask("chain_reader", name, { lockdown, params })).toMatchObject({
          kind: "read",
          rate_class: "expensive",
          max_calls_per_minute: RPC_RATES[lockdown].expensive,
        });
      }
    }
    for (const params of [["00"], ["00", 1], ["00", true], { blockhash: "00", verbosity: 0 }]) {
      expect(ask("chain_reader", "getblock", { params })).toMatchObject({ rate_class: "read" });
    }
    expect(ask("miner", "getblocktemplate", { params: [{ longpollid: "x" }] })).toMatchObject({
      rate_class: "expensive",
    });
    expect(ask("miner", "getblocktemplate", { params: [{ rules: ["segwit"] }] })).toMatchObject({
      rate_class: "mining",
    });
  });

  it("lists for a node's own whitelist what a role can run with some arguments", () => {
    for (const role of RPC_ROLES) {
      const listed = policy.methodsOf(role, "NONE");
      const plain = RPC_METHODS.filter(({ name }) => ask(role, name).allowed).map(
        ({ name }) => name,
      );
      expect(listed).toEqual(expect.arrayContaining(plain));
      expect(listed).toEqual(listed.toSorted());
      expect(listed.filter((name) => !plain.includes(name))).toEqual(
        role === "wallet_reader" || role === "node_operator" ? ["walletprocesspsbt"] : [],
      );
      const worse = [policy.methodsOf(role, "PARTIAL"), policy.methodsOf(role, "FULL")];
      for (const names of worse) expect(listed).toEqual(expect.arrayContaining(names));
    }
    expect(policy.methodsOf("spender", "FULL")).not.toContain("sendtoaddress");
    expect(policy.methodsOf("unknown", "NONE")).toEqual([]);
  });
});
