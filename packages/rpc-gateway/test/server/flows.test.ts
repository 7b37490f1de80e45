/** What back-ends of exchanges do, from begin to end, by programs that know nothing of the gateway. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  call,
  CLIENTS,
  type FundedNode,
  PASSWORD,
  startFundedNode,
  startSite,
  type TestSite,
  walletCall,
} from "../support/site.js";
import { COIN } from "../support/transactions.js";

type CoreClient = { command(method: string, ...params: unknown[]): Promise<unknown> };
type CoreClientClass = new (options: Record<string, unknown>) => CoreClient;
const BitcoinCore = createRequire(import.meta.url)("bitcoin-core") as CoreClientClass;

const PASSPHRASE = "correct horse battery staple";
const [{ password_sha256 }] = CLIENTS as [(typeof CLIENTS)[number]];
const EXCHANGE = {
  ...{ name: "exchange", password_sha256, role: "spender", wallets: ["vault"] },
  payment_id_from: "comment" as const,
};

describe.skipIf(!hasLitecoind())("a back-end behind the gateway", () => {
  let node: FundedNode;
  let site: TestSite;
  let to: string[] = [];
  beforeAll(async () => {
    node = await startFundedNode();
    to = node.addresses;
    await node.rpc("createwallet", "vault", false, false, PASSPHRASE, false, false, true);
    const own = await walletCall(node, "vault", "getnewaddress", []);
    await walletCall(node, "hot", "sendtoaddress", [own, 20]);
    await node.rpc("generatetoaddress", 1, to[0]);
  });
  afterAll(() => node.remove());
  beforeEach(async () => {
    site = await startSite(node, { config: { clients: [...CLIENTS, EXCHANGE] } });
  });
  afterEach(() => site.close());

  const library = (username: string) =>
    new BitcoinCore({ host: site.url, username, password: PASSWORD, version: "0.21.0" });
  const cli = async (user: string, ...args: string[]) => {
    const { port } = new URL(site.url);
    const own = ["-regtest", `-rpcport=${port}`, `-rpcuser=${user}`, `-rpcpassword=${PASSWORD}`];
    const { stdout } = await promisify(execFile)("litecoin-cli", [...own, ...args]);
    return stdout.trim();
  };
  const states = () => site.hook.reservations.map(({ state }) => state);

  it("unlocks its wallet before each sendmany, and pays each batch once", async () => {
    const client = library("exchange");
    const pay = (batch: number) =>
      client.command("sendmany", "", { [to[1]!]: 0.1, [to[2]!]: 0.2 }, 1, `batch-${batch}`);
    await expect(pay(0)).rejects.toThrow("walletpassphrase");
    expect(states()).toEqual(["released"]);
    const paid: unknown[] = [];
    for (let batch = 1; batch <= 3; batch++) {
      await client.command("walletpassphrase", PASSPHRASE, 10);
      paid.push(await pay(batch));
      // The answer was lost on its way: the program sends the batch again.
      expect(await pay(batch)).toBe(paid.at(-1));
      // A minute later.
      await walletCall(node, "vault", "walletlock", []);
    }
    expect(new Set(paid).size).toBe(3);
    expect(states()).toEqual(["released", "committed", "committed", "committed"]);
    await expect(client.command("walletpassphrase", PASSPHRASE, 3_600)).rejects.toThrow(
      "unlock_too_long",
    );
    expect(JSON.stringify(site.log)).not.toContain(PASSPHRASE);
  });

  it("is delayed, refused and locked out as the hook decides, and works again after the release", async () => {
    const pay = () => cli("cli", "sendtoaddress", to[3]!, "0.5");
    expect(await pay()).toMatch(/^[0-9a-f]{64}$/);
    site.hook.limit = COIN / 2n;
    await expect(pay()).rejects.toThrow("limit");
    await expect(library("cli").command("sendtoaddress", to[3], 0.5)).rejects.toThrow("limit");
    site.hook.limit = 10n ** 12n;
    for (const lockdown of ["PARTIAL", "FULL"] as const) {
      site.hook.view = { lockdown, causes: ["rule_split"] };
      await expect(pay()).rejects.toThrow("state_forbids");
      await expect(library("cli").command("getnewaddress")).rejects.toThrow("state_forbids");
      expect(await cli("cli", "getblockcount")).toBe("116");
    }
    site.hook.view = { lockdown: "NONE", causes: [] };
    expect(await pay()).toMatch(/^[0-9a-f]{64}$/);
    expect(await library("cli").command("sendtoaddress", to[3], 0.5)).toMatch(/^[0-9a-f]{64}$/);
    expect(states()).toEqual(["committed", "committed", "committed"]);
  });

  it("consolidates dust: what stays in the wallet is the fee's payment alone", async () => {
    const dust: string[] = [];
    while (dust.length < 40) dust.push(String(await walletCall(node, "hot", "getnewaddress", [])));
    const outputs = Object.fromEntries(dust.map((address) => [address, 0.0001]));
    await walletCall(node, "hot", "sendmany", ["", outputs]);
    await node.rpc("generatetoaddress", 1, to[0]);
    const client = library("hot");
    const coins = (await client.command("listunspent")) as {
      txid: string;
      vout: number;
      amount: number;
    }[];
    const small = coins.filter(({ amount }) => amount === 0.0001);
    expect(small).toHaveLength(40);
    const own = String(await client.command("getnewaddress"));
    const raw = await client.command(
      "createrawtransaction",
      small.map(({ txid, vout }) => ({ txid, vout })),
      { [own]: 0.0038 },
    );
    const signed = (await client.command("signrawtransactionwithwallet", raw)) as { hex: string };
    const txid = await client.command("sendrawtransaction", signed.hex);
    expect(site.hook.reservations).toMatchObject([
      {
        ...{ state: "committed", txid, fee: 20_000n },
        spend: { payouts: [], internal: [], fee: { kind: "known", amount: 20_000n } },
      },
    ]);
    expect(await node.rpc("getrawmempool")).toContain(txid);
  });

  it("sends no raw transaction with an absurd fee, or with an input that the node does not know", async () => {
    const coins = (await walletCall(node, "hot", "listunspent", [])) as {
      txid: string;
      vout: number;
      amount: number;
    }[];
    const { txid, vout } = coins.find(({ amount }) => amount > 5)!;
    const signedOf = async (inputs: object[]) => {
      const raw = await node.rpc("createrawtransaction", inputs, [{ [to[4]!]: 1 }]);
      const { hex } = (await walletCall(node, "hot", "signrawtransactionwithwallet", [raw])) as {
        hex: string;
      };
      return hex;
    };
    const absurd = await signedOf([{ txid, vout }]);
    const unknown = await signedOf([{ txid: "ab".repeat(32), vout: 0 }]);
    for (const [hex, code] of [
      [absurd, "fee_too_high"],
      [unknown, "input_unresolved"],
    ]) {
      const answer = await call(site, "hot", "sendrawtransaction", [hex]);
      expect(answer.json.error.data.code).toBe(code);
      expect(site.proxy.sent()).not.toContain('"method":"sendrawtransaction"');
    }
    expect(site.hook.reservations).toEqual([]);
  });
});
