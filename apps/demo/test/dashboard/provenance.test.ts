/** The sources of facts, on the dashboard in Chromium: in a payment's timeline and in the incident report. */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { digibyteRegtest } from "@dgb-shield/chain";
import type { Provenance } from "@dgb-shield/contract";
import type { Service } from "../../src/service/service.js";
import { addressNo } from "../support/addresses.js";
import { axe, hasChromium, openDashboard, overflowOf, startBrowser } from "../support/browser.js";
import { type HttpService, KEYS, payment, startHttpService } from "../support/http-service.js";

const FOLDER = dirname(createRequire(import.meta.url).resolve("@dgb-shield/dashboard/index.html"));
const HOSTILE = [
  '<img src=x onerror="globalThis.pwned=1"><b>bold</b><script>globalThis.pwned=1</script>',
  `\u202e${"W".repeat(400)}\u2066\u0000\u001b[31m`,
];

describe.skipIf(!hasChromium)("the sources of facts, on the dashboard", () => {
  let browser: Browser;
  let http: HttpService;
  beforeAll(async () => void (browser = await startBrowser()));
  afterAll(() => browser.close());
  afterEach(() => http.close());

  /** Starts a service that knows ages and behaviour itself, and asks for a payment whose caller overstates. */
  async function start(wrap: (service: Service) => Service = (service) => service): Promise<void> {
    const config = { behaviour: "ledger" as const, guard: { min_address_age_days: 2 } };
    http = await startHttpService({ dashboard: FOLDER, config, wrap });
    const destinations = [{ address: addressNo(digibyteRegtest, 17), amount: "10" }];
    await http.call("PUT /v1/payments/w-1", {
      body: payment({ destinations, address_age_days: 400 }),
    });
  }

  /** Opens the payment's timeline; its one entry. */
  async function openTimeline(page: Page) {
    await page.getByLabel("Id of the payment").fill("w-1");
    await page.locator("#payment").getByRole("button", { name: "Show" }).click();
    const entry = page.locator("#payment ol.timeline li").first();
    await entry.waitFor();
    return entry;
  }

  async function openReport(page: Page) {
    await page.getByRole("button", { name: "Make the report" }).click();
    const report = page.locator(".report");
    await report.waitFor();
    return report;
  }

  async function expectReadable(page: Page): Promise<void> {
    for (const width of [360, 1_280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await axe(page)).toEqual([]);
      expect(await overflowOf(page)).toBe(0);
    }
  }

  it("says what is proven and what the caller stated, and who was contradicted", async () => {
    await start();
    const { page, faults, close } = await openDashboard(browser, http.url, KEYS.operator.token);
    const entry = await openTimeline(page);
    const text = (await entry.textContent()) ?? "";
    expect(text).toContain("balance of the walletstated by the caller 1,000 DGB");
    expect(text).toContain(
      "age of the destinationproven by the ledger, against the caller known for 0 days; the caller stated: known for 400 days, longer than",
    );
    expect(text).toContain("behaviourproven by the ledger score 1, 1 is usual");
    const row = (await openReport(page)).locator("tr:has-text('w-1') + tr");
    const words = (await row.locator("strong").allTextContents()).join("; ");
    expect(words).toBe(
      "stated by the caller; proven by the ledger, against the caller; proven by the ledger",
    );
    expect(await row.textContent()).toContain("the caller stated: known for 400 days");
    await expectReadable(page);
    expect(faults).toEqual([]);
    await close();
  });

  it("names the node of a proven balance, and never calls one proven that no node gave", async () => {
    let age_ms: number | null = 3_000;
    const stated = { stated: "5000", contradicted: true };
    await start((service) =>
      withBalance(service, () => ({ source: "node", node_id: "core-1", age_ms, ...stated })),
    );
    const { page, close } = await openDashboard(browser, http.url, KEYS.reader.token);
    const proven = (await (await openTimeline(page)).textContent()) ?? "";
    expect(proven).toContain(
      "proven by a node, against the caller 1,000 DGB, of core-1, asked 3 s before; the caller stated: 5,000 DGB, more than",
    );
    const report = await openReport(page);
    expect(await report.textContent()).toContain("proven by a node, against the caller");
    age_ms = null;
    const silent = page.locator("#payment .badge", { hasText: "not proven" });
    await silent.waitFor({ timeout: 20_000 });
    const after = await page.locator("#payment ol.timeline").textContent();
    expect(after).toContain("core-1 gave no balance");
    expect(after).not.toContain("proven by a node");
    await close();
  });

  it("says of a record of an earlier version that it does not state it", async () => {
    await start((service) => withProvenance(service, () => undefined));
    const { page, close } = await openDashboard(browser, http.url, KEYS.reader.token);
    expect(await (await openTimeline(page)).textContent()).toContain("source of factsnot recorded");
    const row = (await openReport(page)).locator("tr:has-text('w-1') + tr");
    expect(await row.textContent()).toBe("The sources of its facts are not recorded.");
    await close();
  });

  it.each(HOSTILE)("shows %j as text, at 360 px and with text of twice the size", async (text) => {
    await start((service) =>
      withBalance(service, (own) => ({
        ...{ ...own, source: "node", node_id: text, age_ms: 1, contradicted: true },
        stated: text,
      })),
    );
    const large = await startBrowser(32);
    for (const one of [browser, large]) {
      const { page, faults, close } = await openDashboard(one, http.url, KEYS.operator.token, {
        viewport: { width: 360, height: 800 },
      });
      const entry = await openTimeline(page);
      const report = await openReport(page);
      for (const part of [entry, report]) {
        expect(await part.textContent()).toContain("what is no such value");
        expect(await part.textContent()).not.toMatch(/[\u202e\u2066\u001b]/);
      }
      expect(await page.locator("main img, main script, main iframe, main b").count()).toBe(0);
      expect(await page.evaluate("globalThis.pwned === undefined")).toBe(true);
      await expectReadable(page);
      expect(faults).toEqual([]);
      await close();
    }
    await large.close();
  });
});

type Balance = Provenance["wallet_balance"];

/** The service with another balance in every decision that it gives out. */
const withBalance = (service: Service, change: (own: Balance) => Balance): Service =>
  withProvenance(service, (own) => ({ ...own, wallet_balance: change(own.wallet_balance) }));

/** The service with another provenance; undefined: it is left out. */
function withProvenance(
  service: Service,
  change: (own: Provenance) => Provenance | undefined,
): Service {
  return {
    ...service,
    async timeline(id) {
      const timeline = await service.timeline(id);
      const entries = timeline.entries.map((entry) => {
        if (entry.provenance === null) return entry;
        const provenance = change(entry.provenance) ?? null;
        return { ...entry, provenance, counted: provenance === null ? null : entry.counted };
      });
      return { ...timeline, entries };
    },
    async records(after, limit) {
      const records = await service.records(after, limit);
      if (!("map" in records)) return records;
      return records.map((stored) => {
        const { provenance, ...rest } = stored.record;
        if (provenance === undefined) return stored;
        const other = change(provenance as unknown as Provenance);
        const record = other === undefined ? rest : { ...rest, provenance: other };
        return { ...stored, record };
      });
    },
  };
}
