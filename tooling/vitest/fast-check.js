/**
 * fast-check for the tests. Short forms draw from one seed, so that a run can be repeated; `SEED=n` gives another one. Full
 * forms (`FULL=1`) draw from a new one each time, which a failure names.
 */
import { createRequire } from "node:module";

const fc = createRequire(import.meta.url)("fast-check").default;

const { FULL, SEED } = process.env;
if (SEED !== undefined || FULL !== "1") fc.configureGlobal({ seed: Number(SEED ?? 1) });

export default fc;
