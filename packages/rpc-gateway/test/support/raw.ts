/** Sends bytes over TCP and reads what comes back. */
import { connect } from "node:net";
import { PASSWORD } from "./site.js";

/** The `Authorization` header of a client. */
export const basic = (client: string, password = PASSWORD): string =>
  `Basic ${Buffer.from(`${client}:${password}`).toString("base64")}`;

/**
 * Sends bytes, and reads until the other side closes, or until what came satisfies.
 *
 * @param isEnough default: never, so that the other side must close
 */
export function exchange(
  url: string,
  bytes: string,
  isEnough: (received: string) => boolean = () => false,
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes, "latin1"));
    let received = "";
    socket.setTimeout(30_000, () => socket.destroy(new Error(`no end: ${received}`)));
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      if (isEnough(received)) socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(received));
  });
}

/** A request as text. */
export function requestText(
  body: string,
  {
    head = "POST / HTTP/1.1",
    headers = {},
  }: { head?: string; headers?: Record<string, string | null> } = {},
): string {
  const all: Record<string, string | null> = {
    Host: "127.0.0.1",
    Authorization: basic("hot"),
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(body)),
    "shield-payment-id": "raw",
    Connection: "close",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}`],
  );
  return `${[head, ...lines].join("\r\n")}\r\n\r\n${body}`;
}
