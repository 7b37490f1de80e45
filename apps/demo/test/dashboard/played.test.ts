/** The dashboard in Chromium over a played incident: from calm to release, by mouse and by keyboard alone. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PlayedPage, servePlayed } from "../../src/play/serve-page.js";
import { loadScenarios } from "../../src/scenarios/index.js";
import type { Scenario } from "../../src/scenarios/scenario.js";
import { shield } from "../support/shield.js";
import { axe, hasChromium, openDashboard, overflowOf, startBrowser } from "../support/browser.js";

const [scenario] = loadScenarios({ scenario: "dgb-regtest" }) as [Scenario];
const phase = (label: string): number =>
  scenario.steps.find((step) => step.kind === "phase" && step.label === label)!.at_ms;
/** Just before the scripted operator would release: the test's operator does. */
const RELEASE_MS = scenario.steps.find(({ kind }) => kind === "order")!.at_ms - 20_000;
const CALM_MS = phase("mempool-flood") - 60_000;
const MINUTE_MS = 60_000;

describe.skipIf(!hasChromium)("a played incident on the dashboard", () => {
  const folder = mkdtempSync(join(tmpdir(), "shield-page-"));
  let served: PlayedPage;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    served = await servePlayed({ scenarios: [scenario], folder, port: 0, speed: 60 }, process);
    url = new URL(served.url).origin;
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (ms: number) => served.player.order({ playing: false, to_ms: ms });
  const answer = (page: Page, word: string) =>
    page.locator("#answer .word", { hasText: word }).waitFor({ timeout: 20_000 });

  it("leads from calm to the incident and its release by mouse", async () => {
    await at(CALM_MS);
    const { page, faults, close } = await openDashboard(browser, url, served.tokens.operator);
    await answer(page, "Yes.");
    expect(await page.locator(".demo").textContent()).toContain("Nothing here is about a chain");
    expect(page.url()).not.toContain("key=");
    expect(await axe(page)).toEqual([]);
    await at(RELEASE_MS);
    await answer(page, "No.");
    expect(await axe(page)).toEqual([]);
    await page.getByRole("link", { name: /See the (open incident|\d+ open incidents)/ }).click();
    const incident = page.locator("#incidents article", { hasText: "retired algorithm" });
    await incident.getByText("with evidence").click();
    expect(await incident.textContent()).toContain("groestl");
    await incident.getByRole("button", { name: /Release/ }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.textContent()).toMatch(/acknowledge 1 finding of retired_algorithm/);
    expect(await axe(page)).toEqual([]);
    // Without a reason nothing is sent.
    await dialog.getByRole("button", { name: "Release" }).click();
    expect(await dialog.isVisible()).toBe(true);
    await dialog.getByLabel(/Reason/).fill("the node was upgraded");
    await dialog.getByRole("button", { name: "Release" }).click();
    await page.getByText(/^Released: 1 latched cause/).waitFor();
    await at(RELEASE_MS + 10 * MINUTE_MS);
    await answer(page, "Yes.");
    expect(faults).toEqual([]);
    await close();
  });

  it("leads there by keyboard alone", async () => {
    await at(RELEASE_MS);
    const { page, faults, close } = await openDashboard(browser, url, served.tokens.operator);
    await answer(page, "No.");
    const isOn = async (text: RegExp) =>
      text.test(String(await page.evaluate('document.activeElement?.textContent ?? ""')));
    for (let i = 0; i < 200 && !(await isOn(/^Release …/)); i++) await page.keyboard.press("Tab");
    expect(await isOn(/^Release …/)).toBe(true);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    // The reason has the focus; Enter sends.
    await page.keyboard.type("by keyboard");
    await page.keyboard.press("Enter");
    await page.getByText(/^Released:/).waitFor();
    await at(RELEASE_MS + 10 * MINUTE_MS);
    await answer(page, "Yes.");
    expect(faults).toEqual([]);
    await close();
  });

  it("leaves a dialog by Escape, and comes back to its button", async () => {
    await at(RELEASE_MS);
    const { page, close } = await openDashboard(browser, url, served.tokens.operator);
    const button = page
      .locator("#incidents")
      .getByRole("button", { name: /Release/ })
      .first();
    await button.click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await page.locator("button:focus").textContent()).toBe(await button.textContent());
    await close();
  });

  it("lets a reader see, and press nothing", async () => {
    await at(RELEASE_MS);
    const { page, close } = await openDashboard(browser, url, served.tokens.reader);
    await page.locator("#incidents article").first().waitFor();
    expect(
      await page
        .locator("#incidents")
        .getByRole("button", { name: /Release|Lift|Freeze/ })
        .count(),
    ).toBe(0);
    expect(await page.locator("#incidents").textContent()).toContain("operator only");
    await close();
  });

  it("plays, pauses, and asks for a payment of one's own, which shows up with its timeline", async () => {
    await at(CALM_MS);
    const { page, faults, close } = await openDashboard(browser, url, served.tokens.operator);
    await page.getByRole("button", { name: "Play" }).click();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Ask for a payment of your own").click();
    await page.getByLabel("Amount, coins").fill("4999");
    await page.getByLabel("Its id", { exact: true }).fill("own-1");
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await page.getByText("REFUSED").first().waitFor();
    const card = page.locator("#held article", { hasText: "own-1" });
    expect(await card.textContent()).toMatch(/2,?000/);
    await card.getByRole("button", { name: "own-1" }).click();
    await page.locator("#payment ol.timeline li").first().waitFor();
    expect(await page.locator("#payment").textContent()).toContain("shield audit prove own-1");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save the proof of this payment" }).click(),
    ]);
    const proof = join(folder, "proof.json");
    await download.saveAs(proof);
    const key = served.audit_key_file;
    const verified = await shield("audit", "verify", "--proof", proof, "--key", key);
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining("own-1") as string });
    expect(faults).toEqual([]);
    await close();
  });

  it("shows a moment of the past as such, and leads back to now", async () => {
    await at(RELEASE_MS);
    const { page, close } = await openDashboard(browser, url, served.tokens.operator);
    const slider = page.getByRole("slider", { name: /Moment shown/ });
    await slider.focus();
    await page.keyboard.press("PageDown");
    await page.locator(".then", { hasText: "not now" }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.locator(".then").getByRole("button", { name: "Back to now" }).click();
    expect(await page.locator(".then").count()).toBe(0);
    await close();
  });

  it("makes an incident report of a time range", async () => {
    await at(RELEASE_MS);
    const { page, faults, close } = await openDashboard(browser, url, served.tokens.operator);
    await page.getByLabel("From (UTC)").fill(new Date(phase("groestl")).toISOString().slice(0, 16));
    await page.getByLabel("To (UTC)").fill(new Date(RELEASE_MS).toISOString().slice(0, 16));
    await page.getByRole("button", { name: "Make the report" }).click();
    const report = page.locator(".report");
    await report.waitFor();
    expect(await report.textContent()).toMatch(/retired algorithm \(at worst (high|critical), /);
    expect(await report.textContent()).toMatch(/Signed statement of the tips\s*None: No key signs/);
    expect(await report.textContent()).toMatch(
      /decisions in the range\d+: \d+ allowed, \d+ refused/,
    );
    expect(await axe(page)).toEqual([]);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as HTML" }).click();
    expect((await saving).suggestedFilename()).toBe("incident-report.html");
    expect(faults).toEqual([]);
    await close();
  });

  it.each([
    [360, "light", "stopped", RELEASE_MS],
    [360, "dark", "calm", CALM_MS],
    [1_440, "light", "calm", CALM_MS],
    [1_440, "dark", "stopped", RELEASE_MS],
  ] as const)("is readable and fits: %d px, %s, %s", async (width, colorScheme, _, ms) => {
    await at(ms);
    const { page, faults, close } = await openDashboard(browser, url, served.tokens.operator, {
      viewport: { width, height: 800 },
      colorScheme,
      reducedMotion: "reduce",
    });
    await page.locator("#incidents h2").waitFor();
    await page.locator("#held .cards, #held p").first().waitFor();
    expect(await axe(page)).toEqual([]);
    expect(await overflowOf(page)).toBe(0);
    const scrolling = "getComputedStyle(document.documentElement).scrollBehavior";
    expect(await page.evaluate(scrolling)).toBe("auto");
    expect(faults).toEqual([]);
    await close();
  });

  it("fits with text of twice the size, on a phone too", async () => {
    const large = await startBrowser(32);
    for (const width of [360, 1_280]) {
      const { page, close } = await openDashboard(large, url, served.tokens.operator, {
        viewport: { width, height: 800 },
      });
      await page.locator("#held .cards, #held p").first().waitFor();
      expect(await overflowOf(page)).toBe(0);
      await close();
    }
    await large.close();
  });
});
