/** The dashboard in Chromium over the service: approvals, freezes, a lost connection, a restart, two operators, hostile texts. */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { digibyteRegtest } from "@dgb-shield/chain";
import type { Service } from "../../src/service/service.js";
import { addressNo } from "../support/addresses.js";
import { axe, hasChromium, openDashboard, overflowOf, startBrowser } from "../support/browser.js";
import {
  type HttpService,
  type HttpServiceOptions,
  KEYS,
  payment,
  startHttpService,
} from "../support/http-service.js";

const FOLDER = dirname(createRequire(import.meta.url).resolve("@dgb-shield/dashboard/index.html"));
/** An address of the chain that the service is configured for. */
const ADDRESS = addressNo(digibyteRegtest, 17);
const WAIT = { timeout: 20_000 };

describe.skipIf(!hasChromium)("the dashboard over a service", () => {
  let browser: Browser;
  let http: HttpService;
  beforeAll(async () => void (browser = await startBrowser()));
  afterAll(() => browser.close());
  afterEach(() => http.close());

  const start = async (options: HttpServiceOptions = {}): Promise<void> => {
    http = await startHttpService({ ...options, dashboard: FOLDER });
  };
  const open = (token: string) => openDashboard(browser, http.url, token);
  const ask = (id: string, more: object = {}) =>
    http.call(`PUT /v1/payments/${encodeURIComponent(id)}`, { body: payment(more) });
  const held = (page: Page, id: string) => page.locator("#held article", { hasText: id });

  it("is served under a policy without exceptions, and nothing but its own files", async () => {
    await start();
    for (const path of ["/dashboard/", "/dashboard/index.html"]) {
      const answer = await http.call(`GET ${path}`, { key: null });
      expect(answer.status).toBe(200);
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy).toMatch(/^default-src 'self';/);
      expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
      expect(answer.text).not.toMatch(/<style|style=|<script>|onload|https?:\/\//);
    }
    for (const path of [
      "/dashboard/..%2f..%2fpackage.json",
      "/dashboard/none.js",
      "/dashboard/.env",
    ]) {
      expect((await http.call(`GET ${path}`, { key: null })).status).toBe(404);
    }
    const first = await http.call("GET /", { key: null });
    expect(first.text).toContain("May I pay out?");
  });

  it("refuses a key that does not count, and says so", async () => {
    await start();
    const page = await browser.newPage();
    await page.goto(`${http.url}/dashboard/`);
    await page.getByLabel("Key").fill("shd_wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByLabel("Key").fill(KEYS.operator.token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator("#answer").waitFor();
    expect(
      await page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length"),
    ).toBe(0);
    await page.reload();
    await page.getByLabel("Key").waitFor();
    await page.close();
  });

  it("shows what a payment pays, and takes an approver's approval", async () => {
    await start({ config: { guard: { threshold_extra_auth: "5" } } });
    const destinations = [{ address: ADDRESS, amount: "9" }];
    await ask("w-17", { max_fee: "1", destinations });
    const { page, faults, close } = await open(KEYS.approver.token);
    const card = held(page, "w-17");
    await card.getByText("missing: what it pays").click();
    await card.getByText(ADDRESS).first().waitFor();
    expect(await card.textContent()).toMatch(/would pass with \d+ more approval/);
    await card.getByRole("button", { name: /Approve/ }).click();
    expect(await page.getByRole("dialog").textContent()).toContain(ADDRESS);
    await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
    await page.getByText(/^Approved: w-17/).waitFor();
    await ask("w-17", { max_fee: "1", destinations });
    const { body } = await http.call("GET /v1/payments/w-17");
    expect(body.approvals).toHaveLength(1);
    expect(faults).toEqual([]);
    await close();
  });

  it("freezes and lifts, each with a reason, and shows who did it", async () => {
    await start();
    const { page, faults, close } = await open(KEYS.operator.token);
    await page.getByText("Freeze an account, a wallet or everything").click();
    await page.getByLabel("Its id").fill("hot-1");
    await page.getByRole("button", { name: "Freeze …" }).click();
    await page.getByLabel(/Reason/).fill("a test of the alarm");
    await page.getByRole("dialog").getByRole("button", { name: "Freeze" }).click();
    const row = page.locator("#freezes li", { hasText: "hot-1" });
    await row.waitFor();
    expect(await row.textContent()).toContain("a test of the alarm");
    expect(await row.textContent()).toContain("operator");
    await ask("w-2");
    await held(page, "w-2").waitFor();
    await row.getByRole("button", { name: /Lift/ }).click();
    await page.getByLabel(/Reason/).fill("the test is over");
    await page.getByRole("dialog").getByRole("button", { name: "Lift" }).click();
    await page.getByText("Nothing is frozen.").waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  it("says when another operator was faster, and shows both the same", async () => {
    await start();
    await http.call("POST /v1/freezes", {
      key: KEYS.operator,
      body: { scope: "wallet", id: "hot-1", reason: "both see it" },
    });
    const [one, two] = [await open(KEYS.operator.token), await open(KEYS.operator.token)];
    for (const { page } of [one, two]) {
      await page.locator("#freezes").getByRole("button", { name: /Lift/ }).click();
      await page.getByLabel(/Reason/).fill("done");
    }
    await one.page.getByRole("dialog").getByRole("button", { name: "Lift" }).click();
    await one.page.getByText("Nothing is frozen.").waitFor();
    await two.page.getByRole("dialog").getByRole("button", { name: "Lift" }).click();
    await two.page.getByRole("alert").filter({ hasText: "another operator" }).waitFor();
    await two.page.keyboard.press("Escape");
    await two.page.getByText("Nothing is frozen.").waitFor();
    await one.close();
    await two.close();
  });

  it("says since when it is blind, sends nothing meanwhile, and is current again after a restart", async () => {
    await start();
    await ask("w-9", { amount: "101" });
    const { page, close } = await open(KEYS.operator.token);
    await held(page, "w-9").waitFor();
    await page.getByText("Freeze an account, a wallet or everything").click();
    const { port } = http;
    await http.close();
    await page.getByText(/Disconnected since \d\d:\d\d:\d\d UTC/).waitFor(WAIT);
    expect(await page.locator("#answer .word").textContent()).toBe("Not known.");
    expect(await page.locator(".stale").count()).toBeGreaterThan(4);
    expect(await page.locator("#held").textContent()).toContain("As it was at");
    expect(await page.getByRole("button", { name: "Freeze …" }).isDisabled()).toBe(true);
    expect(await axe(page)).toEqual([]);
    http = await startHttpService({ dashboard: FOLDER, port });
    await page.locator("#answer .word", { hasText: "Yes." }).waitFor(WAIT);
    await page.getByText("No payment is held back.").waitFor(WAIT);
    expect(await page.locator(".stale").count()).toBe(0);
    await close();
  });

  it("says unavailable, and never none, where a list cannot be read", async () => {
    const broken = (): Promise<never> => Promise.reject(new Error("the disk is gone"));
    await start({ wrap: (service) => ({ ...service, decisions: broken, incidents: broken }) });
    const { page, close } = await open(KEYS.operator.token);
    await page.getByText("Unavailable: payments held back.").waitFor();
    await page.getByText("Unavailable: open incidents.").waitFor();
    expect(await page.locator("main").textContent()).not.toMatch(
      /No payment is held back|No incident is open/,
    );
    expect(await axe(page)).toEqual([]);
    await close();
  });

  it("signs out where the key counts no more", async () => {
    await start();
    const { page, close } = await open(KEYS.operator.token);
    http.keyring.revoke(KEYS.operator.token);
    await page.getByLabel("Key").waitFor(WAIT);
    expect(await page.getByRole("alert").textContent()).not.toBe("");
    await close();
  });

  it.each(HOSTILE_TEXTS())("shows %j as text everywhere", async (text) => {
    await start({ wrap: (service) => hostile(service, text) });
    const { page, faults, close } = await open(KEYS.operator.token);
    await page.locator("#incidents article").first().waitFor();
    await page.locator("#held article").first().waitFor();
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    expect(await page.locator("main img, main script, main iframe, main b").count()).toBe(0);
    expect(await page.evaluate("globalThis.pwned === undefined")).toBe(true);
    for (const width of [360, 1_280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await overflowOf(page)).toBe(0);
    }
    expect(await page.locator("#held").boundingBox()).toMatchObject({ x: expect.any(Number) });
    await page
      .locator("#incidents")
      .getByRole("button", { name: /Release/ })
      .first()
      .click();
    await page.getByRole("dialog").waitFor();
    expect(await overflowOf(page)).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });
});

function HOSTILE_TEXTS(): string[] {
  return [
    '<img src=x onerror="globalThis.pwned=1"><b>bold</b><script>globalThis.pwned=1</script>',
    `\u202e${"W".repeat(400)}\u2066\u0000\u001b[31m`,
    `"><iframe src="https://example.com">${"ﷺ".repeat(60)}`,
  ];
}

/** A service in which a text stands wherever others can write one. */
function hostile(service: Service, text: string): Service {
  const finding = {
    ...{ finding_id: "f-1", detector: "retired_algorithm", severity: 0.95, summary: text },
    ...{
      height: 10,
      detected_at_ms: Date.now(),
      latched: true,
      evidence: { [text]: text, list: [text] },
    },
  };
  const node = { node_id: text, height: 10, software: text, is_watched: false };
  const hash = "ab".repeat(32);
  return {
    ...service,
    status: async () => ({
      ...(await service.status()),
      ...{ state: "stopped" as const, summary: text, deployment_id: text, chain: text },
      cause: { code: text, text },
      remedies: [{ role: "operator" as const, text }],
      wallets: [
        { wallet_id: text, mode: "enforce" as const, state: "blind" as const, cause: text },
      ],
    }),
    incidents: async () => [
      {
        ...{ incident_id: `${text}-1`, cause: text, severity: 0.95, level: "critical" as const },
        ...{ since_ms: Date.now(), summary: text, latched: true, defense_events: ["e-1"] },
        findings: [{ node_id: text, finding_id: "f-1", summary: text }],
      },
    ],
    reports: async () => [
      {
        ...{ node_id: text, chain: text, observed_at_ms: Date.now(), clock: "trusted" as const },
        ...{ status: "WATCHING" as const, tip: { height: 10, hash }, level: "critical" as const },
        ...{ score: 0.95, findings: [finding], detectors: [text] },
      },
    ],
    chain: async () => ({
      ...{ chain: text, observed_at_ms: Date.now(), level: "critical" as const, score: 0.9 },
      ...{ reports: [], findings: [finding] },
      branches: [
        { tip_hash: hash, tip_height: 10, chainwork: null, fork_height: null, nodes: [node] },
        {
          tip_hash: "cd".repeat(32),
          tip_height: 9,
          chainwork: null,
          fork_height: 5,
          nodes: [node],
        },
      ],
    }),
    sideTips: () => [{ hash: text, height: 9, fork_height: 5, status: text, nodes: [text] }],
    credit: async () => ({ height: 5, reason: text }),
    freezes: async () => ({
      accepted: true,
      freezes: [
        {
          ...{ scope: "wallet" as const, id: text, cause_id: text, kind: "operator" as const },
          ...{ frozen_at_ms: 1, last_at_ms: 1, count: 1, operator: text, reason: text },
        },
      ],
      next: null,
    }),
    decisions: async () => ({
      decisions: [
        {
          ...{ seq: 1, payment_id: text, wallet_id: text, account_id: text, amount: text },
          ...{ max_fee: text, payouts: 1, destinations: [{ address: text, amount: text }] },
          ...{ destinations_count: 30, enforced: true, final: "REFUSED" as const },
          ...{ next: "approve" as const, standing: "held" as const, veto: null },
          reasons: [{ layer: "guardian" as const, code: text, text }],
          breaches: [{ code: text, scope: text, limit: text }],
          would_pass: {
            ...{ amount: text, at_ms: Date.now() + 1_000, calmer: true },
            approvals: { missing: 1, given: 0, methods: [text], binds: "ab".repeat(32) },
          },
          ...{ decided_at_ms: 1, first_at_ms: 1, attempts: 1 },
        },
      ],
      ...{ total: 1, complete: false, next: null },
    }),
    network: async () => ({
      ...(await service.network()),
      ...{ critical_operators: [text], critical_operators_count: 1 },
      ...{ silent_reporters: [text], silent_reporters_count: 1 },
    }),
  };
}
