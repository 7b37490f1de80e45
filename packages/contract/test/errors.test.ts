import { describe, expect, it } from "vitest";
import { SigningError } from "../src/adapters/signing/index.js";
import { ContractError, ShieldError } from "../src/index.js";
import { onObjects, polluted } from "./support/pollution.js";

describe("ShieldError", () => {
  it("is the base of every error class of this package", () => {
    for (const error of [
      new ContractError("not_plain", "/a", "not data"),
      new SigningError("invalid_key", "/a", "not data"),
    ]) {
      expect(error).toBeInstanceOf(ShieldError);
      expect(error).toMatchObject({ path: "/a", detail: "not data" });
      expect(error.message).toBe("not data at /a");
    }
  });

  it.each([
    [{ code: "a" }, "a"],
    [{ code: "a", path: "" }, "a"],
    [{ code: "a", path: "/b" }, "a at /b"],
    [{ code: "a", path: "/b", detail: "not a number" }, "not a number at /b"],
  ])("describes %j as %s", (facts, message) => {
    expect(new ShieldError(facts)).toMatchObject({ message, name: "ShieldError", code: "a" });
  });

  it("takes a message and a cause", () => {
    const cause = new Error("inner");
    expect(new ShieldError({ code: "a", cause }, "other words")).toMatchObject({
      message: "other words",
      cause,
    });
  });

  it.each(["path", "detail", "cause"])("inherits no %s", (name) => {
    const error = polluted(onObjects(name, "foreign"), () => new ShieldError({ code: "a" }));
    expect(Object.values(error)).not.toContain("foreign");
    expect(error.message).toBe("a");
  });
});
