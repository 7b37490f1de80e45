/** What packages pay, at a real node. */
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import type { NodeRpc } from "@dgb-shield/chain/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FundedNode, startFundedNode, walletCall } from "../support/site.js";
import { decodeTransaction } from "@dgb-shield/chain/decode";
import { litecoinRegtest } from "@dgb-shield/chain";
import { readPackage } from "../../src/spend/transaction/index.js";
import { built, clientOf, codeOf, COIN, contextOf } from "../support/transactions.js";

describe.skipIf(!hasLitecoind())("what a package pays", () => {
  let node: FundedNode;
  let hot: NodeRpc;
  let [to, other]: string[] = [];
  beforeAll(async () => {
    node = await startFundedNode();
    hot = clientOf(node, "hot");
    [to, other] = node.addresses;
  });
  afterAll(async () => {
    await hot.close();
    await node.remove();
  });
  const own = (method: string, ...params: unknown[]) => walletCall(node, "hot", method, params);
  /** The fee as the node counts it. */
  const nodeFee = async (hex: string) => {
    const [answer] = (await node.rpc("testmempoolaccept", [hex])) as { fees?: { base: number } }[];
    return BigInt(Math.round(answer!.fees!.base * 1e8));
  };

  it("is what leaves by the child and its parents, own outputs apart", async () => {
    const mine = String(await own("getnewaddress"));
    const parent = await built(node, [{ [to!]: 1 }, { [mine]: 2 }]);
    const decoded = decodeTransaction(litecoinRegtest, parent.hex);
    const outputs = decoded.ok ? decoded.value.outputs : [];
    const vout = outputs.findIndex(({ amount }) => amount === 2n * COIN);
    const script = outputs[vout]!.script;
    const raw = await node.rpc(
      "createrawtransaction",
      [{ txid: parent.txid, vout }],
      [{ [other!]: 1.999 }],
    );
    const previous = [{ txid: parent.txid, vout, scriptPubKey: script, amount: 2 }];
    const { hex: child } = (await own("signrawtransactionwithwallet", raw, previous)) as {
      hex: string;
    };
    const fee = (await nodeFee(parent.hex)) + 100_000n;
    expect(await readPackage(contextOf(hot), [parent.hex, child])).toMatchObject({
      ok: true,
      value: {
        outputs: [
          { address: to, amount: COIN },
          { address: other, amount: 199_900_000n },
        ],
        fee,
        transaction: child,
        replaces: [],
      },
    });
    // without a wallet nothing is proven own: the parent's output to the child counts too, since a node may take the parent alone
    const outside = await readPackage(contextOf(hot, { hasWallet: false }), [parent.hex, child]);
    expect(outside.ok && outside.value.outputs.map(({ script: one }) => one)).toContain(script);
    const unrelated = await built(node, [{ [to!]: 3 }]);
    const code = (list: string[]) => codeOf(readPackage(contextOf(hot), list));
    expect(await code([unrelated.hex, child])).toBe("package_shape");
    expect(await code([child, parent.hex])).toBe("package_shape");
    expect(await code([parent.hex, parent.hex, child])).toBe("package_shape");
    expect(await code([])).toBe("package_shape");
    expect(await code(Array(30).fill(parent.hex))).toBe("package_shape");
    expect(await code([parent.hex, `${child}00`])).toBe("malformed");
  });
});
