/** Webhooks to a real receiver that verifies them, is down for an hour, and breaks off. */
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { type RunningServer, startServer } from "@dgb-shield/testkit/servers";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it } from "vitest";
import type { LedgerRecord } from "@dgb-shield/wallet-guardian";
import { createJournal } from "../../../src/service/runtime/journal.js";
import {
  createCursorFile,
  type EventCursor,
} from "../../../src/service/runtime/publishing/cursor.js";
import {
  type Delivery,
  type DeliveryParts,
  startDelivery,
} from "../../../src/service/runtime/webhooks/delivery.js";
import { postWebhook } from "../../../src/service/runtime/webhooks/post.js";
import { makeSecret, readSecrets } from "../../../src/service/runtime/webhooks/secrets.js";
import { until } from "../../support/service.js";

const LEDGER = "ab".repeat(16);
const HOUR_MS = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), "shield-webhooks-"));
const SECRET_FILE = join(folder, "secret");
makeSecret(SECRET_FILE, randomBytes);
const [SECRET = ""] = readSecrets("ops", SECRET_FILE);

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

type Taken = Readonly<{ id: string; body: { type: string; timestamp: string; data: object } }>;
type Status = number | "hang" | "break";

/** A receiver that verifies what comes, and answers by `status`. */
async function receiver(status: (id: string, count: number) => Status) {
  const taken: Taken[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server: RunningServer = await startServer((request, response) => {
    let text = "";
    request.on("data", (more: Buffer) => (text += String(more)));
    request.on("end", () => {
      const id = String(request.headers["webhook-id"]);
      headers.push(request.headers);
      const answer = status(id, headers.length);
      if (answer === "hang") return;
      if (answer === "break") return void response.destroy();
      const body = new Webhook(SECRET).verify(
        text,
        request.headers as Record<string, string>,
      ) as Taken["body"];
      if (answer < 300) taken.push({ id, body });
      response.writeHead(answer, answer === 302 ? { location: "/elsewhere" } : {}).end("ignored");
    });
  });
  endings.push(() => server.close());
  return { url: server.url, taken, headers };
}

/** A ledger that grows, and is restored. */
function journalOf(first = 1) {
  let records: LedgerRecord[] = [];
  let epoch = 1;
  const add = (count: number, kind = "payment", more: object = {}): void => {
    for (let i = 0; i < count; i++) {
      const seq = first + records.length;
      const record = { payment_id: `p-${seq}`, ...more };
      records.push({ seq, at_ms: Date.now(), kind: kind as LedgerRecord["kind"], record });
    }
  };
  const journal = createJournal({
    ledger: {
      identity: async () => ({ ledger_id: LEDGER, epoch }),
      records: async (after, limit) => records.filter(({ seq }) => seq > after).slice(0, limit),
    },
    isEnforced: () => true,
  });
  return {
    ...journal,
    add,
    /** Restores a backup of before a record, and adopts it. */
    restoreTo(seq: number) {
      records = records.slice(0, seq - first + 1);
      add(1, "adopted", { epoch: ++epoch });
    },
  };
}

/** A cursor that always begins at one place. */
const stillCursor = (seq: number): EventCursor => ({
  load: async () => ({ ledger_id: LEDGER, epoch: 1, seq, mark: null }),
  save: async () => undefined,
  restart: async () => undefined,
});

let cursors = 0;
const newCursor = () => createCursorFile(join(folder, `cursor-${cursors++}`));

function start(url: string, parts: Partial<DeliveryParts> & Pick<DeliveryParts, "journal">) {
  const delivery: Delivery = startDelivery({
    ...{ name: "ops", events: ["payment", "claim", "status"], deployment_id: "test" },
    target: { url, secrets: [SECRET], timeout_ms: 1_000, clock: Date.now },
    ...{ cursor: newCursor(), isActive: () => true, log: () => undefined, random: () => 0.5 },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 20))),
    ...parts,
  });
  endings.push(() => delivery.close());
  return delivery;
}

const idsOfAll = (taken: readonly Taken[]) => taken.map(({ id }) => id);
/** Ids without the marks of the records. */
const idsOf = (taken: readonly Taken[]) => taken.map(({ id }) => numbered(id));
const numbered = (id: unknown) => String(id).replace(/-[0-9a-f]{16}$/, "");
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${LEDGER}-${from + i}`);

describe("a webhook", () => {
  it("gets what is recorded from its first start on, signed, in order and once", async () => {
    const { url, taken, headers } = await receiver(() => 204);
    const journal = journalOf();
    journal.add(3);
    const delivery = start(url, { journal });
    await until(
      async () => delivery.state().delivered_seq,
      (seq) => seq === 3,
    );
    journal.add(100);
    journal.add(2, "policy");
    journal.add(1, "claim");
    await until(
      async () => delivery.state().delivered_seq,
      (seq) => seq === 106,
    );
    expect(idsOf(taken)).toEqual([...range(4, 103), `${LEDGER}-106`]);
    expect(taken[0]?.body).toMatchObject({
      type: "payment",
      data: { deployment_id: "test", seq: 4, payment_id: "p-4" },
    });
    expect(taken[0]?.body.timestamp).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(headers[0]?.["content-type"]).toBe("application/json");
    expect(delivery.state()).toMatchObject({ delivered: 101, failures: 0, waiting_ms: 0 });
  });

  it("that is down for an hour gets everything afterwards, in order and once, and is asked ever more rarely", async () => {
    let time = Date.now();
    const up = time + HOUR_MS;
    const { url, taken, headers } = await receiver(() => (time < up ? 503 : 200));
    const journal = journalOf();
    journal.add(1);
    const waits: number[] = [];
    const delivery = start(url, {
      journal,
      cursor: stillCursor(0),
      // The times of the attempts stay now: the receiver compares them with its clock.
      wait: (ms) => {
        if (delivery.state().failure !== null) {
          waits.push(ms);
          time += ms;
          journal.add(10);
        }
        return new Promise((resolve) => setTimeout(resolve, 5));
      },
    });
    await until(
      async () => delivery.state().failures,
      (failures) => failures > 3,
    );
    expect(delivery.state()).toMatchObject({ failure: "status 503", delivered: 0 });
    await until(
      async () => taken.length,
      () => time >= up && delivery.state().failure === null,
    );
    const { seq } = await journal.journalHead();
    await until(
      async () => taken.length,
      (count) => count === seq,
    );
    expect(idsOf(taken)).toEqual(range(1, seq));
    // 0.75 of 1, 2, 4 … 300 seconds; then every 225 seconds.
    expect(waits.slice(0, 3)).toEqual([750, 1_500, 3_000]);
    expect(Math.max(...waits)).toBe(225_000);
    expect(headers.length - taken.length).toBe(waits.length);
    expect(waits.length).toBeLessThan(30);
    expect(new Set(headers.slice(0, waits.length).map((one) => one["webhook-id"])).size).toBe(1);
  });

  it.each<[string, Status]>([
    ["breaks off", "break"],
    ["hangs", "hang"],
    ["redirects", 302],
    ["refuses", 400],
  ])(
    "that %s gets the same event again under the same id, and no later one before it",
    async (_, first) => {
      const { url, taken, headers } = await receiver((__, count) => (count <= 2 ? first : 200));
      const journal = journalOf();
      journal.add(1);
      const delivery = start(url, {
        journal,
        target: { url, secrets: [SECRET], timeout_ms: 100, clock: Date.now },
      });
      await until(
        async () => delivery.state().delivered_seq,
        (seq) => seq === 1,
      );
      journal.add(3);
      await until(
        async () => taken.length,
        (count) => count === 3,
      );
      expect(headers.slice(0, 3).map((one) => numbered(one["webhook-id"]))).toEqual(
        Array(3).fill(`${LEDGER}-2`),
      );
      expect(idsOf(taken)).toEqual(range(2, 4));
      expect(headers).toHaveLength(5);
    },
  );

  it("that is further than a restored ledger gets everything from where its new epoch began, under new ids", async () => {
    const { url, taken } = await receiver(() => 200);
    const journal = journalOf();
    const cursor = newCursor();
    const types = ["payment", "adopted"];
    const first = start(url, { journal, cursor, events: types });
    await until(
      async () => first.state().delivered_seq,
      (seq) => seq === 0,
    );
    journal.add(9);
    await until(
      async () => taken.length,
      (count) => count === 9,
    );
    await first.close();
    journal.restoreTo(4);
    journal.add(2);
    const second = start(url, { journal, cursor, events: types });
    await until(
      async () => taken.length,
      (count) => count === 12,
    );
    // While it delivers: it grows beyond what the receiver has of before.
    journal.restoreTo(6);
    journal.add(20);
    await until(
      async () => second.state().delivered_seq,
      (seq) => seq === 27,
    );
    await second.close();
    const all = await journal.journalAfter(0, 100);
    const known = new Set(idsOfAll(taken));
    expect(
      all.map(({ seq, mark }) => `${LEDGER}-${seq}-${mark}`).filter((id) => !known.has(id)),
    ).toEqual([]);
    expect(known.size).toBe(taken.length);
    expect(idsOf(taken)).toEqual([...range(1, 9), ...range(5, 7), ...range(7, 27)]);
  });

  it("goes on behind what was delivered when the process starts again", async () => {
    const { url, taken } = await receiver(() => 200);
    const journal = journalOf();
    const cursor = newCursor();
    const first = start(url, { journal, cursor });
    await until(
      async () => first.state().delivered_seq,
      (seq) => seq === 0,
    );
    journal.add(5);
    await until(
      async () => taken.length,
      (count) => count === 5,
    );
    await first.close();
    journal.add(5);
    start(url, { journal, cursor });
    await until(
      async () => taken.length,
      (count) => count === 10,
    );
    expect(idsOf(taken)).toEqual(range(1, 10));
  });

  it("counts what was pruned before it was delivered, and is delivered by one process alone", async () => {
    let tries = 0;
    const { url, taken } = await receiver(() => (tries++ < 3 ? 503 : 200));
    const journal = journalOf(50);
    journal.add(2);
    const cursor = stillCursor(40);
    let isActive = false;
    const delivery = start(url, { journal, cursor, isActive: () => isActive });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([taken, delivery.state().delivered_seq]).toEqual([[], null]);
    isActive = true;
    await until(
      async () => taken.length,
      (count) => count === 2,
    );
    expect(delivery.state().missed).toBe(9);
  });

  it("gets the newest status of those that wait", async () => {
    let isUp = false;
    const { url, taken } = await receiver(() => (isUp ? 200 : 500));
    const delivery = start(url, { journal: journalOf() });
    for (const state of ["blind", "stopped", "open"])
      delivery.note({ at_ms: Date.now(), type: "status", data: { state } });
    await until(
      async () => delivery.state().failures,
      (failures) => failures > 0,
    );
    delivery.note({ at_ms: Date.now(), type: "status", data: { state: "blind" } });
    isUp = true;
    await until(
      async () => taken.length,
      (count) => count > 0,
    );
    expect(taken.at(-1)?.body.data).toMatchObject({ state: "blind" });
  });
});

describe("a signature", () => {
  it("is the one of the specification's example", () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const signed = new Webhook(secret).sign(
      "msg_p5jXN8AQM9LWM0D4loKWxJek",
      new Date(1_614_265_330_000),
      '{"test": 2432232314}',
    );
    expect(signed).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  it("is made with the old and the new secret of a rotation", async () => {
    const { url, taken } = await receiver(() => 200);
    const other = `whsec_${randomBytes(32).toString("base64")}`;
    const target = { url, timeout_ms: 1_000, clock: Date.now, stop: AbortSignal.timeout(5_000) };
    const message = { id: "m-1", type: "test", at_ms: 1, data: {} };
    await postWebhook(message, { ...target, secrets: [other, SECRET] });
    expect(taken).toHaveLength(1);
  });
});

describe("readSecrets", () => {
  it.each([
    ["nothing", "", 0o600],
    ["another text", "secret\n", 0o600],
    ["a short secret", `whsec_${randomBytes(16).toString("base64")}`, 0o600],
    ["a file that others can read", `${SECRET}\n`, 0o644],
    ["three secrets", `${SECRET}\n${SECRET}\n${SECRET}\n`, 0o600],
  ])("refuses %s, and repeats nothing of it", async (_, text, mode) => {
    const { writeFileSync, chmodSync } = await import("node:fs");
    const path = join(folder, `bad-${cursors++}`);
    writeFileSync(path, text);
    chmodSync(path, mode);
    let message = "";
    try {
      readSecrets("ops", path);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain(path);
    expect(message).not.toContain("whsec_");
  });

  it("is not made over a file that is there", () => {
    expect(() => makeSecret(SECRET_FILE, randomBytes)).toThrow(/EEXIST/);
    rmSync(join(folder, "none"), { force: true });
    expect(() => readSecrets("ops", join(folder, "none"))).toThrow(/cannot be read/);
  });
});
