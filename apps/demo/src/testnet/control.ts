/** Takes orders from other terminals: HTTP on loopback, with a token that only the owner of the folder can read. */
import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isAttackName } from "./attacks/index.js";
import { DrillRefusal, type Drills } from "./drill.js";
import type { TestnetEvents } from "./events.js";

/** What is behind the control. */
export type ControlParts = Readonly<{
  token: string;
  drills: Drills;
  events: TestnetEvents;
  /** Ends the testnet. */
  stop: () => void;
}>;

/** A control that listens. */
export type Control = Readonly<{ url: string; close(): Promise<void> }>;

/**
 * Starts the control. `POST /attack/NAME` and `POST /attack/heal` answer with a JSON object a line: the events until the end, then
 * `{outcome}` or `{refused}`; `POST /stop` ends the testnet.
 */
export async function startControl(parts: ControlParts): Promise<Control> {
  const server = createServer((request, response) => {
    void answer(parts, request, response).catch((error: unknown) => {
      response.end(`${JSON.stringify({ refused: String(error) })}\n`);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return Object.freeze({
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  } satisfies Control);
}

async function answer(
  { token, drills, events, stop }: ControlParts,
  { method, url = "", headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (method !== "POST" || !isSame(headers.authorization ?? "", `Bearer ${token}`)) {
    response.writeHead(403).end();
    return;
  }
  if (url === "/stop") {
    response.end(`${JSON.stringify({ stopping: true })}\n`);
    stop();
    return;
  }
  const name = url.replace(/^\/attack\//, "");
  if (name !== "heal" && !isAttackName(name)) {
    response.writeHead(404).end();
    return;
  }
  const put = (line: object): void => void response.write(`${JSON.stringify(line)}\n`);
  const end = events.subscribe(put);
  try {
    put({ outcome: await (name === "heal" ? drills.heal() : drills.attack(name)) });
  } catch (error) {
    if (!(error instanceof DrillRefusal)) events.add("attack", String(error), {}, true);
    put({ refused: error instanceof Error ? error.message : String(error) });
  } finally {
    end();
    response.end();
  }
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
