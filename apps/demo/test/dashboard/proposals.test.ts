/** Governed changes on the dashboard in Chromium: an order that loosens becomes a proposal, and others vote. */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { axe, hasChromium, openDashboard, overflowOf, startBrowser } from "../support/browser.js";
import { type GovernedHttp, startGovernedHttp } from "../support/governed-http.js";

const FOLDER = dirname(createRequire(import.meta.url).resolve("@dgb-shield/dashboard/index.html"));
const WAIT = { timeout: 20_000 };

describe.skipIf(!hasChromium)("proposals on the dashboard", () => {
  let browser: Browser;
  let governed: GovernedHttp;
  let url = "";
  beforeAll(async () => void (browser = await startBrowser()));
  afterAll(() => browser.close());
  beforeEach(async () => {
    governed = await startGovernedHttp({}, FOLDER);
    url = await governed.listen();
    await governed.call("POST /v1/freezes", "ann", {
      ...{ scope: "wallet", id: "hot-1", reason: "a strange login" },
    });
  });
  afterEach(() => governed.close());

  const open = (holder: string) => openDashboard(browser, url, governed.tokens[holder] ?? "");
  const card = (page: Page) => page.locator("#proposals article");
  const isFrozen = async () => {
    const { body } = await governed.call("GET /v1/freezes", "ann");
    return (body["freezes"] as unknown[]).length > 0;
  };

  /** Proposes on the page to lift the freeze. */
  async function propose(page: Page): Promise<void> {
    await page.locator("#freezes").getByRole("button", { name: /Lift/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/Reason/).fill("the login was ours");
    await dialog.getByRole("button", { name: "Lift" }).click();
    await dialog.getByText("Changes are governed here").waitFor();
    expect(await axe(page)).toEqual([]);
    await dialog.getByLabel(/Reason/).fill("the login was ours");
    await dialog.getByRole("button", { name: "Propose" }).click();
    await card(page).waitFor(WAIT);
  }

  async function vote(page: Page, what: "Approve" | "Reject"): Promise<void> {
    await card(page)
      .getByRole("button", { name: new RegExp(`^${what}`) })
      .click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.textContent()).toContain("hot-1");
    await dialog.getByLabel(/Reason/).fill("asked the person");
    await dialog.getByRole("button", { name: what }).click();
  }

  it("turns a lift into a proposal, which two others approve, and carries it out", async () => {
    const ann = await open("ann");
    await propose(ann.page);
    expect(await card(ann.page).textContent()).toMatch(/Proposed by ann.*0 of 2 approvals/);
    // The proposer has no vote.
    expect(await card(ann.page).getByRole("button").allTextContents()).toEqual([
      expect.stringContaining("Withdraw"),
    ]);

    const bob = await open("bob");
    await card(bob.page).waitFor(WAIT);
    expect(await axe(bob.page)).toEqual([]);
    await vote(bob.page, "Approve");
    await bob.page.getByText(/^Approved: the proposal is open/).waitFor();
    expect(await isFrozen()).toBe(true);
    const dora = await open("dora");
    await vote(dora.page, "Approve");
    await dora.page.getByText(/^Approved: the proposal is/).waitFor();
    await expect.poll(isFrozen, WAIT).toBe(false);
    await card(ann.page).getByText("executed", { exact: true }).waitFor(WAIT);
    await ann.page.getByText("Nothing is frozen.").waitFor(WAIT);
    for (const { page } of [ann, bob, dora]) {
      await page.setViewportSize({ width: 360, height: 800 });
      expect(await overflowOf(page)).toBe(0);
    }
    expect([...ann.faults, ...bob.faults, ...dora.faults]).toEqual([]);
    for (const one of [ann, bob, dora]) await one.close();
  });

  it("ends a proposal that its proposer withdraws", async () => {
    const ann = await open("ann");
    await propose(ann.page);
    await card(ann.page)
      .getByRole("button", { name: /^Withdraw/ })
      .click();
    const dialog = ann.page.getByRole("dialog");
    await dialog.getByLabel(/Reason/).fill("it was not ours");
    await dialog.getByRole("button", { name: "Withdraw" }).click();
    await card(ann.page).getByText("withdrawn", { exact: true }).waitFor(WAIT);
    expect(await isFrozen()).toBe(true);
    await ann.close();
  });

  it("shows a rejection, a withdrawn approval, and to a reader no buttons", async () => {
    const ann = await open("ann");
    await propose(ann.page);
    const bob = await open("bob");
    await vote(bob.page, "Approve");
    await card(bob.page)
      .getByText(/1 of 2 approvals/)
      .waitFor(WAIT);
    await vote(bob.page, "Reject");
    await card(bob.page)
      .getByText(/0 of 2 approvals/)
      .waitFor(WAIT);
    const reader = await open("auditor");
    await card(reader.page).waitFor(WAIT);
    expect(await card(reader.page).getByRole("button").count()).toBe(0);
    const cleo = await open("cleo");
    await vote(cleo.page, "Reject");
    await card(cleo.page).getByText("rejected", { exact: true }).waitFor(WAIT);
    expect(await card(cleo.page).getByRole("button").count()).toBe(0);
    expect(await isFrozen()).toBe(true);
    for (const one of [ann, bob, reader, cleo]) await one.close();
  });
});
