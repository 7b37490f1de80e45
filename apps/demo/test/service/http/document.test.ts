import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCESS } from "../../../src/service/http/access.js";
import { apiPage, type Document } from "../../support/api-page.js";
import { type HttpService, startHttpService } from "../../support/http-service.js";

const DOCS = join(import.meta.dirname, "../../../../../docs");

let http: HttpService;
let document: Document;
beforeAll(async () => {
  http = await startHttpService();
  document = (await http.call("GET /v1/openapi.json", { key: null })).body;
});
afterAll(() => http.close());

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  it("is the one in docs (vitest -u writes it)", async () => {
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot(
      join(DOCS, "openapi.json"),
    );
  });

  it("has exactly the routes of the table of access, with their roles", () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => [
        `${method.toUpperCase()} ${path}`,
        operation["x-roles"],
      ]),
    );
    const table = Object.entries(ACCESS).map(([id, { roles }]) => [
      id,
      roles === "public" ? [] : roles,
    ]);
    expect(described.sort()).toEqual(table.sort());
  });

  it("names every operation once, describes every parameter, and refers to nothing that is missing", () => {
    const text = JSON.stringify(document);
    const ids = [...text.matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const { schemas } = (document as unknown as { components: { schemas: object } }).components;
    const referred = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, id]) => id!);
    expect([...new Set(referred)].sort()).toEqual(Object.keys(schemas).sort());
    expect(text).not.toContain("\\\\p{");
  });

  it("is what docs/api.md shows (vitest -u writes it)", async () => {
    await expect(apiPage(document)).toMatchFileSnapshot(join(DOCS, "api.md"));
    expect(readFileSync(join(DOCS, "api.md"), "utf8")).toContain("`PUT /v1/payments/{id}`");
  });

  it("is shown by a page that loads nothing from elsewhere", async () => {
    const page = await http.call("GET /docs", { key: null });
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/(src|href)="(https?:)?\/\//);
    const policy = page.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*/);
    for (const [, path] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await http.call(`GET ${path}`, { key: null })).status).toBe(200);
    }
  });
});
