/** Chromium on the dashboard: found on the PATH, with everything recorded that a page must not do. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

function found(): string | undefined {
  try {
    return execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

const executablePath = found();
/** Whether the tests in a browser can run. */
export const hasChromium = executablePath !== undefined;
if (!hasChromium) {
  const text = "no chromium on the PATH: run tooling/scripts/install-test-tools.sh";
  if (process.env["REQUIRE_SERVICES"] === "1") throw new Error(text);
  console.warn(`skipping the tests in a browser: ${text}`);
}

/** Starts a browser; `fontSize` is the person's own setting, in pixels. */
export const startBrowser = (fontSize = 16): Promise<Browser> =>
  chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [...FLAGS, `--blink-settings=defaultFontSize=${fontSize}`],
  });

/** A page, and what it did that it must not. */
export type Opened = Readonly<{
  page: Page;
  /** Errors of scripts, refusals by the policy, and requests to other hosts. */
  faults: string[];
  close(): Promise<void>;
}>;

/** Opens the dashboard, signed in with a key, and waits for its answer. */
export async function openDashboard(
  browser: Browser,
  url: string,
  token: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1_280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults = watchPage(page, url);
  await page.goto(`${url}/#key=${token}`);
  await page.locator("#answer").waitFor();
  return { page, faults, close: () => context.close() };
}

/** Collects what a page does that it must not: errors, and requests to other hosts than the one at `url`. */
export function watchPage(page: Page, url: string): string[] {
  const faults: string[] = [];
  const { host } = new URL(url);
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    const text = message.text();
    // What a route refuses, and a service that is gone, are shown on the page.
    if (message.type() === "error" && !text.startsWith("Failed to load resource"))
      faults.push(text);
  });
  page.on("request", (request) => {
    const target = new URL(request.url());
    if (target.host !== host && target.protocol !== "blob:")
      faults.push(`request: ${request.url()}`);
  });
  return faults;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Violations that axe finds, one line each: WCAG 2.2 A and AA, and best practices. */
export async function axe(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    type Result = {
      violations: { id: string; nodes: { target: unknown; failureSummary?: string }[] }[];
    };
    const run = (globalThis as unknown as { axe: { run(): Promise<Result> } }).axe;
    const { violations } = await run.run();
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ target, failureSummary }) => `${String(target)} ${failureSummary ?? ""}`)
          .join(" | ")}`,
    );
  });
}

/** How far the page is wider than its window, in pixels; 0: not at all. */
export const overflowOf = async (page: Page): Promise<number> =>
  Number(
    await page.evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    ),
  );
