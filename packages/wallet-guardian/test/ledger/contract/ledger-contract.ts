/** The contract of every ledger: what the port's docs guarantee, run against each adapter. */
import { afterEach, beforeEach, describe } from "vitest";
import type { Ledger } from "../../../src/ports.js";
import { describeClock } from "./clock.js";
import { describeErasure } from "./erasure.js";
import { callsOf, type Calls } from "./fixtures.js";
import { describeFreezes } from "./freezes.js";
import { describeKnown } from "./known.js";
import { describePayments } from "./payments.js";
import { describeRecords } from "./records.js";
import { describeRetention } from "./retention.js";
import { describeWindows } from "./windows.js";

const PARTS: readonly ((calls: Calls) => void)[] = [
  describeWindows,
  describePayments,
  describeFreezes,
  describeKnown,
  describeRecords,
  describeClock,
  describeRetention,
  describeErasure,
];

/** Declares the suite for one kind of ledger; each test has one of its own. */
export function describeLedger(name: string, createLedger: () => Ledger): void {
  describe(`ledger contract: ${name}`, () => {
    let ledger: Ledger;
    beforeEach(() => {
      ledger = createLedger();
    });
    afterEach(() => ledger.close());
    const current = () => ledger;
    for (const declare of PARTS) declare({ ...callsOf(current), ledger: current });
  });
}
