/** Starts servers on loopback, each on a port of its own. */
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer } from "node:net";

/** A TCP port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** An HTTP server that runs. */
export type RunningServer = Readonly<{
  /** Its address, such as `http://127.0.0.1:40123`. */
  url: string;
  server: Server;
  /** Ends it and every connection to it. */
  close(): Promise<void>;
}>;

/**
 * Starts an HTTP server.
 *
 * @param listener answers the requests
 */
export async function startServer(listener: RequestListener): Promise<RunningServer> {
  const server = createHttpServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
