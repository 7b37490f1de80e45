/**
 * `pnpm --filter @dgb-shield/demo run screenshots [-- --only NAME]`: takes the pictures of docs/dashboard.md in Chromium, of a played incident
 * and of a governed service, in light and dark, and writes them to docs/screenshots.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import type { Browser, Page } from "playwright-core";
import { servePlayed } from "../src/play/serve-page.js";
import { loadScenarios } from "../src/scenarios/index.js";
import type { Scenario } from "../src/scenarios/scenario.js";
import { openDashboard, startBrowser } from "../test/support/browser.js";
import { startGovernedHttp } from "../test/support/governed-http.js";

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: { only: { type: "string" }, to: { type: "string", default: "../../docs/screenshots" } },
});

const WIDE = { width: 900, height: 800 };
const PHONE = { width: 360, height: 1_400 };
const MINUTE_MS = 60_000;
/** What moves needs so long to come to rest, in milliseconds. */
const SETTLE_MS = 1_500;

type Picture = Readonly<{
  name: string;
  schemes: readonly ("light" | "dark")[];
  viewport?: typeof WIDE;
  /** Brings the page to what is shown. */
  show: (page: Page) => Promise<void>;
}>;

const BOTH = ["light", "dark"] as const;
const [scenario] = loadScenarios({ scenario: "dgb-regtest" }) as [Scenario];
const orderMs = scenario.steps.find(({ kind }) => kind === "order")?.at_ms ?? 0;
const floodMs =
  scenario.steps.find((step) => step.kind === "phase" && step.label === "mempool-flood")?.at_ms ??
  0;
const STOPPED_MS = orderMs - 20_000;
const CALM_MS = floodMs - MINUTE_MS;

const folder = mkdtempSync(join(tmpdir(), "shield-screenshots-"));
const browser = await startBrowser();
try {
  await played(browser);
  await governed(browser);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Pictures of the played incident. */
async function played(chromium: Browser): Promise<void> {
  const served = await servePlayed({ scenarios: [scenario], folder, port: 0, speed: 60 }, process);
  const url = new URL(served.url).origin;
  const at = (ms: number) => served.player.order({ playing: false, to_ms: ms });
  const to = (selector: string) => async (page: Page) => {
    await scrollTo(page, selector);
  };
  const take = (picture: Picture) => shoot(chromium, url, served.tokens.operator, picture);
  await at(CALM_MS);
  await take({ name: "calm", schemes: BOTH, show: async () => undefined });
  await at(STOPPED_MS);
  const stopped: Picture[] = [
    { name: "stopped", schemes: BOTH, show: async () => undefined },
    { name: "chain", schemes: BOTH, show: to("#chain") },
    { name: "incident", schemes: BOTH, show: to("#incidents") },
    { name: "held", schemes: BOTH, show: to("#held") },
    { name: "payment", schemes: BOTH, show: openFirstHeld },
    { name: "release", schemes: BOTH, show: openRelease },
    { name: "phone", schemes: ["light"], viewport: PHONE, show: async () => undefined },
  ];
  for (const picture of stopped) await take(picture);
  const lost: Picture = {
    name: "disconnected",
    schemes: BOTH,
    async show(page) {
      await page.context().setOffline(true);
      await page.getByText(/Disconnected since/).waitFor();
    },
  };
  await take(lost);
  await served.close();
}

async function openFirstHeld(page: Page): Promise<void> {
  await page.locator("#held article").first().getByRole("button").first().click();
  await page.getByRole("button", { name: "Save the proof of this payment" }).waitFor();
  await scrollTo(page, "#payment ol.timeline");
}

async function openRelease(page: Page): Promise<void> {
  await page
    .locator("#incidents")
    .getByRole("button", { name: /Release/ })
    .first()
    .click();
  await page.getByRole("dialog").waitFor();
}

/** The picture of a proposal, as another operator sees it. */
async function governed(chromium: Browser): Promise<void> {
  const page = createRequire(import.meta.url).resolve("@dgb-shield/dashboard/index.html");
  const site = await startGovernedHttp({}, dirname(page));
  const url = await site.listen();
  const freeze = { scope: "wallet", id: "hot-1", reason: "a strange login" };
  const { body } = await site.call("POST /v1/freezes", "ann", freeze);
  await site.call("POST /v1/proposals", "ann", {
    change: { kind: "unfreeze", scope: "cause", id: body["cause_id"] },
    reason: "the login was ours",
  });
  await shoot(chromium, url, site.tokens["bob"] ?? "", {
    ...{ name: "proposal", schemes: BOTH },
    async show(opened) {
      await opened.locator("#proposals article").waitFor();
      await scrollTo(opened, "#proposals");
    },
  });
  await site.close();
}

/** Scrolls an element to just below the bar at the top, which stays. */
async function scrollTo(page: Page, selector: string): Promise<void> {
  await page.evaluate(
    `document.querySelector(${JSON.stringify(selector)}).scrollIntoView(); scrollBy(0, -16)`,
  );
}

async function shoot(
  chromium: Browser,
  url: string,
  token: string,
  { name, schemes, viewport = WIDE, show }: Picture,
): Promise<void> {
  if (values.only !== undefined && values.only !== name) return;
  for (const colorScheme of schemes) {
    const options = { viewport, colorScheme, reducedMotion: "reduce" as const };
    const { page, close } = await openDashboard(chromium, url, token, options);
    await page.locator("#held .cards, #held p").first().waitFor();
    await show(page);
    await page.waitForTimeout(SETTLE_MS);
    const path = join(values.to, `${name}-${colorScheme}.png`);
    await page.screenshot({ path });
    console.log(path);
    await close();
  }
}
