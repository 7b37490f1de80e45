import { describe, expect, it } from "vitest";
import type { Mode } from "../../../src/service/config/schema.js";
import { modeOf } from "../../../src/service/config/service-config.js";

describe("the mode of a wallet", () => {
  const config = (mode: Mode, hot: Mode) => ({ mode, wallets: new Map([["hot", hot]]) });

  it("is its own, else the deployment's", () => {
    expect(modeOf(config("observe", "enforce"), "hot")).toBe("enforce");
    expect(modeOf(config("observe", "enforce"), "cold")).toBe("observe");
    expect(modeOf(config("enforce", "observe"), "hot")).toBe("observe");
  });

  it("of a request that names no wallet is enforce where any wallet is enforced", () => {
    expect(modeOf(config("observe", "enforce"), "")).toBe("enforce");
    expect(modeOf(config("enforce", "observe"), "")).toBe("enforce");
    expect(modeOf(config("observe", "observe"), "")).toBe("observe");
  });
});
