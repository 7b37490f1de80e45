import type { Finding, SentinelReport } from "@dgb-shield/contract";
import type { FleetReport, FollowedBranch } from "@dgb-shield/sentinel";
import { describe, expect, it } from "vitest";
import { creditOf, type CreditFacts } from "../../../src/service/runtime/history/credit.js";
import type { SideTip } from "../../../src/service/service.js";

const nodeAt = (node_id: string, height: number, is_watched = true) => ({
  ...{ node_id, height, is_watched, software: "/Core:8.26/" },
});
const branch = (height: number, nodes: FollowedBranch["nodes"], fork: number | null = null) => ({
  ...{ tip_hash: "a".repeat(64), tip_height: height, chainwork: null, fork_height: fork, nodes },
});
const MAIN = branch(100, [nodeAt("a", 100), nodeAt("b", 99), nodeAt("c", 100)]);
const together = (branches: readonly FollowedBranch[], findings: readonly Finding[] = []) =>
  ({ branches, findings }) as unknown as FleetReport;
const finding = (severity: number, evidence: Finding["evidence"]) =>
  ({ detector: "rival_chain", severity, evidence }) as unknown as Finding;
const reported = (one: Finding) => ({ findings: [one] }) as unknown as SentinelReport;
const tip = (height: number, fork_height: number | null, status = "valid-fork"): SideTip => ({
  ...{ hash: "b".repeat(64), height, fork_height, status, nodes: ["a"] },
});

const credit = (facts: Partial<CreditFacts> = {}) =>
  creditOf({
    ...{ together: together([MAIN]), reports: [], tips: [], min_fresh_nodes: 2 },
    fresh: new Set(["a", "b", "c"]),
    ...facts,
  });

describe("creditOf", () => {
  it("is the lowest height of the nodes with a fresh report", () => {
    expect(credit().height).toBe(99);
    expect(credit({ fresh: new Set(["a", "c"]) }).height).toBe(100);
  });

  it("stays below what parts from the chain: a branch that a node follows, a living side tip, a severe finding", () => {
    const parted = together([MAIN, branch(97, [nodeAt("d", 97)], 95)]);
    expect(credit({ together: parted })).toEqual({
      ...{ height: 95, reason: "above it d follows another chain" },
    });
    expect(credit({ tips: [tip(98, 96), tip(120, 91, "invalid")] }).height).toBe(91);
    expect(credit({ reports: [reported(finding(0.9, { first_height: 90 }))] }).height).toBe(89);
    expect(credit({ together: together([MAIN], [finding(0.7, { fork_height: 80 })]) }).height).toBe(
      80,
    );
  });

  it("disregards side tips that were left long ago, and mild findings", () => {
    expect(credit({ tips: [tip(93, 92), tip(50, null)] }).height).toBe(99);
    expect(credit({ reports: [reported(finding(0.4, { first_height: 90 }))] }).height).toBe(99);
  });

  it.each([
    ["no chain was shown", { together: null }, /no own node has shown/],
    ["fewer nodes are fresh than required", { fresh: new Set(["a"]) }, /1 of 2 own nodes/],
    [
      "no fresh node is on the chain of most work",
      { fresh: new Set(["x", "y"]) },
      /no own node on/,
    ],
    ["another process watches the nodes", { tips: null }, /another process/],
    [
      "branches part at an unknown block",
      { together: together([MAIN, branch(99, [nodeAt("d", 99)])]) },
      /where these part is not known/,
    ],
    [
      "a living side tip begins at an unknown block",
      { tips: [tip(101, null)] },
      /begins is not known/,
    ],
    [
      "a severe finding names no block",
      { reports: [reported(finding(0.9, { header_height: 300 }))] },
      /rival chain has found/,
    ],
  ] as const)("is none where %s", (_, facts, reason) => {
    const answer = credit(facts);
    expect(answer.height).toBeNull();
    expect(answer.reason).toMatch(reason);
  });
});
