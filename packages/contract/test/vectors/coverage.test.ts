import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  inputBytes,
  loadClauses,
  loadVectors,
  SUITES,
  vectorsFolder,
} from "../../src/adapters/vectors/index.js";
import type { ContractErrorCode } from "../../src/index.js";

/** Clauses of each section of contract v3, counted in the order of its text. */
const CLAUSES_OF_SECTION = { 1: 4, 2: 5, 3: 6, 4: 3, 5: 6, 6: 6, 7: 8, 8: 6, 9: 3 };

/** Codes of this package that bytes can cause, and those that only a value in memory can. */
const REFUSALS: Record<ContractErrorCode, "bytes" | "memory"> = {
  payload_too_large: "bytes",
  depth_exceeded: "bytes",
  duplicate_key: "bytes",
  bad_number: "bytes",
  invalid_json: "bytes",
  invalid_utf8: "bytes",
  byte_order_mark: "bytes",
  lone_surrogate: "bytes",
  noncharacter: "bytes",
  forbidden_key: "bytes",
  not_plain: "memory",
  cycle: "memory",
  invalid_amount: "bytes",
  invalid_decimal: "bytes",
  invalid_envelope: "bytes",
};

const DQSN_CODES = [
  "DQSN_OK_ALLOW",
  "DQSN_WARN",
  "DQSN_BLOCK",
  "DQSN_ERROR_PAYLOAD_TOO_LARGE",
  "DQSN_ERROR_DEPTH_EXCEEDED",
  "DQSN_ERROR_DUPLICATE_KEY",
  "DQSN_ERROR_BAD_NUMBER",
  "DQSN_ERROR_INVALID_REQUEST",
  "DQSN_ERROR_SCHEMA_VERSION",
  "DQSN_ERROR_UNKNOWN_TOP_LEVEL_KEY",
  "DQSN_ERROR_NO_SIGNALS",
  "DQSN_ERROR_SIGNAL_TOO_MANY",
  "DQSN_ERROR_SIGNAL_INVALID",
  "DQSN_ERROR_SIGNAL_CONFLICT",
  "DQSN_ERROR_RESPONSE_TOO_LARGE",
  "DQSN_ERROR_CONSTRAINT_UNMET",
];

const files = SUITES.map(loadVectors);
const cases = files.flatMap((file) => file.cases);
const covered = new Set(cases.map(({ clause }) => clause));

const clausesOfContract = Object.entries(CLAUSES_OF_SECTION).flatMap(([section, count]) =>
  Array.from({ length: count }, (_, i) => `contract v3, section ${section}.${i + 1}`),
);

describe("the vectors", () => {
  it("cover every clause of contract v3, sections 1 to 9", () => {
    expect(clausesOfContract.filter((clause) => !covered.has(clause))).toEqual([]);
  });

  it("name clauses that exist, and leave none without a case", () => {
    const known = loadClauses().clauses.map(({ id }) => id);
    expect([...covered].sort()).toEqual([...known].sort());
    expect(known).toEqual(expect.arrayContaining(clausesOfContract));
  });

  it("cover every refusal that bytes can cause", () => {
    const seen = new Set(cases.map(({ expect: said }) => said["code"]));
    const wanted = Object.entries(REFUSALS).filter(([, cause]) => cause === "bytes");
    expect(wanted.filter(([code]) => !seen.has(code))).toEqual([]);
  });

  it("cover every reason code of DQSN", () => {
    const seen = new Set(cases.flatMap(({ expect: said }) => said["reason_codes"] ?? []));
    expect(DQSN_CODES.filter((code) => !seen.has(code))).toEqual([]);
  });

  it.each(files)("of $suite have ids of their own and the suite's name", (file) => {
    const ids = file.cases.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(existsSync(join(vectorsFolder(), `${file.suite}.json`))).toBe(true);
  });

  it("are all in a file that a suite reads", async () => {
    const found = (await readdir(vectorsFolder())).filter((name) => name.endsWith(".json"));
    expect(found.sort()).toEqual([...SUITES, "clauses"].map((name) => `${name}.json`).sort());
  });

  it("agree on one hash for one content, in any order and formatting", () => {
    const { cases: requests } = loadVectors("dqsn-evaluate");
    const same = requests.filter(({ id }) => /^(order|formatting)-/.test(id));
    const inputs = new Set(same.map(({ input }) => Buffer.from(inputBytes(input)).toString()));
    expect(inputs.size).toBe(6);
    expect(new Set(same.map(({ expect: said }) => said["context_hash"])).size).toBe(1);
  });
});
