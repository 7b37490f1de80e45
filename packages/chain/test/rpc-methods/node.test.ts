/** The table of RPC methods against a real node: every method of its help, and the places of the arguments that decide. */
import { hasLitecoind, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RPC_METHODS } from "../../src/index.js";

describe.skipIf(!hasLitecoind())("RPC_METHODS and litecoind 0.21", () => {
  let node: RegtestNode;
  let help: string;
  beforeAll(async () => {
    node = await startNode();
    help = String(await node.rpc("help"));
  }, 120_000);
  afterAll(() => node.remove());

  const ofLitecoin = RPC_METHODS.filter(({ nodes }) => nodes?.includes("litecoin_0_21"));
  const listed = () => help.split("\n").flatMap((line) => /^([a-z]+)/.exec(line)?.[1] ?? []);

  it("knows every method that the node lists", () => {
    const known = new Set(ofLitecoin.map(({ name }) => name));
    expect(listed().length).toBeGreaterThan(100);
    expect(listed().filter((name) => !known.has(name))).toEqual([]);
  });

  it("has no method that the node does not know", async () => {
    const unknown: string[] = [];
    for (const { name } of ofLitecoin) {
      const text = String(await node.rpc("help", name));
      if (text.startsWith("help: unknown command")) unknown.push(name);
    }
    // The first comes with ZMQ alone, the second with a later 0.21 than Debian's.
    const absent = new Set(["getzmqnotifications", "addconnection"]);
    expect(unknown.filter((name) => !absent.has(name))).toEqual([]);
  });

  it("has the arguments that decide at the places and under the names of the node", async () => {
    for (const { name, milder, expensive } of ofLitecoin) {
      const costs = typeof expensive === "object" ? expensive.unless : [];
      for (const { position, names, members } of [...(milder?.when ?? []), ...costs]) {
        const text = String(await node.rpc("help", name));
        const pattern = new RegExp(`^${position + 1}\\. "?(${names.join("|")})"?\\s`, "m");
        expect([name, text]).toEqual([name, expect.stringMatching(pattern)]);
        const isThere = members?.some((member) => text.includes(`"${member}"`)) ?? true;
        // The long poll is an argument that this help leaves out.
        expect([name, isThere || name === "getblocktemplate"]).toEqual([name, true]);
      }
    }
  });
});
