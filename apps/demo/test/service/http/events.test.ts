import { connect } from "node:net";
import type { JsonObject } from "@dgb-shield/contract";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { ServiceEvent } from "../../../src/service/service.js";
import {
  type HttpService,
  KEYS,
  payment,
  startHttpService,
  type TestKey,
} from "../../support/http-service.js";

let http: HttpService | undefined;
afterEach(async () => {
  await http?.close();
  http = undefined;
});

type Event = Readonly<{ event: string; id: string | undefined; data: JsonObject }>;

/** Reads a stream until `count` events have come that are no heartbeat. */
async function read(
  service: HttpService,
  count: number,
  options: { key?: TestKey; last?: string } = {},
) {
  const stop = new AbortController();
  const response = await fetch(`${service.url}/v1/events`, {
    signal: stop.signal,
    headers: {
      authorization: `Bearer ${(options.key ?? KEYS.reader).token}`,
      ...(options.last === undefined ? {} : { "last-event-id": options.last }),
    },
  });
  expect(response.status).toBe(200);
  const events: Event[] = [];
  let text = "";
  const reader = response.body!.getReader();
  while (events.length < count) {
    const { done, value } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString("utf8");
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    events.push(...parts.map(eventOf).filter(({ event }) => event !== "heartbeat"));
  }
  stop.abort();
  return events;
}

function eventOf(part: string): Event {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(part)?.[1];
  return {
    event: field("event") ?? "",
    id: field("id"),
    data: JSON.parse(field("data") ?? "{}") as JsonObject,
  };
}

const decide = (service: HttpService, id: string, wallet_id = "hot-1") =>
  service.call(`PUT /v1/payments/${id}`, { body: payment({ wallet_id, amount: "0.01" }) });

describe("the event stream", () => {
  it("begins with a reset, and goes on from the last event that a reader has", async () => {
    http = await startHttpService();
    const first = read(http, 3);
    await sleep(200);
    await decide(http, "e-1");
    await decide(http, "e-2");
    const seen = (await first).filter(({ event }) => event === "payment" || event === "reset");
    expect(seen[0]?.event).toBe("reset");
    await decide(http, "e-3");
    await decide(http, "e-4");
    const payments = seen.filter(({ event }) => event === "payment");
    const last = payments.at(-1)!;
    const resumed = await read(http, 4, { last: last.id! });
    expect(resumed[0]?.event).toBe("resumed");
    const all = http.service.events(0).filter(({ seq }) => seq > Number(last.data["seq"]));
    expect(resumed.slice(1).map(({ data }) => data["seq"])).toEqual(
      all.map(({ seq }) => seq).slice(0, 3),
    );
    const ids = all.filter(({ type }) => type === "payment").map(({ data }) => data["payment_id"]);
    expect(ids).toEqual(expect.arrayContaining(["e-3", "e-4"]));
  });

  it.each(["1-1", "garbage", "9999999999999-1", ""])(
    "resets a reader whose last event is %j",
    async (last) => {
      http = await startHttpService();
      await decide(http, "r-1");
      expect((await read(http, 1, { last }))[0]?.event).toBe("reset");
    },
  );

  it("shows a bound key events of its own wallets alone", async () => {
    http = await startHttpService();
    const reading = read(http, 3, { key: KEYS.bound });
    await sleep(200);
    for (const [at, wallet] of ["hot-1", "hot-2", "hot-1"].entries())
      await decide(http, `w-${at}`, wallet);
    const events = (await reading).slice(1);
    expect(events.map(({ data }) => (data["data"] as JsonObject)["payment_id"])).toEqual([
      "w-0",
      "w-2",
    ]);
  });

  it("ends when the key is revoked", async () => {
    http = await startHttpService({ stream: { heartbeat_ms: 50 } });
    const reading = read(http, 100, { key: KEYS.operator });
    await sleep(200);
    http.keyring.revoke(KEYS.operator.token);
    expect((await reading).length).toBeLessThan(100);
  });

  it("bounds the streams of a key, so that another key still has room", async () => {
    http = await startHttpService({ stream: { max_clients_of_key: 1, max_clients: 2 } });
    const stop = new AbortController();
    const open = (key: TestKey) =>
      fetch(`${http!.url}/v1/events`, {
        signal: stop.signal,
        headers: { authorization: `Bearer ${key.token}` },
      });
    expect((await open(KEYS.reader)).status).toBe(200);
    const second = await open(KEYS.reader);
    expect([second.status, ((await second.json()) as JsonObject)["code"]]).toEqual([
      429,
      "too_many_streams",
    ]);
    expect((await open(KEYS.operator)).status).toBe(200);
    expect((await open(KEYS.wallet)).status).toBe(429);
    stop.abort();
  });

  it("cuts a slow reader off, and holds a bounded number of bytes for it", async () => {
    let emit: (event: ServiceEvent) => void = () => undefined;
    http = await startHttpService({
      wrap: (service) => ({
        ...service,
        subscribe: (listener) => {
          emit = listener;
          return service.subscribe(listener);
        },
      }),
    });
    const socket = connect(http.port, "127.0.0.1").pause();
    socket.on("error", () => undefined);
    socket.write(
      `GET /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${KEYS.reader.token}\r\n\r\n`,
    );
    const other = read(http, 40, { key: KEYS.operator });
    await sleep(300);
    let most = 0;
    for (let seq = 1; seq <= 4_000; seq++) {
      emit({ seq, at_ms: 0, type: "big", data: { text: "x".repeat(10_000) } });
      await new Promise(setImmediate);
      const gauge = /event_buffered_bytes (\d+)/.exec(
        await http.registry.getSingleMetricAsString("shield_service_event_buffered_bytes"),
      );
      most = Math.max(most, Number(gauge?.[1]));
    }
    expect(
      await http.registry.getSingleMetricAsString("shield_service_event_clients_cut_off_total"),
    ).toMatch(/total 1$/);
    // Two readers, each with its bound and one event.
    expect(most).toBeLessThan(2 * (65_536 + 11_000));
    expect((await other).length).toBeGreaterThan(1);
    socket.destroy();
  });
});
