/** docs/gateway.md: every code is in it, its configuration is one, and a real node takes the lists that it makes. */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createMethodPolicy, RPC_REFUSAL_CODES, RPC_ROLES } from "@dgb-shield/adn";
import { RPC_METHODS } from "@dgb-shield/chain";
import { GATEWAY_CODES, gatewayConfigSchema, type MethodPolicy } from "@dgb-shield/rpc-gateway";
import { hasLitecoind, startNode } from "@dgb-shield/testkit/litecoind";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const textOf = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const PAGE = textOf("docs/gateway.md");
/** Codes in the first column of a table of refusals. */
const DOCUMENTED = new Set(
  PAGE.slice(PAGE.indexOf("## Every refusal"))
    .split("\n")
    .flatMap((line) => [...(/^\|([^|]*)\|/.exec(line)?.[1] ?? "").matchAll(/`([a-z_]+)`/g)])
    .map(([, code = ""]) => code),
);
/** Codes for which the service has a text of its own. */
const HOOK_CODES = [
  ...textOf("apps/demo/src/gateway/refusals.ts").matchAll(
    /^ {2}([a-z_]+):\s*$|^ {2}([a-z_]+): "/gm,
  ),
].map(([, long, short]) => long ?? short ?? "");

const methods = RPC_METHODS.filter(({ nodes }) => nodes?.includes("litecoin_0_21"));
const policy = createMethodPolicy({ methods });

describe("docs/gateway.md", () => {
  it("has every code of gateway, policy and service, each with a remedy, and no other", () => {
    expect(HOOK_CODES.length).toBeGreaterThan(15);
    const known = new Set<string>([...GATEWAY_CODES, ...RPC_REFUSAL_CODES, ...HOOK_CODES]);
    expect([...known].filter((code) => !DOCUMENTED.has(code))).toEqual([]);
    expect([...DOCUMENTED].filter((code) => !known.has(code))).toEqual([]);
  });

  it("has a configuration that the gateway takes, with roles and methods that the policy has", () => {
    const [, text = ""] = /^```yaml\n(.*?)^```$/ms.exec(PAGE) ?? [];
    const { gateway } = parse(text) as { gateway: { proxy: unknown; methods: object } };
    const { clients } = gatewayConfigSchema.parse(gateway.proxy);
    expect(clients.length).toBe(3);
    for (const { role } of clients) expect(RPC_ROLES).toContain(role);
    const configured = createMethodPolicy({ methods, ...gateway.methods });
    expect(configured.methodsOf("chain_reader", "FULL")).toContain("getnewthing");
  });

  it("names commands that there are", async () => {
    const named = [...new Set(PAGE.match(/shield gateway [a-z]+(?: --[a-z]+)*/g))].sort();
    expect(named.length).toBeGreaterThan(2);
    const source = textOf("apps/demo/src/cli/gateway/add-gateway.ts");
    for (const command of named) {
      const [, , verb = "", ...options] = command.split(" ");
      expect([command, source.includes(`command("${verb}")`)]).toEqual([command, true]);
      for (const option of options)
        expect([command, source.includes(option)]).toEqual([command, true]);
    }
  });

  it("describes a policy that fits the gateway's port", () => {
    const port: MethodPolicy = policy;
    const call = { client: { name: "explorer", role: "chain_reader" }, wallet: null, params: [] };
    const answer = port.decide({ ...call, method: "getblockcount", lockdown: "NONE" });
    expect(answer).toMatchObject({ allowed: true, kind: "read", rate_class: "read" });
  });
});

describe.skipIf(!hasLitecoind())("the node's own lists", { timeout: 120_000 }, () => {
  it("let the gateway's user call what its roles can run, and nothing else", async () => {
    const password = "generated";
    const hash = createHmac("sha256", "00aa").update(password).digest("hex");
    const names = (roles: readonly string[]) =>
      roles.flatMap((role) => policy.methodsOf(role, "NONE"));
    const allowed = new Set(names(["spender", "chain_reader"]));
    const node = await startNode({
      args: [
        `-rpcauth=gateway:00aa$${hash}`,
        "-rpcwhitelistdefault=1",
        `-rpcwhitelist=gateway:${[...allowed].join(",")}`,
        `-rpcwhitelist=__cookie__:${names(["node_operator"]).join(",")}`,
      ],
    });
    const statusOf = async (method: string): Promise<number> => {
      const authorization = `Basic ${btoa(`gateway:${password}`)}`;
      const body = JSON.stringify({
        id: 1,
        method,
        params: ["no", "such", "argument", "list", 1, 2, 3, 4, 5, 6, 7, 8, 9],
      });
      return (await fetch(node.url, { method: "POST", headers: { authorization }, body })).status;
    };
    try {
      for (const { name } of methods) {
        // Forbidden is 403; what may be called is answered, here with an error about its arguments.
        expect([name, (await statusOf(name)) !== 403]).toEqual([name, allowed.has(name)]);
      }
      await expect(node.rpc("getblockcount")).resolves.toBe(0);
      await expect(node.rpc("dumpprivkey", "x")).rejects.toThrow();
    } finally {
      await node.remove();
    }
  });
});
