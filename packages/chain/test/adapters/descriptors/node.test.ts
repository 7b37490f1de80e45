/** Scripts of descriptors, as a real node derives them. */
import { hasLitecoind, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createScriptOf } from "../../../src/adapters/decode/index.js";
import { deriveOwnScripts } from "../../../src/adapters/descriptors/index.js";
import { litecoinRegtest } from "../../../src/index.js";
import { asTestKey, XPUB } from "../../support/descriptors.js";

const KEY = "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";
const KEY_2 = "03f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9";

describe.skipIf(!hasLitecoind())("descriptors at a node", { timeout: 120_000 }, () => {
  let node: RegtestNode;
  const call = async <T>(method: string, ...params: unknown[]): Promise<T> =>
    (await node.rpc(method, ...params)) as T;

  beforeAll(async () => {
    node = await startNode();
  }, 120_000);
  afterAll(() => node.remove());

  it.each([
    `pkh(${XPUB}/1/*)`,
    `wpkh(${XPUB}/0/*)`,
    `sh(wpkh(${XPUB}/7/*))`,
    `wpkh([d34db33f/84'/2'/0']${XPUB}/2147483647/*)`,
    `wsh(multi(2,${XPUB}/0/*,${KEY},${XPUB}/1/*))`,
    `wsh(sortedmulti(1,${XPUB}/0/*,${KEY},${KEY_2}))`,
    `sh(wsh(sortedmulti(2,${KEY_2},${XPUB}/0/*)))`,
    `sh(multi(1,${KEY_2},${KEY},${XPUB}/*))`,
    `sh(sortedmulti(2,${KEY_2},${KEY},${XPUB}/*))`,
    `pkh(${KEY})`,
  ])("derives the scripts of %s as the node does", async (text) => {
    // The node's regtest reads tpub alone.
    const own = text.replaceAll(XPUB, asTestKey(XPUB));
    const { descriptor } = await call<{ descriptor: string }>("getdescriptorinfo", own);
    const isRanged = own.includes("*");
    const addresses = await call<string[]>(
      "deriveaddresses",
      descriptor,
      ...(isRanged ? [[0, 20]] : []),
    );
    const derived = deriveOwnScripts(
      [isRanged ? { desc: descriptor, range: [0, 20] } : descriptor],
      { chain: litecoinRegtest },
    );
    const scripts = addresses.map(createScriptOf(litecoinRegtest));
    expect(derived).toEqual({ ok: true, value: new Set(scripts) });
    expect(scripts).toHaveLength(isRanged ? 21 : 1);
  });
});
