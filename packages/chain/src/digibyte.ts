/** Parameters of DigiByte, mainnet and regtest, from DigiByte Core 7.17.3 and 8.22. */
import { deepFrozen } from "./internal/frozen.js";
import type { ChainParameters } from "./parameters.js";

const ODOCRYPT_HEIGHT = 9_112_320;
const REGTEST_MULTI_ALGORITHM = 291;
const REGTEST_ODOCRYPT = 2_001;

/**
 * 106 side branches in the 14,983 blocks of the Groestl incident (DigiByte Core's incident reports, 28 to
 * 30 June 2026): 0.0071. The network was split then, so on an ordinary day it is less: an upper bound.
 */
const STALE_RATE = 106 / 14_983;

/**
 * What MultiShield's steps of 4 % an algorithm make of the rate of blocks by chance alone: fitted to the
 * gaps of an honest chain simulated for three years, of which 44 are longer than 218 s, where a constant
 * rate would show 3.
 */
const RATE_VARIANCE = 0.032;

/** Eight full-relay and two block-relay connections, as in Bitcoin Core, whose network code it shares. */
const OUTBOUND_PEERS = 10;

/**
 * DigiByte mainnet: a block every 15 s over five algorithms. Groestl was retired and Odocrypt came in
 * at height 9,112,320. The others are older than that; since when, this table does not say, so it takes
 * them for active at any height below.
 */
export const digibyte: ChainParameters = deepFrozen({
  name: "digibyte",
  spacing_seconds: 15,
  algorithms: [
    { name: "scrypt", bits: 0, active_from: 0, retired_at: null },
    { name: "sha256d", bits: 2, active_from: 0, retired_at: null },
    { name: "groestl", bits: 4, active_from: 0, retired_at: ODOCRYPT_HEIGHT },
    { name: "skein", bits: 6, active_from: 0, retired_at: null },
    { name: "qubit", bits: 8, active_from: 0, retired_at: null },
    { name: "odo", bits: 14, active_from: ODOCRYPT_HEIGHT, retired_at: null },
  ],
  stale_rate: STALE_RATE,
  rate_variance: RATE_VARIANCE,
  retarget_blocks: 50,
  algorithm_shares: "equal",
  outbound_peers: OUTBOUND_PEERS,
});

/**
 * DigiByte testnet: spacing alone. From which heights its algorithms are active is not in the sources of
 * this table, so it names none: `retired_algorithm` and `algo_share` do not run there. The rates are
 * mainnet's.
 */
export const digibyteTestnet: ChainParameters = deepFrozen({
  name: "digibyte_testnet",
  spacing_seconds: 15,
  algorithms: [],
  stale_rate: STALE_RATE,
  rate_variance: RATE_VARIANCE,
  retarget_blocks: 50,
});

/**
 * DigiByte regtest: scrypt alone up to height 290, then five algorithms; Groestl is retired and Odocrypt
 * active for blocks above 2,000. A regtest has no stale rate of its own: mainnet's is taken, so that
 * what is rehearsed here is judged as it would be there.
 */
export const digibyteRegtest: ChainParameters = deepFrozen({
  name: "digibyte_regtest",
  spacing_seconds: 15,
  algorithms: [
    { name: "scrypt", bits: 0, active_from: 0, retired_at: null },
    { name: "sha256d", bits: 2, active_from: REGTEST_MULTI_ALGORITHM, retired_at: null },
    {
      name: "groestl",
      bits: 4,
      active_from: REGTEST_MULTI_ALGORITHM,
      retired_at: REGTEST_ODOCRYPT,
    },
    { name: "skein", bits: 6, active_from: REGTEST_MULTI_ALGORITHM, retired_at: null },
    { name: "qubit", bits: 8, active_from: REGTEST_MULTI_ALGORITHM, retired_at: null },
    { name: "odo", bits: 14, active_from: REGTEST_ODOCRYPT, retired_at: null },
  ],
  stale_rate: STALE_RATE,
  rate_variance: RATE_VARIANCE,
  retarget_blocks: 50,
});
