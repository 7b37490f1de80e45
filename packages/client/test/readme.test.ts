import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeReadme } from "@dgb-shield/testkit/readme";
import { afterAll } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "shield-client-readme-"));
process.env["APPROVER_FOLDER"] = folder;
process.env["USED_FOLDER"] = join(folder, "used");
mkdirSync(join(folder, "used"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeReadme(join(import.meta.dirname, ".."));
