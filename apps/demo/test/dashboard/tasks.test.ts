/** What a person asks the page while a chain is split, each from the page's beginning, as docs/dashboard.md lists it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PlayedPage, servePlayed } from "../../src/play/serve-page.js";
import { loadScenarios } from "../../src/scenarios/index.js";
import type { Scenario } from "../../src/scenarios/scenario.js";
import { shield } from "../support/shield.js";
import { axe, hasChromium, openDashboard, startBrowser } from "../support/browser.js";

const [scenario] = loadScenarios({ scenario: "groestl-2026" }) as [Scenario];
const incident = scenario.steps.find((step) => step.kind === "phase" && step.label === "incident")!;
const SPLIT_MS = incident.at_ms + 20 * 60_000;

describe.skipIf(!hasChromium)("the page while the chain is split", () => {
  const folder = mkdtempSync(join(tmpdir(), "shield-tasks-"));
  let served: PlayedPage;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    served = await servePlayed({ scenarios: [scenario], folder, port: 0, speed: 60 }, process);
    url = new URL(served.url).origin;
    browser = await startBrowser();
    await served.player.order({ playing: false, to_ms: SPLIT_MS });
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const open = () => openDashboard(browser, url, served.tokens.operator);

  it("names the node on another chain where one looks for nodes, and leads to the chain", async () => {
    const { page, faults, close } = await open();
    await page.getByRole("link", { name: "Nodes", exact: true }).click();
    const nodes = page.locator("#nodes");
    await nodes.getByText(/explorer-node follows another chain since block [\d,]+/).waitFor();
    await nodes.getByRole("link", { name: "See the chain" }).click();
    expect(new URL(page.url()).hash).toBe("#chain");
    expect(await nodes.getByRole("link", { name: /^\d+ findings?$/ }).count()).toBeGreaterThan(0);
    expect(await axe(page)).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });

  it("says why a payment is held and what it waits for, in the list and of the one, and proves it", async () => {
    const { page, faults, close } = await open();
    const first = page.locator("#held article").first();
    const wait = /once the evidence is calm; open now: retired algorithm \(until an operator/;
    expect(await first.textContent()).toMatch(wait);
    const id = (await first.getByRole("button").first().textContent()) ?? "";
    await first.getByRole("button", { name: id }).click();
    const payment = page.locator("#payment");
    await payment.getByText(wait).waitFor();
    expect(await payment.textContent()).toContain("Held back because the risk is HIGH");
    // Its name stands in the upper half of the window, although its records came later.
    await expect
      .poll(async () => (await payment.locator("#payment-name").boundingBox())?.y ?? Infinity)
      .toBeLessThan(450);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      payment.getByRole("button", { name: "Save the proof of this payment" }).click(),
    ]);
    await page.getByText("given to the browser as proof.json").waitFor();
    const command = await payment.locator("code", { hasText: "audit verify" }).textContent();
    const proof = join(folder, download.suggestedFilename());
    await download.saveAs(proof);
    const words = (command ?? "").split(" ").map((word) => {
      if (word === "proof.json") return proof;
      return word === "audit.pub.json" ? served.audit_key_file : word;
    });
    const { code, stdout } = await shield(...words.slice(1));
    expect([words[0], code, stdout]).toEqual(["shield", 0, expect.stringContaining(id)]);
    expect(faults).toEqual([]);
    await close();
  });

  it("says of a released incident that it is still open", async () => {
    const { page, faults, close } = await open();
    await page.getByRole("link", { name: "See the open incident" }).click();
    await page.getByRole("button", { name: /^Release …/ }).click();
    await page.keyboard.type("the node was upgraded");
    await page.keyboard.press("Enter");
    await page.getByText(/^Released: .* The incident is still open: the next reports/).waitFor();
    expect(await page.locator("#incidents article").count()).toBeGreaterThan(0);
    expect(faults).toEqual([]);
    await close();
  });
});
