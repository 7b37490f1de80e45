/** What transactions pay that a wallet is asked to sign, at a real node. */
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import type { NodeRpc } from "@dgb-shield/chain/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FundedNode, startFundedNode, walletCall } from "../support/site.js";
import { litecoinRegtest } from "@dgb-shield/chain";
import {
  readPsbtToSign,
  readRawToSign,
  readRawTransaction,
  txidOfContent,
} from "../../src/spend/transaction/index.js";
import {
  clientOf,
  codeOf,
  COIN,
  contextOf,
  little,
  pushed,
  replacedIn,
  someCoin,
} from "../support/transactions.js";

describe.skipIf(!hasLitecoind())("what a wallet is asked to sign", () => {
  let node: FundedNode;
  let hot: NodeRpc;
  let [to]: string[] = [];
  beforeAll(async () => {
    node = await startFundedNode();
    hot = clientOf(node, "hot");
    [to] = node.addresses;
  });
  afterAll(async () => {
    await hot.close();
    await node.remove();
  });
  const own = (method: string, ...params: unknown[]) => walletCall(node, "hot", method, params);

  const unsigned = async (outputs: unknown, options: object = {}) =>
    (
      (await own("walletcreatefundedpsbt", [], outputs, 0, { feeRate: 0.0002, ...options })) as {
        psbt: string;
      }
    ).psbt;

  it("has the content that is broadcast later", async () => {
    const psbt = await unsigned([{ [to!]: 1 }]);
    const planned = await readPsbtToSign(contextOf(hot), psbt, undefined);
    expect(planned).toMatchObject({
      ok: true,
      value: { outputs: [{ address: to, amount: COIN }], transaction: null, replaces: [] },
    });
    const { psbt: signed } = (await own("walletprocesspsbt", psbt)) as { psbt: string };
    const { hex } = (await own("finalizepsbt", signed)) as { hex: string };
    const raw = await readRawTransaction(contextOf(hot), hex);
    const [one, two] = [planned, raw].map((result) => (result.ok ? result.value : undefined));
    expect([two?.content, two?.fee]).toEqual([one?.content, one?.fee]);
    expect(txidOfContent(litecoinRegtest, one!.content, hex)).toBe(two?.txid);
    const changed = replacedIn(hex, little(COIN), little(COIN + 1n));
    expect(txidOfContent(litecoinRegtest, one!.content, changed)).toBeNull();
    expect(txidOfContent(litecoinRegtest, one!.content, "00")).toBeNull();
  });

  it("is refused with a signature type by which others could change it", async () => {
    const psbt = await unsigned([{ [to!]: 1 }]);
    for (const name of ["NONE", "SINGLE", "ALL|ANYONECANPAY", "all", ""]) {
      expect(await codeOf(readPsbtToSign(contextOf(hot), psbt, name))).toBe("sighash_refused");
      expect(await codeOf(readRawToSign(contextOf(hot), "00", name))).toBe("sighash_refused");
    }
    expect(await codeOf(readPsbtToSign(contextOf(hot), psbt, "ALL"))).toBe("ok");
    // PSBT_IN_SIGHASH_TYPE NONE in front of the first input's fields
    const raw = Buffer.from(psbt, "base64").toString("hex");
    const length = Buffer.from(raw, "hex")[7]!;
    const at = 2 * (8 + length) + 2;
    const asking = Buffer.from(
      `${raw.slice(0, at)}010304` + "02000000" + raw.slice(at),
      "hex",
    ).toString("base64");
    expect(await codeOf(readPsbtToSign(contextOf(hot), asking, undefined))).toBe("sighash_refused");
  });

  it("is refused where it becomes valid later", async () => {
    const height = Number(await node.rpc("getblockcount"));
    const at = async (locktime: number, sequence = 0xfffffffe) => {
      const inputs = [{ ...(await someCoin(node)), sequence }];
      const { psbt } = (await own("walletcreatefundedpsbt", inputs, [{ [to!]: 1 }], locktime)) as {
        psbt: string;
      };
      return codeOf(readPsbtToSign(contextOf(hot), psbt, undefined));
    };
    expect(await at(0)).toBe("ok");
    expect(await at(height)).toBe("ok");
    expect(await at(height + 1)).toBe("not_final_yet");
    expect(await at(500_000_000)).toBe("not_final_yet");
    expect(await at(0, 10)).toBe("not_final_yet");
  });

  it("is refused where it states another amount than there is", async () => {
    const psbt = await unsigned([{ [to!]: 1 }]);
    const raw = Buffer.from(psbt, "base64").toString("hex");
    // every coin of this wallet is a whole block's reward or change: find the stated amount of the first input
    const { inputs } = (await node.rpc("decodepsbt", psbt)) as {
      inputs: { witness_utxo?: { amount: number; scriptPubKey: { hex: string } } }[];
    };
    const { amount, scriptPubKey } = inputs[0]!.witness_utxo!;
    const units = BigInt(Math.round(amount * 1e8));
    const field = (value: bigint) => `0101${pushed(little(value) + pushed(scriptPubKey.hex))}`;
    expect(raw).toContain(field(units));
    const withoutProof = raw.replace(field(units), field(units + COIN));
    const text = Buffer.from(withoutProof, "hex").toString("base64");
    const code = await codeOf(readPsbtToSign(contextOf(hot), text, undefined));
    // with the previous transaction beside it the PSBT contradicts itself already
    expect(["utxo_false", "utxo_contradiction"]).toContain(code);
  });

  it("is a raw transaction too", async () => {
    const psbt = await unsigned([{ [to!]: 1 }]);
    const { tx } = (await node.rpc("decodepsbt", psbt)) as {
      tx: { vin: object[]; vout: { value: number; scriptPubKey: { addresses: string[] } }[] };
    };
    const outputs = tx.vout.map(({ value, scriptPubKey }) => ({
      [scriptPubKey.addresses[0]!]: value,
    }));
    const hex = String(await node.rpc("createrawtransaction", tx.vin, outputs));
    const result = await readRawToSign(contextOf(hot), hex, "ALL");
    expect(result).toMatchObject({
      ok: true,
      value: { outputs: [{ address: to, amount: COIN }] },
    });
  });
});
