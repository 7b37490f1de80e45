/**
 * Published figures of DigiByte's Groestl incident of June 2026, from DigiByte Core's reports
 * GROESTL_INCIDENT_AND_FIX.md, GROESTL_INCIDENT_v9.26.2.md and GROESTL_FORENSIC_UPDATE_2026-06-30.md.
 */

const utc = (text: string): number => Date.parse(`${text}Z`) / 1000;

/** Heights, times (seconds since 1970, UTC) and counts as published. */
export const GROESTL_FIGURES = {
  last_shared: { height: 23_751_095, time_s: utc("2026-06-28T16:40:01") },
  first_groestl: {
    height: 23_751_096,
    time_s: utc("2026-06-28T16:40:05"),
    hash: "b2749cf0462eb6c35bf5f8f1d75f4891e62d3ca1d9861fac48b46c05ba078283",
    version: 0x00000400,
  },
  /** Where a pool joined. */
  pool_joins: { height: 23_761_181, time_s: utc("2026-06-30T04:09:08") },
  attacker_last: { height: 23_761_237, time_s: utc("2026-06-30T04:21:05") },
  second_pool_block: { height: 23_766_054 },
  window_end: { height: 23_766_084, time_s: utc("2026-06-30T21:09:17") },
  attacker_blocks: 1_514,
  pool_blocks: 808,
  second_pool_blocks: 1,
  /** Version of later Groestl blocks. */
  later_version: 0x20000402,
  deepest_reorg: 4,
} as const;
