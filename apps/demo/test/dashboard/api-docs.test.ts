/** The service's page of its API (Swagger UI) in Chromium: every route stands there, and nothing of it comes from elsewhere. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCESS } from "../../src/service/http/access.js";
import { hasChromium, startBrowser, watchPage } from "../support/browser.js";
import { type HttpService, startHttpService } from "../support/http-service.js";

describe.skipIf(!hasChromium)("the page of the API at /docs", () => {
  let browser: Browser;
  let http: HttpService;
  beforeAll(async () => {
    http = await startHttpService();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await http.close();
  });

  it("lists every route and shows one, without an error and without a request to another host", async () => {
    const page = await browser.newPage();
    const faults = watchPage(page, http.url);
    await page.goto(`${http.url}/docs`);
    const routes = page.locator(".opblock");
    await routes.first().waitFor({ timeout: 20_000 });
    const method = page.locator(".opblock-summary-method");
    const path = page.locator(".opblock-summary-path");
    const methods = await method.allTextContents();
    const paths = await path.allTextContents();
    // Swagger UI puts invisible places for line breaks into long paths.
    const listed = methods.map((name, at) => `${name} ${paths[at]!.replaceAll("\u200b", "")}`);
    expect(listed.sort()).toEqual(Object.keys(ACCESS).sort());

    const decide = page.locator("#operations-payments-put_payments_by_id");
    await decide.locator(".opblock-summary-control").click();
    await decide.getByText("act on").waitFor();
    expect(await decide.textContent()).toContain("Request body");
    expect(await page.title()).toContain("DigiByte Quantum Shield");
    expect(faults).toEqual([]);
    await page.close();
  });
});
