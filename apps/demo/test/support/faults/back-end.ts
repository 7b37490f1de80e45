/** A back end that pays while something breaks: it keeps what was acknowledged, and every answer. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Site } from "./site.js";
import { litecoinRegtest } from "@dgb-shield/chain";
import { addressNo } from "../addresses.js";

/** An answer of the service. */
export type Answer = Readonly<{
  status: number;
  /** The problem's code; of a decision `ALLOW`, or the first reason. */
  code: string;
  body: Readonly<Record<string, unknown>>;
}>;

/** What the service acknowledged, by payment. */
export type Acknowledged = Readonly<{
  allowed: Set<string>;
  claimed: Set<string>;
  committed: Set<string>;
}>;

/** Personal data of every request: in no answer to it, and in no line of the log. */
export const PERSONAL = {
  account_id: "account-planted-4711",
  user_id: "user-planted-4711",
  device_id: "device-planted-4711",
  address: addressNo(litecoinRegtest, 4_711),
} as const;

/** Coins of one payment. */
export const AMOUNT = 1;
/** How long an answer is waited for, in milliseconds. */
const ANSWER_MS = 30_000;
/** How long a condition is waited for, in milliseconds. */
const WAIT_MS = 60_000;

let numbers = 0;

/** The back end of a site. */
export class BackEnd {
  readonly acknowledged: Acknowledged = {
    allowed: new Set(),
    claimed: new Set(),
    committed: new Set(),
  };
  /** Codes of all decisions, in order; `none` where no answer came. */
  readonly codes: string[] = [];
  /** Texts of all answers but those that are asked for personal data. */
  readonly texts: string[] = [];

  readonly site: Site;

  constructor(site: Site) {
    this.site = site;
  }

  /** Asks a route with a key; null where no answer comes. */
  async ask(
    route: string,
    body?: object,
    role: keyof Site["keys"] = "wallet",
  ): Promise<Answer | null> {
    const [method = "GET", path = "/"] = route.split(" ");
    try {
      const response = await fetch(this.site.url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.site.keys[role]}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const text = await response.text();
      if (response.status >= 300 || !/^GET \/v1\/(records|payments)/.test(route)) {
        this.texts.push(text);
      }
      const answer = JSON.parse(text) as Answer["body"];
      return { status: response.status, code: codeOf(answer), body: answer };
    } catch {
      return null;
    }
  }

  /** Asks for a new payment of one coin. */
  async decide(id = `p-${++numbers}`): Promise<Answer | null> {
    const { address, ...person } = PERSONAL;
    const answer = await this.ask(`PUT /v1/payments/${id}`, {
      ...{ wallet_id: "hot", amount: String(AMOUNT), ...person },
      destinations: [{ address, amount: String(AMOUNT) }],
      ...{ wallet_balance: "100000000", behaviour_score: 1, trusted_device: true },
    });
    this.codes.push(answer?.code ?? "none");
    if (answer?.code === "ALLOW") this.acknowledged.allowed.add(id);
    return answer;
  }

  /** Asks for a payment, and claims and commits what is allowed. */
  async pay(): Promise<void> {
    const id = `p-${++numbers}`;
    if ((await this.decide(id))?.code !== "ALLOW") return;
    const claim = await this.ask(`POST /v1/payments/${id}/claim`, { signer_id: "signer" });
    if (claim?.body["decision"] !== "ALLOW") return;
    this.acknowledged.claimed.add(id);
    const txid = numbers.toString(16).padStart(64, "0");
    const commit = await this.ask(`POST /v1/payments/${id}/commit`, { txid });
    if (commit?.body["accepted"] === true) this.acknowledged.committed.add(id);
  }

  /** Pays with several workers until the returned function is called, which waits for them. */
  load(workers = 3): () => Promise<void> {
    const state = { isOn: true };
    const work = async (): Promise<void> => {
      while (state.isOn) {
        await this.pay();
        await sleep(20);
      }
    };
    const working = Array.from({ length: workers }, work);
    return async () => {
      state.isOn = false;
      await Promise.all(working);
    };
  }

  /** Reads the status until it has a state; rejects with the one that it has instead. */
  async untilState(state: string): Promise<Answer["body"]> {
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const { body } = (await this.ask("GET /v1/status", undefined, "reader")) ?? {};
      if (body?.["state"] === state) return body;
      if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(body)}`);
      await sleep(100);
    }
  }

  /** Asks for new payments until one is answered with a code; rejects with the codes that came instead. */
  async until(code: string, waitMs = WAIT_MS): Promise<Answer> {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const answer = await this.decide();
      if (answer?.code === code) return answer;
      if (performance.now() > deadline) {
        throw new Error(`never ${code}, but ${[...new Set(this.codes.slice(-50))].join(", ")}`);
      }
      await sleep(100);
    }
  }
}

function codeOf(body: Answer["body"]): string {
  if (typeof body["code"] === "string") return body["code"];
  if (body["final"] === "ALLOW") return "ALLOW";
  const [first] = (body["reasons"] ?? []) as readonly { code: string }[];
  return first?.code ?? "";
}
