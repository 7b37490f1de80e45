/** What happens between receipt and answer: each payment is made once or not at all, and its outcome is never guessed. */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import {
  broken,
  hanging,
  hangingMidway,
  late,
  refusing,
  stated,
  truncated,
  where,
  withAnswers,
  withResults,
} from "@dgb-shield/testkit/rpc-faults";
import { type Fault, type RpcProxy, startRpcProxy } from "@dgb-shield/testkit/rpc-proxy";
import { freePort } from "@dgb-shield/testkit/servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { basic, exchange, requestText } from "../support/raw.js";
import { createMemoryHook } from "../support/memory-hook.js";
import {
  call,
  type FundedNode,
  startFundedNode,
  startSite,
  type TestSite,
  walletCall,
} from "../support/site.js";

/** Applies a fault to the payment alone: the gateway's own questions are answered honestly. */
const onPayment = (fault: Fault, method = "sendtoaddress"): Fault =>
  where(({ calls }) => calls.some((one) => one.method === method), fault);

describe.skipIf(!hasLitecoind())("a node that fails", () => {
  let node: FundedNode;
  let faulty: RpcProxy;
  let site: TestSite;
  /** One for each test: what another test paid to it would be taken for a trace. */
  const fresh: string[] = [];
  let to = "";
  let bech32 = "";
  beforeAll(async () => {
    node = await startFundedNode();
    bech32 = node.addresses[0] ?? "";
    for (let i = 0; i < 64; i++) {
      fresh.push(String(await walletCall(node, "outside", "getnewaddress", [])));
    }
    faulty = await startRpcProxy({ url: `${node.url}/wallet/hot`, cookieFile: node.cookieFile });
  });
  afterAll(async () => {
    await faulty.close();
    await node.remove();
  });
  const limits = { node_timeout_ms: 1_500 };
  beforeEach(async () => {
    to = fresh.pop() ?? "";
    site = await startSite({ ...node, url: faulty.url }, { config: { limits } });
  });
  afterEach(async () => {
    faulty.use();
    await site.close();
  });

  const pay = (id: string, method = "sendtoaddress", params: unknown = [to, 0.01]) =>
    call(site, "hot", method, params, { "shield-payment-id": id });
  const countPaid = async (id: string) => {
    const all = (await walletCall(node, "hot", "listtransactions", ["*", 1_000])) as {
      comment?: string;
    }[];
    return all.filter(({ comment }) => comment === `shield:${id}`).length;
  };
  const state = () => site.hook.reservations.at(-1)?.state;

  it.each<[string, Fault]>([
    ["that is overloaded", stated(503, "Work queue depth exceeded")],
    ["that refuses the gateway", stated(403)],
    ["that is starting", refusing(-28, "Loading block index...")],
    ["whose wallet is locked", refusing(-13, "Please enter the wallet passphrase")],
  ])("releases the payment at a node %s", async (name, fault) => {
    // Nothing reaches the node: these faults stand for a node that did not take the call up.
    const stop: Fault = (exchange) =>
      fault({ ...exchange, forward: () => Promise.resolve({ status: 500, body: '{"id":1}' }) });
    faulty.use(onPayment(stop));
    const id = name.replaceAll(" ", "-");
    const answer = await pay(id);
    expect(answer.status).toBe(500);
    expect(state()).toBe("released");
    expect(await countPaid(id)).toBe(0);
    faulty.use();
    expect((await pay(id)).status).toBe(200);
    expect(await countPaid(id)).toBe(1);
  });

  it("releases the payment where nothing listens", async () => {
    const nowhere = { ...node, url: `http://127.0.0.1:${await freePort()}` };
    const other = await startSite(node, { ports: { node: { url: nowhere.url } } });
    const answer = await call(other, "hot", "sendtoaddress", [to, 0.01], {
      "shield-payment-id": "nowhere",
    });
    expect(answer.json.error).toMatchObject({ code: -32_012, data: { code: "node_unavailable" } });
    expect(other.hook.reservations).toMatchObject([{ state: "released" }]);
    expect((await call(other, "reader", "getblockcount")).json.error.data.code).toBe(
      "node_unavailable",
    );
    await other.close();
  });

  it.each<[string, Fault]>([
    ["breaks the connection", broken],
    ["breaks off the answer", truncated],
    ["stops in the middle", hangingMidway],
    ["answers too late", late(2_500)],
    [
      "answers in another language",
      async (exchange) => {
        await exchange.forward();
        exchange.response.end("<html>");
      },
    ],
    [
      "answers another call",
      async (exchange) => {
        await exchange.forward();
        exchange.response.end(`{"id":99,"error":null,"result":"${"0".repeat(64)}"}`);
      },
    ],
    ["gives no transaction", withResults(() => "done")],
    ["fails after the payment", refusing(-20, "Database error")],
  ])("finds a payment whose node %s", async (name, fault) => {
    const id = name.replaceAll(" ", "-");
    faulty.use(onPayment(fault));
    const first = await pay(id);
    const isKnown = first.status === 200;
    if (!isKnown) {
      expect(first.json.error).toMatchObject({ code: -32_013, data: { code: "outcome_unclear" } });
      expect(state()).toBe("unclear");
    }
    faulty.use();
    // A node that is late executes the call after the gateway has given it up.
    await expect.poll(() => countPaid(id), { timeout: 30_000 }).toBe(1);
    const second = await pay(id);
    expect(second.json.result).toMatch(/^[0-9a-f]{64}$/);
    expect(site.hook.reservations).toMatchObject([
      { state: "committed", txid: second.json.result as string },
    ]);
    expect(await countPaid(id)).toBe(1);
  });

  it("counts a payment that the node never took up as sent until the node's process has ended", async () => {
    faulty.use(onPayment(hanging));
    expect((await pay("lost")).json.error.data.code).toBe("outcome_unclear");
    faulty.use();
    for (let i = 0; i < 3; i++) {
      expect((await pay("lost")).json.error.data.code).toBe("payment_unsettled");
      await site.gateway.settle();
    }
    expect(state()).toBe("unclear");
    await node.end("SIGKILL");
    expect((await pay("lost")).json.error.data.code).toBe("payment_unsettled");
    await node.start();
    expect((await pay("lost")).status).toBe(200);
    expect(site.hook.reservations.map((one) => one.state)).toEqual(["released", "committed"]);
    expect(await countPaid("lost")).toBe(1);
  });

  it.each([
    ["as the node writes its address", () => bech32],
    ["asked for in another spelling of its address", () => bech32.toUpperCase()],
  ])("does not release what could be a payment that the wallet forgot, %s", async (_, spelt) => {
    faulty.use(onPayment(hanging));
    await pay("forgotten", "sendtoaddress", [spelt(), 0.01]);
    faulty.use();
    await walletCall(node, "hot", "sendtoaddress", [bech32, 0.01]);
    await node.end("SIGKILL");
    await site.gateway.settle();
    await node.start();
    await site.gateway.settle();
    expect(state()).toBe("unclear");
  });

  it("does not release what could be a payment that the wallet forgot and whose payee bore the fee", async () => {
    faulty.use(onPayment(hanging));
    await pay("forgotten-less-fee", "sendtoaddress", {
      address: to,
      amount: 0.01,
      subtractfeefromamount: true,
    });
    faulty.use();
    await walletCall(node, "hot", "sendtoaddress", [to, 0.01, "", "", true]);
    await node.end("SIGKILL");
    await site.gateway.settle();
    await node.start();
    await site.gateway.settle();
    expect(state()).toBe("unclear");
  });

  const byPassword = (cookieFile: string) => {
    const [user = "", password = ""] = readFileSync(cookieFile, "utf8").split(":");
    return { user, password };
  };
  it.each([
    ["its cookie", (cookie_file: string) => ({ cookie_file })],
    ["a fixed password", byPassword],
  ])("takes no step of the clock for a restart of the node, with %s", async (name, authOf) => {
    let aheadMs = 0;
    const ports = {
      nowMs: () => Date.now() + aheadMs,
      node: { url: faulty.url, auth: authOf(node.cookieFile) },
    };
    const stepped = await startSite(node, { config: { limits }, ports });
    faulty.use(onPayment(hanging));
    const id = { "shield-payment-id": name.replaceAll(" ", "-") };
    const answer = await call(stepped, "hot", "sendtoaddress", [to, 0.01], id);
    expect(answer.json.error.data.code).toBe("outcome_unclear");
    aheadMs = 7_200_000;
    await stepped.gateway.settle();
    expect(stepped.hook.reservations).toMatchObject([{ state: "unclear" }]);
    await stepped.close();
  });

  it("takes no payment of long ago with the same comment for one that fails now", async () => {
    await walletCall(node, "hot", "sendtoaddress", [to, 0.01, "invoice-7"]);
    let aheadMs = 0;
    const ports = {
      nowMs: () => Date.now() + aheadMs,
      node: { url: faulty.url, auth: { cookie_file: node.cookieFile } },
    };
    const later = await startSite(node, { config: { limits }, ports });
    aheadMs = 86_400_000;
    const failing: Fault = (exchange) =>
      refusing(
        -4,
        "Error",
      )({
        ...exchange,
        forward: () => Promise.resolve({ status: 500, body: '{"id":1}' }),
      });
    faulty.use(onPayment(failing));
    const answer = await call(later, "commenter", "sendtoaddress", [to, 0.01, "invoice-7"]);
    expect(answer.json.error).toMatchObject({ code: -4 });
    expect(later.hook.reservations).toMatchObject([{ state: "released", txid: null }]);
    await later.close();
  });

  it("settles a payment once, though a client tries it again meanwhile", async () => {
    faulty.use(onPayment(hanging));
    expect((await pay("both")).json.error.data.code).toBe("outcome_unclear");
    faulty.use();
    await node.end("SIGKILL");
    await site.gateway.settle();
    await node.start();
    const released: string[] = [];
    const { hook } = site;
    const release = hook.release.bind(hook);
    hook.release = (handle, proof) => {
      released.push(handle);
      return release(handle, proof);
    };
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    let isHeld = (): void => undefined;
    const holding = new Promise<void>((resolve) => (isHeld = resolve));
    let lists = 0;
    // The first look at the wallet lasts until the client has tried again.
    const slow: Fault = async ({ response, forward }) => {
      const { status, body } = await forward();
      if (lists++ === 0) {
        isHeld();
        await held;
      }
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    };
    faulty.use(onPayment(slow, "listtransactions"));
    const settling = site.gateway.settle();
    await holding;
    expect((await pay("both")).json.error.data.code).toBe("payment_unsettled");
    goOn();
    await settling;
    expect(released).toHaveLength(1);
    expect((await pay("both")).status).toBe(200);
    expect(await countPaid("both")).toBe(1);
    expect(state()).toBe("committed");
  });

  it("does not release a client's own transaction that its node forgot, and that can be mined still", async () => {
    await walletCall(node, "hot", "sendtoaddress", [fresh.pop(), 5]);
    await node.rpc("generatetoaddress", 1, node.addresses[1]);
    const elsewhere = { add_to_wallet: false, fee_rate: 10 };
    const outputs = [{ [to]: 1 }];
    await node.rpc("loadwallet", "outside").catch(() => undefined);
    const { hex } = (await walletCall(node, "outside", "send", [
      ...[outputs, null, "unset", null, elsewhere],
    ])) as { hex: string };
    faulty.use(onPayment(broken, "sendrawtransaction"));
    expect((await pay("brought", "sendrawtransaction", [hex])).json.error.data.code).toBe(
      "outcome_unclear",
    );
    faulty.use();
    await node.end("SIGKILL");
    await site.gateway.settle();
    await node.start();
    await site.gateway.settle();
    expect(await node.rpc("testmempoolaccept", [hex])).toMatchObject([{ allowed: true }]);
    expect(state()).toBe("unclear");
    // Broadcast again by whoever has it, it is found.
    await node.rpc("sendrawtransaction", hex);
    await site.gateway.settle();
    expect(state()).toBe("committed");
  });

  it("finds a payment that was sent at the beginning of a long permission", async () => {
    faulty.use(onPayment(broken));
    expect((await pay("long-claim")).json.error.data.code).toBe("outcome_unclear");
    faulty.use();
    const { hook } = site;
    const unsettled = hook.unsettled.bind(hook);
    const permittedMs = 86_400_000;
    hook.unsettled = async () =>
      (await unsettled()).map((one) => ({
        ...one,
        authorized_at_ms: one.authorized_at_ms + permittedMs,
        earliest_at_ms: one.authorized_at_ms,
      }));
    await site.gateway.settle();
    expect(state()).toBe("committed");
  });

  describe("beside an equal payment by send, which has no comment", () => {
    /** Two equal payments: the first one as `first` makes it, the second one never reaches the node, which then ends. */
    const afterTwo = async (id: string, first: () => Promise<unknown>) => {
      const params = [{ [to]: 0.03 }];
      await first();
      faulty.use(onPayment(hanging, "sendrawtransaction"));
      expect((await pay(id, "send", params)).json.error.data.code).toBe("outcome_unclear");
      faulty.use();
      await node.end("SIGKILL");
      await site.gateway.settle();
      await node.start();
      await site.gateway.settle();
      return params;
    };
    const countEqual = async () => {
      const all = (await walletCall(node, "hot", "listtransactions", ["*", 1_000])) as {
        address?: string;
        category: string;
        amount: number;
      }[];
      return all.filter(
        (one) => one.category === "send" && one.address === to && one.amount === -0.03,
      ).length;
    };

    it("releases a payment that never reached the node, which is then made once", async () => {
      const equal = [{ [to]: 0.03 }];
      const params = await afterTwo("equal-2", async () => {
        expect((await pay("equal-1", "send", equal)).status).toBe(200);
      });
      expect(site.hook.reservations.map((one) => one.state)).toEqual(["committed", "released"]);
      const { result } = (await pay("equal-2", "send", params)).json;
      expect(result.txid).not.toBe(site.hook.reservations[0]?.txid);
      expect((await pay("equal-2", "send", params)).json.result.txid).toBe(result.txid);
      expect(await countEqual()).toBe(2);
    });

    it("does not release it where no payment is known for the wallet's transaction", async () => {
      await afterTwo("equal-3", () => walletCall(node, "hot", "sendtoaddress", [to, 0.03]));
      expect(state()).toBe("unclear");
    });

    it.each([
      ["names another transaction", () => Promise.resolve(["ab".repeat(32)])],
      ["fails", () => Promise.reject(new Error("the ledger is gone"))],
      ["cannot be asked", undefined],
    ])("does not release it where the hook %s", async (name, committed) => {
      const { hook } = site;
      const usual = { ...hook };
      if (committed === undefined) delete hook.committed;
      else hook.committed = committed;
      const id = name.replaceAll(" ", "-");
      const equal = [{ [to]: 0.03 }];
      await afterTwo(id, () => pay(`${id}-1`, "send", equal));
      expect(state()).toBe("unclear");
      Object.assign(hook, usual);
      await site.gateway.settle();
      expect(state()).toBe("released");
    });
  });

  it("releases a payment beside one of the same amount to another destination", async () => {
    faulty.use(onPayment(hanging));
    await pay("other-destination");
    faulty.use();
    const other = node.addresses[1];
    await walletCall(node, "hot", "sendtoaddress", [other, 0.01]);
    await node.end("SIGKILL");
    await site.gateway.settle();
    await node.start();
    await site.gateway.settle();
    expect(state()).toBe("released");
  });

  it("settles at its start what a gateway that ended has left", async () => {
    const hook = createMemoryHook();
    const first = await startSite({ ...node, url: faulty.url }, { hook });
    hook.before = (what) => (what === "commit" ? new Promise(() => undefined) : Promise.resolve());
    void call(first, "hot", "sendtoaddress", [to, 0.01], { "shield-payment-id": "left" }).catch(
      () => undefined,
    );
    await expect.poll(() => countPaid("left"), { timeout: 30_000 }).toBe(1);
    hook.before = () => Promise.resolve();
    const second = await startSite(node, { hook });
    expect(hook.reservations).toMatchObject([{ state: "committed" }]);
    const again = await call(second, "hot", "sendtoaddress", [to, 0.01], {
      "shield-payment-id": "left",
    });
    expect(again.json.result).toBe(hook.reservations[0]?.txid);
    await second.close();
  });

  it.each<[string, Fault, string, number]>([
    ["never builds", onPayment(hanging, "send"), "released", 500],
    ["does not take the broadcast", onPayment(stated(503), "sendrawtransaction"), "released", 500],
    ["breaks off the broadcast's answer", onPayment(broken, "sendrawtransaction"), "unclear", 500],
    [
      "rejects what it has broadcast",
      onPayment(refusing(-26, "rejected"), "sendrawtransaction"),
      "committed",
      200,
    ],
  ])("makes a payment by send once where the node %s", async (name, fault, expected, status) => {
    const id = name.replaceAll(" ", "-").replace("'", "");
    faulty.use(fault);
    const params = [{ [to]: 0.02 }];
    const first = await pay(id, "send", params);
    expect(first.status).toBe(status);
    if (name !== "never builds") expect(state()).toBe(expected);
    faulty.use();
    const second = await pay(id, "send", params);
    expect(second.json.result).toMatchObject({ complete: true });
    const live = site.hook.reservations.filter((one) => one.state !== "released");
    expect(live).toMatchObject([{ state: "committed", txid: second.json.result.txid as string }]);
  });

  it.each<[string, Fault]>([
    ["breaks the connection", broken],
    ["is starting", refusing(-28, "Loading block index...")],
    ["has not loaded its wallet yet", refusing(-18, "Requested wallet does not exist")],
    ["is overloaded", stated(503, "Work queue depth exceeded")],
  ])("does not call a payment another one because the node %s", async (name, fault) => {
    const id = `change-${name.replaceAll(" ", "-")}`;
    faulty.use(onPayment(fault, "getaddressinfo"));
    const { error } = (await pay(id, "send", [{ [to]: 0.02 }])).json;
    expect(error).toMatchObject({ code: -32_012, data: { code: "node_unavailable" } });
    faulty.use();
    expect((await pay(id, "send", [{ [to]: 0.02 }])).status).toBe(200);
  });

  /** A node that runs, and has loaded neither its mempool nor its wallet yet. */
  const half = withAnswers((answers) =>
    answers.map(({ id }, i) =>
      i < 2
        ? { id, result: null, error: { code: i === 0 ? -18 : -5, message: "not loaded" } }
        : { id, result: null, error: null },
    ),
  );
  it.each<[string, Fault]>([
    ["does not answer", broken],
    ["has not loaded its wallet yet", half],
  ])("does not release a rejected broadcast where the node %s", async (name, fault) => {
    const rejected = onPayment(refusing(-26, "rejected"), "sendrawtransaction");
    const silent = onPayment(fault, "gettransaction");
    faulty.use((exchange) =>
      exchange.calls.some((one) => one.method === "gettransaction")
        ? silent(exchange)
        : rejected(exchange),
    );
    const params = [{ [to]: 0.02 }];
    const id = `rejected-${name.replaceAll(" ", "-")}`;
    expect((await pay(id, "send", params)).json.error.data.code).toBe("outcome_unclear");
    expect(state()).toBe("unclear");
    faulty.use();
    expect((await pay(id, "send", params)).status).toBe(200);
    expect(site.hook.reservations).toMatchObject([{ state: "committed" }]);
  });

  it("sends nothing that the node built otherwise, or could not sign", async () => {
    const other = node.addresses[1] ?? "";
    const broadcasts = () =>
      faulty
        .requests()
        .flat()
        .filter((one) => one === "sendrawtransaction").length;
    const before = broadcasts();
    const swapped = async (amount: number, address = other) =>
      (await walletCall(node, "hot", "send", [
        { [address]: amount },
        null,
        null,
        null,
        { add_to_wallet: false },
      ])) as object;
    for (const built of [
      await swapped(0.02),
      await swapped(0.03, to),
      { complete: true, txid: "0".repeat(64), hex: "00" },
    ]) {
      faulty.use(
        onPayment(
          withResults(() => built),
          "send",
        ),
      );
      expect((await pay("swap", "send", [{ [to]: 0.02 }])).json.error.data.code).toBe(
        "transaction_differs",
      );
    }
    faulty.use(
      onPayment(
        withResults(() => ({ complete: false, psbt: "x" })),
        "send",
      ),
    );
    expect((await pay("swap", "send", [{ [to]: 0.02 }])).json.error.data.code).toBe("not_signed");
    expect(broadcasts()).toBe(before);
    expect(site.hook.reservations.filter((one) => one.state !== "released")).toEqual([]);
  });

  it.each<[string, Fault]>([
    ["another language", stated(200, "<html>")],
    ["half an answer", truncated],
    ["no answer in time", hanging],
    ["a broken connection", broken],
    ["another id", stated(200, '{"id":5,"result":1,"error":null}')],
  ])("answers a call with an error where the node gives %s", async (_, fault) => {
    faulty.use(fault);
    const answer = await call(site, "reader", "getblockcount");
    expect(answer.json.error).toMatchObject({ code: -32_012, data: { code: "node_unreadable" } });
  });

  it("breaks the connection where a large answer breaks off", async () => {
    const hash = (await node.rpc("getblockhash", 1)) as string;
    const body = JSON.stringify({ id: 1, error: null, result: hash.repeat(4_000) });
    faulty.use(({ response }) => {
      response.writeHead(200, { "content-length": body.length });
      response.write(body.slice(0, 100_000), () => setTimeout(() => response.destroy(), 50));
    });
    await expect(call(site, "reader", "getblock", [hash])).rejects.toThrow();
    faulty.use(({ response }) => void response.end(body));
    expect((await call(site, "reader", "getblock", [hash])).text).toBe(body);
  });

  it("takes no more of a large answer than its client reads", async () => {
    let written = 0;
    faulty.use(({ response }) => {
      const chunk = Buffer.alloc(65_536, " ");
      const write = (): void => {
        if (response.destroyed) return;
        written += chunk.length;
        if (response.write(chunk)) write();
      };
      response.writeHead(200).write("{");
      response.on("drain", write);
      write();
    });
    const { hostname, port } = new URL(site.url);
    const headers = { Authorization: basic("reader") };
    const request = requestText('{"id":1,"method":"getblockcount"}', { headers });
    const socket = connect(Number(port), hostname, () => socket.write(request));
    await expect.poll(() => written, { timeout: 30_000 }).toBeGreaterThan(300_000);
    for (let before = 0; before < written;) {
      before = written;
      await sleep(1_000);
    }
    expect(written).toBeLessThan(40_000_000);
    socket.destroy();
    faulty.use();
    expect((await call(site, "reader", "getblockcount")).status).toBe(200);
  });

  it("goes on when a client leaves in the middle of a large answer", async () => {
    const body = JSON.stringify({ id: 1, error: null, result: "x".repeat(20_000_000) });
    faulty.use(({ response }) => void response.end(body));
    for (let i = 0; i < 3; i++) {
      const request = requestText('{"id":1,"method":"getblockcount"}', {
        headers: { Authorization: basic("reader") },
      });
      await exchange(site.url, request, (received) => received.length > 1_000);
    }
    faulty.use();
    expect((await call(site, "reader", "getblockcount")).status).toBe(200);
  });

  it("waits for payments under way when it is closed, and takes no others", async () => {
    faulty.use(onPayment(late(700)));
    const paying = pay("closing");
    await expect.poll(() => site.hook.reservations.length, { timeout: 30_000 }).toBe(1);
    const closing = site.gateway.close();
    expect((await paying).status).toBe(200);
    await closing;
    expect(state()).toBe("committed");
    await expect(pay("after")).rejects.toThrow();
  });
});
