/** Change that descriptors of the configuration prove, at a real node. */
import { litecoin, litecoinRegtest } from "@dgb-shield/chain";
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type GatewayConfigInput, gatewayConfigSchema } from "../../src/index.js";
import { placeFaults } from "../../src/adapters/server/index.js";
import {
  call,
  CLIENTS,
  type FundedNode,
  startFundedNode,
  startSite,
  type TestSite,
  walletCall,
} from "../support/site.js";
import { COIN } from "../support/transactions.js";

const [{ password_sha256 }] = CLIENTS as [(typeof CLIENTS)[number]];
const WATCHER = { name: "watcher", password_sha256, role: "spender", wallets: ["watch"] };

type Own = NonNullable<GatewayConfigInput["own"]>;

describe.skipIf(!hasLitecoind())("change of an external signer", () => {
  let node: FundedNode;
  let site: TestSite;
  let to = "";
  let change = "";
  let changeDescriptor = "";

  const info = async (address: string) =>
    (await walletCall(node, "signer", "getaddressinfo", [address])) as {
      desc: string;
      scriptPubKey: string;
    };

  beforeAll(async () => {
    node = await startFundedNode();
    [to = ""] = node.addresses;
    // Its keys are in a wallet that the gateway's client cannot reach; the client's own wallet only watches.
    await node.rpc("createwallet", "signer", false, false, "", false, false, true);
    await node.rpc("createwallet", "watch", true, true, "", false, false, true);
    const coin = String(await walletCall(node, "signer", "getnewaddress", ["", "bech32"]));
    change = String(await walletCall(node, "signer", "getrawchangeaddress", ["bech32"]));
    changeDescriptor = (await info(change)).desc;
    const watched = [(await info(coin)).desc, changeDescriptor].map((desc) => ({
      ...{ desc, timestamp: "now", watchonly: true },
    }));
    await walletCall(node, "watch", "importmulti", [watched]);
    await walletCall(node, "hot", "sendmany", ["", { [coin]: 5 }]);
    await walletCall(node, "hot", "sendmany", ["", { [coin]: 6 }]);
    await walletCall(node, "hot", "sendmany", ["", { [coin]: 7 }]);
    await walletCall(node, "hot", "sendmany", ["", { [coin]: 8 }]);
    await node.rpc("generatetoaddress", 1, to);
  });
  afterAll(() => node.remove());
  afterEach(() => site.close());

  /** Builds a payment of the wallet that watches, and signs it outside. */
  async function signedOutside(own: Own, internal: GatewayConfigInput["internal"] = []) {
    const clients = [...CLIENTS, WATCHER];
    site = await startSite(node, { config: { clients, own, internal } });
    const options = { changeAddress: change, includeWatching: true, feeRate: 0.0002 };
    const { psbt } = (await walletCall(node, "watch", "walletcreatefundedpsbt", [
      ...[[], [{ [to]: 1 }], 0],
      options,
    ])) as { psbt: string };
    const signed = (await walletCall(node, "signer", "walletprocesspsbt", [psbt])) as {
      psbt: string;
      complete: boolean;
    };
    expect(signed.complete).toBe(true);
    const whole = await call(site, "watcher", "finalizepsbt", [signed.psbt]);
    return (whole.json.result as { hex: string }).hex;
  }
  const spendOf = async (hex: string) => {
    const answer = await call(site, "watcher", "sendrawtransaction", [hex]);
    expect(answer.json.error).toBeNull();
    const [reservation] = site.hook.reservations;
    return reservation!.spend;
  };
  const ownOf = (wallet: string): Own => [{ wallet, descriptors: [{ desc: changeDescriptor }] }];

  it("counts as paid without a descriptor, since a wallet that watches proves nothing", async () => {
    const { payouts } = await spendOf(await signedOutside([]));
    expect(payouts.map(({ address }) => address).sort()).toEqual([to, change].sort());
  });

  it("does not count where its descriptor is configured for the wallet that pays", async () => {
    const spend = await spendOf(await signedOutside(ownOf("watch")));
    expect(spend.payouts).toEqual([{ script: node.scripts.get(to), address: to, amount: COIN }]);
    expect(spend.internal).toEqual([]);
  });

  it("counts where the descriptor is another wallet's", async () => {
    const hex = await signedOutside(ownOf("hot"));
    const { payouts } = await spendOf(hex);
    expect(payouts).toHaveLength(2);
  });

  it("counts once, for its class, where it is a destination of a class as well", async () => {
    const hex = await signedOutside(ownOf("watch"), [{ class: "cold", address: change }]);
    const { payouts, internal } = await spendOf(hex);
    expect(payouts.map(({ address }) => address)).toEqual([to]);
    expect(internal).toMatchObject([{ class: "cold", address: change }]);
  });
});

describe("own descriptors of a configuration", () => {
  const TPUB =
    "tpubD6NzVbkrYhZ4XgiXtGrdW5XDAPFCL9h7we1vwNCpn8tGbBcgfVYjXyhWo4E1xkh56hjod1RhGjxbaTLV3X4FyWuejifB9jusQ46QzG87VKp";
  const own = (desc: string, range?: [number, number]) => ({
    own: [{ wallet: "hot", descriptors: [{ desc, ...(range && { range }) }] }],
  });
  const schemaFault = (config: object) =>
    gatewayConfigSchema.safeParse({ clients: CLIENTS, ...config }).error?.issues[0]?.message;
  const faultOf = (desc: string, range?: [number, number], chain = litecoinRegtest) => {
    const [fault] = placeFaults(own(desc, range), chain);
    return fault === undefined ? "none" : `${fault.path.join(".")}: ${fault.remedy}`;
  };
  const CHECKED = `wpkh(${TPUB}/1/*)#3ckzlgfl`;

  it("are public, of the chain, of a known form, with a checksum, and not too many", () => {
    expect(schemaFault(own(CHECKED))).toBeUndefined();
    expect(faultOf(CHECKED)).toBe("none");
    expect(faultOf(CHECKED, [0, 20_000])).toContain("own.0.descriptors.0.range: give a range");
    expect(faultOf(CHECKED, [9, 2])).toContain("own.0.descriptors.0.range: give a range");
    expect(faultOf(CHECKED, undefined, litecoin)).toContain("another chain or network");
    expect(faultOf(CHECKED.replace("/1/", "/0/"))).toContain("checksum is wrong");
    expect(schemaFault(own(`wpkh(${TPUB}/1/*)`))).toContain("it has no checksum");
    expect(faultOf("nonsense")).toContain("own.0.descriptors.0: only pkh");
  });

  it("are refused with a private key, which no text repeats", () => {
    const secret = "cVpF924EspNh8KjYsfhgY96mmxvT6DgdWiTYMtMjuM74hJaU5psW";
    expect(faultOf(`wpkh(${secret})`)).toBe(
      "own.0.descriptors.0: it has a private key: give the public descriptor",
    );
    expect(schemaFault(own(`wpkh(${secret})`))).not.toContain(secret);
  });

  it("are of a wallet that a client pays from, each wallet once", () => {
    const [entry] = own(CHECKED).own;
    expect(schemaFault({ own: [entry, entry] })).toContain("a wallet is there twice");
    expect(schemaFault({ own: [{ ...entry, wallet: "cold" }] })).toContain("no client pays");
    expect(schemaFault({ own: [{ ...entry, descriptors: [] }] })).toBeDefined();
    const all = [
      { wallet: "hot", descriptors: [{ desc: CHECKED, range: [0, 12_000] as [number, number] }] },
      { wallet: "other", descriptors: [{ desc: CHECKED, range: [0, 12_000] as [number, number] }] },
    ];
    expect(placeFaults({ own: all }, litecoinRegtest)).toMatchObject([
      { path: ["own", 1, "descriptors", "0", "range"] },
    ]);
  });
});
