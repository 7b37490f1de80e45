import { LEDGERS } from "../../support/ledgers.js";
import { describeLedger } from "./ledger-contract.js";

for (const [name, createLedger] of LEDGERS) describeLedger(name, createLedger);
