/** A TCP proxy that passes everything on, cuts connections, swallows what comes, or turns to another server. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** What it does with connections: `dead` keeps them open and passes nothing on. */
export type ProxyMode = "pass" | "cut" | "dead";

/** A proxy that runs. */
export type TcpProxy = Readonly<{
  port: number;
  /** Changes what happens, to open connections too. */
  set(mode: ProxyMode): void;
  /** Turns new connections to another port, and cuts the open ones. */
  turnTo(port: number): void;
  close(): Promise<void>;
}>;

/** Starts a proxy on loopback in front of a port of it. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let mode: ProxyMode = "pass";
  let port = target;

  const cut = (): void => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    pairs.clear();
  };
  const server = createServer((client) => {
    if (mode === "cut") return void client.destroy();
    const upstream = connect(port, "127.0.0.1");
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on("data", (chunk) => {
        if (mode !== "dead") to.write(chunk);
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.freeze({
    port: (server.address() as AddressInfo).port,
    set(next) {
      mode = next;
      if (mode === "cut") cut();
    },
    turnTo(next) {
      port = next;
      cut();
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
  } satisfies TcpProxy);
}
