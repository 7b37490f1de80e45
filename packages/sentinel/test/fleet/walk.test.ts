/** A fleet of three real nodes to which things happen at random; the full form is `pnpm soak walk`. */
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { walk } from "../support/fleet-walk.js";
import { LiveFleet } from "../support/live-fleet.js";
import { Site } from "../support/site.js";

let site: Site;
beforeEach(() => {
  site = new Site();
});
afterEach(() => site.end());

describe.skipIf(!hasLitecoind())(
  "a fleet of nodes to which things happen",
  { timeout: 120_000 },
  () => {
    it("reports who is on another branch while it lasts, and falls silent when all is right", async () => {
      const { steps, faults } = await walk(await LiveFleet.start(site, 3), 7, 25);
      expect(faults, steps.join(", ")).toEqual([]);
    });
  },
);
