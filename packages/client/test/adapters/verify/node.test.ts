/** PSBTs and descriptors of a real node's own wallet. */
import { decodeAddress } from "@dgb-shield/chain/decode";
import { litecoinRegtest } from "@dgb-shield/chain";
import { hasLitecoind, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PaymentTerms } from "../../../src/index.js";
import { NOW, pins, TERMS, token } from "../../support/site.js";
import { verifierOf } from "../../support/wallet.js";

const KEY = "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";

describe.skipIf(!hasLitecoind())("a node's own wallet", { timeout: 120_000 }, () => {
  let node: RegtestNode;
  const call = async <T>(method: string, ...params: unknown[]): Promise<T> =>
    (await node.rpc(method, ...params)) as T;

  beforeAll(async () => {
    node = await startNode();
    await call("createwallet", "hot");
    await call("generatetoaddress", 110, await call<string>("getnewaddress"));
  }, 120_000);
  afterAll(() => node.remove());

  const scriptOf = (address: string): string => {
    const read = decodeAddress(litecoinRegtest, address);
    if (!read.ok) throw new Error(`${address}: ${read.code}`);
    return read.value.script;
  };

  it.each([["bech32"], ["p2sh-segwit"], ["legacy"]])(
    "verifies a PSBT that the wallet funds from its %s coins, and what it signs is mined",
    async (type) => {
      const coin = await call<string>("getnewaddress", "", type);
      await call("sendtoaddress", coin, 5);
      await call("sendtoaddress", await call<string>("getnewaddress", "", type), 4);
      await call("generatetoaddress", 1, await call<string>("getnewaddress"));
      const to = await call<string>("getnewaddress", "", "bech32");
      // An address that is not the wallet's.
      const foreign = (
        await call<string[]>("deriveaddresses", await checksummed(node, `wpkh(${KEY})`))
      )[0]!;
      const unspent =
        await call<{ txid: string; vout: number; address: string; amount: number }[]>(
          "listunspent",
        );
      const inputs = unspent.filter(({ amount }) => amount === 5 || amount === 4).slice(-2);
      const { psbt } = await call<{ psbt: string }>(
        "walletcreatefundedpsbt",
        inputs.map(({ txid, vout }) => ({ txid, vout })),
        [{ [foreign]: 6 }, { [to]: 1.5 }],
        0,
        { feeRate: 0.001, change_type: type },
      );
      const { psbt: whole } = await call<{ psbt: string }>("walletprocesspsbt", psbt, false);
      const payouts = [
        { script: scriptOf(foreign), amount: "6" },
        { script: scriptOf(to), amount: "1.5" },
      ];
      const descriptors = await ownDescriptors(node, whole, to);
      const verifier = verifierOf(pins(), descriptors);
      const check = (given: Partial<PaymentTerms>, from = whole): string => {
        const approved = { ...TERMS, payouts, max_fee: "0.01", ...given };
        const text = token({ approved, claims: approved });
        const answer = verifier.inspect({ token: text, psbt: from, now_ms: NOW });
        return answer.ok ? "ok" : answer.code;
      };
      expect(check({})).toBe("ok");
      expect(check({ payouts: [{ ...payouts[0]!, amount: "6.1" }, payouts[1]!] })).not.toBe("ok");
      expect(check({ max_fee: "0.00000001" })).toBe("fee_too_high");
      // As it was before it was completed, a legacy coin's value is not proven.
      if (type === "legacy") expect(check({}, psbt)).toMatch(/^(?:ok|input_unproven)$/);

      const signed = await call<{ psbt: string; complete: boolean }>("walletprocesspsbt", whole);
      expect(signed.complete).toBe(true);
      expect(check({}, signed.psbt)).toBe("ok");
      const { hex } = await call<{ hex: string }>("finalizepsbt", signed.psbt);
      const txid = await call<string>("sendrawtransaction", hex);
      await call("generatetoaddress", 1, coin);
      const { confirmations } = await call<{ confirmations: number }>("gettransaction", txid);
      expect(confirmations).toBe(1);

      // The raw form, with what its inputs spend.
      const previous = await Promise.all(
        inputs.map(async (one) => (await call<{ hex: string }>("gettransaction", one.txid)).hex),
      );
      const approved = { ...TERMS, payouts, max_fee: "0.01" };
      const text = token({ approved, claims: approved });
      expect(verifier.inspect({ token: text, tx: hex, previous, now_ms: NOW }).ok).toBe(true);
      // Without the change's descriptor it is a foreign output.
      const blind = verifierOf(pins(), descriptors.slice(0, inputs.length));
      expect(blind.inspect({ token: text, tx: hex, previous, now_ms: NOW })).toMatchObject({
        code: "output_foreign",
      });
    },
  );
});

const checksummed = async (node: RegtestNode, text: string): Promise<string> =>
  ((await node.rpc("getdescriptorinfo", text)) as { descriptor: string }).descriptor;

/** The wallet's descriptors of what a PSBT spends, and of its change, as the node states them. */
async function ownDescriptors(node: RegtestNode, psbt: string, payout: string): Promise<string[]> {
  type Output = { scriptPubKey: { addresses?: string[]; hex: string }; value: number };
  const decoded = (await node.rpc("decodepsbt", psbt)) as {
    tx: { vin: { txid: string; vout: number }[]; vout: Output[] };
  };
  const spent = await Promise.all(
    decoded.tx.vin.map(async ({ txid, vout }) => {
      const { hex } = (await node.rpc("gettransaction", txid)) as { hex: string };
      const { vout: outputs } = (await node.rpc("decoderawtransaction", hex)) as { vout: Output[] };
      return outputs[vout]!.scriptPubKey.addresses![0]!;
    }),
  );
  const descriptorOf = async (address: string): Promise<string | undefined> => {
    const { desc, ismine } = (await node.rpc("getaddressinfo", address)) as {
      desc?: string;
      ismine: boolean;
    };
    return ismine ? desc : undefined;
  };
  const change = decoded.tx.vout
    .map(({ scriptPubKey }) => scriptPubKey.addresses![0]!)
    .filter((address) => address !== payout);
  const all = await Promise.all([...spent, ...change].map(descriptorOf));
  return all.filter((text) => text !== undefined);
}
