/** A TCP proxy in front of a node that records every byte towards it. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A proxy that runs. */
export type RecordingProxy = Readonly<{
  url: string;
  /** Everything that was sent to the node since the start or the last `clear`. */
  sent(): string;
  clear(): void;
  close(): Promise<void>;
}>;

/** @param target address of the node */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const { hostname, port } = new URL(target);
  let sent = "";
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const node = connect(Number(port), hostname);
    for (const socket of [client, node]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        node.destroy();
      });
    }
    client.on("data", (chunk: Buffer) => {
      sent += chunk.toString("latin1");
    });
    client.pipe(node);
    node.pipe(client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => sent,
    clear: () => void (sent = ""),
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
