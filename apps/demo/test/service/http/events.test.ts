import { connect, type Socket } from "node:net";
import type { JsonObject } from "@dgb-shield/contract";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { LedgerError, type LedgerRecord } from "@dgb-shield/wallet-guardian";
import type { EventSubscriber, RecordEvent } from "../../../src/service/service.js";
import { createJournal } from "../../../src/service/runtime/journal.js";
import { markOf, placeText } from "../../../src/service/runtime/places/place.js";
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
  options: { key?: TestKey; last?: string; onEvents?: (events: readonly Event[]) => void } = {},
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
    options.onEvents?.(events);
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

const recordsOf = (events: readonly Event[]) => events.filter(({ id }) => id !== undefined);
const seqOf = ({ data }: Event) => Number(data["seq"]);

describe("the event stream", () => {
  it("begins with a reset and the status, and goes on behind the last record that a reader has", async () => {
    http = await startHttpService();
    await http.call("GET /v1/status");
    // The first decision records the policy, too.
    await decide(http, "e-0");
    const first = read(http, 5);
    await sleep(200);
    await decide(http, "e-1");
    await http.call("POST /v1/payments/e-1/claim", { body: { signer_id: "s" } });
    await decide(http, "e-2");
    const [reset, status, ...seen] = await first;
    expect([reset?.event, status?.event, status?.id]).toEqual(["reset", "status", undefined]);
    expect(seen.map(({ event }) => event)).toEqual(["payment", "claim", "payment"]);
    expect(seen[0]?.data).toMatchObject({
      type: "payment",
      data: { payment_id: "e-1", wallet_id: "hot-1", final: "ALLOW", enforced: true },
    });
    await decide(http, "e-3");
    await http.call("PUT /v1/payments/e-4", { body: payment({ amount: "1000" }) });
    const [, , ...resumed] = await read(http, 7, { last: seen[0]!.id! });
    const types = ["claim", "payment", "payment", "payment", "alert"];
    expect(resumed.map(({ event }) => event)).toEqual(types);
    expect(resumed.map(seqOf)).toEqual(types.map((_, i) => i + 1 + seqOf(seen[0]!)));
    expect(resumed[3]?.data["data"]).toMatchObject({ payment_id: "e-4", final: "REFUSED" });
    expect((resumed[3]?.data["data"] as JsonObject)["codes"]).toContain("per_tx_limit");
  });

  it("gives each reader each record once, in the order of the ledger, whenever it came", async () => {
    http = await startHttpService();
    const { ledger_id } = await http.service.journalHead();
    const early = read(http, 62, { last: `${ledger_id}-1-0` });
    for (let i = 0; i < 20; i++) await decide(http, `a-${i}`);
    const middle = read(http, 62, { last: `${ledger_id}-1-0` });
    await Promise.all(Array.from({ length: 40 }, (_, i) => decide(http!, `b-${i}`)));
    const late = read(http, 62, { last: `${ledger_id}-1-0` });
    for (const events of await Promise.all([early, middle, late])) {
      const seqs = recordsOf(events).map(seqOf);
      expect(seqs.length).toBeGreaterThan(58);
      expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    }
  });

  it("has no person and no amount in an event", async () => {
    http = await startHttpService();
    const { ledger_id } = await http.service.journalHead();
    const body = payment({
      account_id: "alice@example.com",
      amount: "7.6543",
      device_id: "phone-1",
    });
    await http.call("PUT /v1/payments/p-1", { body });
    await http.call("PUT /v1/payments/p-2", { body: { ...body, amount: "9876.5" } });
    await sleep(600);
    const text = JSON.stringify(await read(http, 4, { last: `${ledger_id}-1-0` }));
    for (const personal of ["alice", "7.6543", "9876.5", "phone-1"])
      expect(text).not.toContain(personal);
  });

  it.each([
    ...["1-1", "garbage", "9999999999999-1", "", `${"0".repeat(32)}-1`],
    ...[`${"0".repeat(32)}-1-1-${"0".repeat(16)}`, `${"0".repeat(32)}-9007199254740993-1`],
  ])("resets a reader whose last event is %j", async (last) => {
    http = await startHttpService();
    await decide(http, "r-1");
    expect((await read(http, 1, { last }))[0]?.event).toBe("reset");
  });

  it("resets a reader that is ahead of the ledger, such as of a restored backup, and one that is too far behind", async () => {
    http = await startHttpService({ stream: { max_resume_records: 2 } });
    await decide(http, "r-0");
    const { ledger_id, seq } = await http.service.journalHead();
    for (const id of ["r-1", "r-2", "r-3"]) await decide(http, id);
    const greetingAt = async (from: number) => {
      const [event] = await http!.service.journalAfter(from - 1, 1);
      const mark = event?.mark ?? "0".repeat(16);
      const last = placeText({ ledger_id, epoch: 1, seq: from, mark });
      return (await read(http!, 1, { last }))[0]?.event;
    };
    expect(await greetingAt(seq + 4)).toBe("reset");
    expect(await greetingAt(seq)).toBe("reset");
    expect(await greetingAt(seq + 1)).toBe("resumed");
    expect(await greetingAt(seq + 3)).toBe("resumed");
  });

  it("takes a reader whose ledger is restored and adopted while it reads to where the new epoch began", async () => {
    const of = { ledger_id: "a".repeat(32), epoch: 1 };
    const record = (seq: number): LedgerRecord => ({
      ...{ seq, at_ms: of.epoch, kind: "claim", record: { payment_id: `p-${of.epoch}-${seq}` } },
    });
    let records = Array.from({ length: 100 }, (_, i) => record(i + 1));
    const journal = createJournal({
      ledger: {
        identity: async () => ({ ...of }),
        records: async (after, limit) => records.slice(after, after + limit),
      },
      isEnforced: () => true,
    });
    http = await startHttpService({
      stream: { look_ms: 20 },
      wrap: (service) => ({ ...service, ...journal }),
    });
    await http.call("GET /v1/status");
    const last = placeText({ ...of, seq: 90, mark: markOf(records[89]!) });
    const first = await read(http, 1_000, {
      last,
      // The backup ends at record 60, and its successor grows beyond what the reader has seen.
      onEvents(events) {
        if (events.length !== 12 || of.epoch > 1) return;
        of.epoch = 2;
        const adopted = { kind: "adopted", record: { epoch: 2 } } as const;
        records = [...records.slice(0, 60), { ...record(61), ...adopted }];
        for (let seq = 62; seq <= 130; seq++) records.push(record(seq));
      },
    });
    expect(recordsOf(first).map(seqOf)).toEqual(Array.from({ length: 10 }, (_, i) => 91 + i));
    const [greeting, , ...again] = await read(http, 72, { last: first.at(-1)!.id! });
    expect(greeting).toMatchObject({ event: "epoch", data: { epoch: 2, from_seq: 61 } });
    expect(again.map(seqOf)).toEqual(Array.from({ length: 70 }, (_, i) => 61 + i));
    expect(again[0]?.event).toBe("adopted");
    // Where it has been once, it goes on as ever.
    const [resumed, , ...rest] = await read(http, 4, { last: again.at(-3)!.id! });
    expect([resumed?.event, ...rest.map(seqOf)]).toEqual(["resumed", 129, 130]);
  });

  it("answers with a problem where the ledger does, and serves the next reader", async () => {
    let isBroken = true;
    http = await startHttpService({
      wrap: (service) => ({
        ...service,
        journalHead: () =>
          isBroken
            ? Promise.reject(new LedgerError("ledger_unavailable", "no disk"))
            : service.journalHead(),
      }),
    });
    const answer = await http.call("GET /v1/events", { key: KEYS.reader });
    expect([answer.status, answer.body.code]).toEqual([503, "ledger_unavailable"]);
    isBroken = false;
    expect((await read(http, 1))[0]?.event).toBe("reset");
  });

  it("goes on when the ledger answers again, and misses nothing", async () => {
    let isBroken = false;
    http = await startHttpService({
      stream: { look_ms: 20 },
      wrap: (service) => ({
        ...service,
        journalAfter: (...given) =>
          isBroken ? Promise.reject(new Error("busy")) : service.journalAfter(...given),
      }),
    });
    await decide(http, "g-0");
    const reading = read(http, 4);
    await sleep(200);
    isBroken = true;
    for (const id of ["g-1", "g-2"]) await decide(http, id);
    await sleep(100);
    isBroken = false;
    await decide(http, "g-3");
    const ids = recordsOf(await reading)
      .slice(1)
      .map(({ data }) => (data["data"] as JsonObject)["payment_id"]);
    expect(ids.slice(0, 2)).toEqual(["g-1", "g-2"]);
  });

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

  it("ends when the key is bound to fewer wallets", async () => {
    http = await startHttpService({ stream: { heartbeat_ms: 50 } });
    const reading = read(http, 100, { key: KEYS.operator });
    await sleep(200);
    http.keyring.bind(KEYS.operator.token, ["hot-1"]);
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

  /** A reader that sends its request and reads nothing. */
  function deafReader(service: HttpService, last = ""): Socket {
    const socket = connect(service.port, "127.0.0.1").pause();
    socket.on("error", () => undefined);
    socket.write(
      `GET /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${KEYS.reader.token}\r\nlast-event-id: ${last}\r\n\r\n`,
    );
    return socket;
  }
  const gauge = async (service: HttpService, name: string): Promise<number> => {
    const text = await service.registry.getSingleMetricAsString(`shield_service_${name}`);
    return Number(/ (\d+)$/m.exec(text)?.[1]);
  };

  it("cuts off a reader that is too slow for what happens, and holds a bounded number of bytes for it", async () => {
    let emit: EventSubscriber["onEvent"];
    http = await startHttpService({
      wrap: (service) => ({
        ...service,
        subscribe: (subscriber) => {
          emit = subscriber.onEvent;
          return service.subscribe(subscriber);
        },
      }),
    });
    const socket = deafReader(http);
    const other = read(http, 40, { key: KEYS.operator });
    await sleep(300);
    let most = 0;
    for (let at_ms = 1; at_ms <= 4_000; at_ms++) {
      emit?.({ at_ms, type: "big", data: { text: "x".repeat(10_000) } });
      await new Promise(setImmediate);
      most = Math.max(most, await gauge(http, "event_buffered_bytes"));
    }
    expect(await gauge(http, "event_clients_cut_off_total")).toBe(1);
    // Two readers, each with its bound and one event.
    expect(most).toBeLessThan(2 * (65_536 + 11_000));
    expect((await other).length).toBeGreaterThan(1);
    socket.destroy();
  });

  it("cuts off a reader that does not read what it has missed, within three heartbeats and its bound", async () => {
    const records = 2_000;
    const text = "x".repeat(20_000);
    let reads = 0;
    const journal = (seq: number, limit: number): RecordEvent[] =>
      Array.from({ length: Math.min(limit, records - seq) }, (_, i) => ({
        ...{ seq: seq + i + 1, mark: "0".repeat(16), at_ms: 1, type: "claim", data: { text } },
      }));
    const of = { ledger_id: "a".repeat(32), epoch: 1 };
    http = await startHttpService({
      stream: { heartbeat_ms: 1_000 },
      wrap: (service) => ({
        ...service,
        journalIdentity: async () => of,
        journalHead: async () => ({ ...of, seq: records, mark: "0".repeat(16) }),
        journalAfter: async (seq, limit) => (reads++, journal(seq, limit)),
        journalContinuation: async (place) => ({
          kind: "same",
          place: { ...place, mark: null },
        }),
      }),
    });
    const socket = deafReader(http, `${"a".repeat(32)}-1-0`);
    const reader = await read(http, records + 1, {
      key: KEYS.operator,
      last: `${"a".repeat(32)}-1-0`,
    });
    expect(recordsOf(reader).map(seqOf)).toEqual(Array.from({ length: records }, (_, i) => i + 1));
    let most = 0;
    while ((await gauge(http, "event_clients_cut_off_total")) === 0) {
      most = Math.max(most, await gauge(http, "event_buffered_bytes"));
      await sleep(20);
    }
    expect(most).toBeLessThan(65_536 + 21_000);
    expect(reads).toBeGreaterThan(records / 64);
    socket.destroy();
  });
});
