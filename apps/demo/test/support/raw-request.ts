/** Sends bytes over a connection of its own: what no HTTP client would send. */
import { connect } from "node:net";

/** Sends a request, and gives everything that comes back until the connection ends. */
export function rawRequest(port: number, text: string | Buffer, waitMs = 3_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    const timer = setTimeout(() => socket.destroy(), waitMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket.on("error", done).on("close", done);
    socket.write(text);
  });
}
