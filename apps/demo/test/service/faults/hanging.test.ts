/** What hangs: a log that is not read, readers of events that do not read, a node that does not answer, no NATS. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { hanging } from "@dgb-shield/testkit/rpc-faults";
import { startRpcProxy } from "@dgb-shield/testkit/rpc-proxy";
import { freePort } from "@dgb-shield/testkit/servers";
import { describe, expect, it } from "vitest";
import { BackEnd } from "../../support/faults/back-end.js";
import { expectNothingLeaked, expectNothingLost } from "../../support/faults/checks.js";
import { faultSuite } from "../../support/faults/suite.js";

const { hasNode, node, make, serve, running, atEnd } = faultSuite();

/** More than a pipe of the operating system holds, in lines of a request. */
const LINES = 400;

describe.skipIf(!hasNode)("the service", { timeout: 180_000 }, () => {
  it("pays on while its log is not read, says how many lines it left out, and ends when it is stopped", async () => {
    const site = await make();
    const served = await serve(site, { readLog: false });
    const backEnd = new BackEnd(site);
    await backEnd.until("ALLOW");
    const unread = async (lines: number): Promise<void> => {
      for (let i = 0; i < lines; i += 20) {
        await Promise.all(Array.from({ length: 20 }, () => backEnd.ask("GET /livez")));
      }
    };
    await unread(LINES);
    await backEnd.until("ALLOW");
    expect(await served.end()).toBe(0);
    const again = await serve(site);
    await backEnd.until("ALLOW");
    await expectNothingLost(backEnd);
    expectNothingLeaked(backEnd, again.log());
  });

  it("pays on while readers of its events do not read", async () => {
    const { site, served, backEnd } = await running();
    const { port } = new URL(site.url);
    for (let i = 0; i < 4; i++) {
      const socket = connect(Number(port), "127.0.0.1");
      atEnd(() => socket.destroy());
      socket.on("error", () => undefined).pause();
      const head = ["GET /v1/events HTTP/1.1", "host: 127.0.0.1"];
      socket.write(
        `${[...head, `authorization: Bearer ${site.keys.reader}`].join("\r\n")}\r\n\r\n`,
      );
    }
    const stop = backEnd.load();
    const before = backEnd.acknowledged.committed.size;
    while (backEnd.acknowledged.committed.size < before + 30) await sleep(50);
    await stop();
    await expectNothingLost(backEnd);
    expectNothingLeaked(backEnd, served.log());
  });

  it("refuses payments while its node takes calls and never answers, and pays once it does", async () => {
    const proxy = await startRpcProxy(node());
    atEnd(proxy.close);
    const { served, backEnd } = await running({
      node: { url: proxy.url, cookieFile: node().cookieFile },
    });
    proxy.use(hanging);
    const refused = await backEnd.until("own_node_stale");
    expect(refused.body).toMatchObject({ final: "REFUSED", next: "retry" });
    proxy.use();
    await backEnd.until("ALLOW");
    await expectNothingLost(backEnd);
    expectNothingLeaked(backEnd, served.log());
  });

  it("pays while NATS is not there", async () => {
    const port = await freePort();
    const { served, backEnd } = await running({
      config: { nats: { url: `nats://127.0.0.1:${port}` } },
    });
    await backEnd.until("ALLOW");
    expectNothingLeaked(backEnd, served.log());
    expect(await served.end()).toBe(0);
  });
});
