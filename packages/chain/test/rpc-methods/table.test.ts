/** The table of RPC methods against a second list of what is dangerous, and against its schema. */
import { RPC_METHOD_KINDS, rpcMethodSchema, type RpcMethodKind } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { NODE_LINES, RPC_METHODS } from "../../src/index.js";

/** Every method that moves coins, signs or gives secrets out; written by hand, apart from the table. */
const DANGEROUS: Partial<Record<RpcMethodKind, string>> = {
  spend: `abandontransaction bumpfee fundrawtransaction importmempool mintdigidollar preparepaymasterpool
    processpaymasterresult processpaymastersubmits rebalancepaymasterpool redeemdigidollar requestpaymasterquote
    resendwallettransactions resolvepaymastersession send sendall senddigidollar sendfrom sendmany sendmanydigidollar
    sendrawtransaction sendtoaddress submitpackage submitpaymasterdigidollar walletcreatefundedpsbt withdrawpaymastercarrier`,
  sign: `descriptorprocesspsbt processpaymasterrequests signmessage signmessagewithprivkey signrawtransaction
    signrawtransactionwithkey signrawtransactionwithwallet startoracle startpaymaster walletpassphrase
    walletprocesspaymasterpsbt walletprocesspsbt`,
  "key-export": `backupwallet createrestrictedpaymasterdescriptor dumpprivkey dumpwallet exportoracleprivkey gethdkeys
    listdescriptors`,
  mining: `generate generateblock generatetoaddress generatetodescriptor getblocktemplate prioritisetransaction submitblock
    submitheader`,
  network: `addconnection addnode addpeeraddress checkpaymasterendpoint clearbanned disconnectnode getblockfrompeer ping
    sendmsgtopeer setban setnetworkactive`,
  unknown: "echo echoipc echojson",
};
const wordsOf = (text: string): string[] => text.split(/\s+/).sort();
const namesOf = (kind: RpcMethodKind): string[] =>
  RPC_METHODS.flatMap((method) => (method.kind === kind ? [method.name] : [])).sort();
const methodOf = (name: string) => RPC_METHODS.find((method) => method.name === name);

describe("RPC_METHODS", () => {
  it("has 268 methods, each once, and each by the schema", () => {
    expect(RPC_METHODS).toHaveLength(268);
    expect(new Set(RPC_METHODS.map(({ name }) => name)).size).toBe(268);
    for (const method of RPC_METHODS) expect(rpcMethodSchema.parse(method)).toEqual(method);
  });

  it("is frozen deeply", () => {
    const isFrozen = (value: unknown): boolean =>
      typeof value !== "object" ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(isFrozen));
    expect(isFrozen(RPC_METHODS)).toBe(true);
    expect(Object.isFrozen(NODE_LINES)).toBe(true);
  });

  it.each(Object.entries(DANGEROUS))("has exactly the known methods of kind %s", (kind, names) => {
    expect(namesOf(kind as RpcMethodKind)).toEqual(wordsOf(names));
  });

  it("has as many of the other kinds as the sources name", () => {
    const counts = RPC_METHOD_KINDS.map((kind) => [kind, namesOf(kind).length]);
    expect(Object.fromEntries(counts)).toMatchObject({
      read: 73,
      build: 14,
      "wallet-read": 47,
      receive: 8,
      admin: 60,
    });
  });

  it("names nodes that it knows, and at least one for each method", () => {
    for (const { name, nodes = [] } of RPC_METHODS) {
      expect([name, nodes.length > 0]).toEqual([name, true]);
      for (const node of nodes) expect(NODE_LINES).toContain(node);
    }
  });

  it("gives a milder kind by arguments to these methods alone", () => {
    const milder = RPC_METHODS.flatMap(({ name, kind, milder }) =>
      milder === undefined ? [] : [[name, kind, milder.kind]],
    );
    expect(milder).toEqual([
      ["walletprocesspsbt", "sign", "build"],
      ["fundrawtransaction", "spend", "build"],
      ["walletcreatefundedpsbt", "spend", "build"],
      ["gethdkeys", "key-export", "wallet-read"],
      ["listdescriptors", "key-export", "wallet-read"],
    ]);
  });

  it("marks every method that takes a private key or a passphrase", () => {
    const secret = RPC_METHODS.filter(({ traits }) => traits?.includes("secret-arguments"));
    expect(secret.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...["signrawtransactionwithkey", "signmessagewithprivkey", "importprivkey", "importmulti"],
        ...["importdescriptors", "descriptorprocesspsbt", "sethdseed", "importoracleprivkey"],
        ...["walletpassphrase", "walletpassphrasechange", "encryptwallet", "createwallet"],
      ]),
    );
  });

  it("marks what costs minutes of load or a thread of the node", () => {
    for (const name of ["gettxoutsetinfo", "scantxoutset", "scanblocks", "verifychain"]) {
      expect([name, methodOf(name)?.expensive]).toEqual([name, true]);
    }
    for (const name of ["waitfornewblock", "waitforblock", "waitforblockheight"]) {
      expect(methodOf(name)?.traits).toContain("holds-thread");
    }
  });
});
