/** Scripts of descriptors, as a real node derives them. */
import { createECDH } from "node:crypto";
import { hasLitecoind, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { runs } from "@dgb-shield/testkit/runs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createScriptOf } from "../../../src/adapters/decode/index.js";
import { deriveOwnScripts } from "../../../src/adapters/descriptors/index.js";
import { litecoinRegtest } from "../../../src/index.js";
import { asTestKey, testKeyOf, XPUB } from "../../support/descriptors.js";

const KEY = "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";
const KEY_2 = "03f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9";

const MAX_INDEX = 0x7fff_ffff;
const indexes = fc.oneof(fc.nat(9), fc.nat(MAX_INDEX), fc.constant(MAX_INDEX));
const keys = fc
  .tuple(
    // Private keys: below the number of points.
    fc.bigInt(1n, 2n ** 255n),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.array(indexes, { maxLength: 3 }),
  )
  .map(([secret, chainCode, path]) => {
    const curve = createECDH("secp256k1");
    curve.setPrivateKey(Buffer.from(secret.toString(16).padStart(64, "0"), "hex"));
    return [testKeyOf(curve.getPublicKey(null, "compressed"), chainCode), ...path, "*"].join("/");
  });
const descriptors = fc.oneof(
  fc
    .tuple(fc.constantFrom("pkh(K)", "wpkh(K)", "sh(wpkh(K))"), keys)
    .map(([form, key]) => form.replace("K", key)),
  fc
    .tuple(
      fc.constantFrom("wsh(multi(K))", "sh(wsh(sortedmulti(K)))", "sh(sortedmulti(K))"),
      fc.array(keys, { minLength: 1, maxLength: 3 }),
    )
    .map(([form, several]) => form.replace("K", ["1", ...several].join(","))),
);

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

  it("derives the scripts of any keys, paths and forms as the node does (property)", async () => {
    await fc.assert(
      fc.asyncProperty(descriptors, indexes, async (text, from) => {
        const range = [from, Math.min(from + 4, MAX_INDEX)];
        const { descriptor } = await call<{ descriptor: string }>("getdescriptorinfo", text);
        const addresses = await call<string[]>("deriveaddresses", descriptor, range);
        const derived = deriveOwnScripts([{ desc: descriptor, range }], { chain: litecoinRegtest });
        const scripts = addresses.map(createScriptOf(litecoinRegtest));
        expect(derived).toEqual({ ok: true, value: new Set(scripts) });
      }),
      { numRuns: runs(60, 2_000) },
    );
  });
});
