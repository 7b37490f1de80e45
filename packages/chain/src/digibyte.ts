/** Parameters of DigiByte: mainnet, testnet and regtest. */
import { deepFrozen } from "./internal/frozen.js";
import type { AddressFormat, ChainParameters, ConsensusChange } from "./parameters.js";

const CORE_8_22 = "DigiByte Core 8.22 chainparams.cpp";
const CORE_9_26 = "DigiByte Core 9.26 kernel/chainparams.cpp";
const RELEASE_9_26_6 = "DigiByte Core 9.26.6";

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

/** Addresses of testnet and regtest, but for the human-readable part. */
const TEST_ADDRESSES = { p2pkh_version: 126, p2sh_versions: [140], source: CORE_8_22 };

const MAINNET_ADDRESSES: AddressFormat = {
  p2pkh_version: 30,
  // 63 is written with "S"; 5 is the older form of the same, written with "3".
  p2sh_versions: [63, 5],
  hrp: "dgb",
  source: CORE_8_22,
};

/** The calendar of mainnet. What happened at its last height is not in these sources. */
const CONSENSUS_CHANGES: readonly ConsensusChange[] = [
  {
    name: "multi_algorithm",
    height: 145_000,
    summary: "blocks are mined by five algorithms, each with a difficulty of its own",
    from_version: null,
    source: CORE_8_22,
  },
  {
    name: "multishield",
    height: 400_000,
    summary: "MultiShield: every block moves the difficulty of every algorithm",
    from_version: null,
    source: CORE_8_22,
  },
  {
    name: "digispeed",
    height: 1_430_000,
    summary: "DigiSpeed: a block every 15 s; block work is a mean over the algorithms",
    from_version: null,
    source: CORE_8_22,
  },
  {
    name: "segwit",
    height: 4_394_880,
    summary: "segregated witness, with BIP 34, 65, 66 and relative lock times",
    from_version: null,
    source: CORE_8_22,
  },
  {
    name: "reserve_algorithm_bits",
    height: 8_547_840,
    summary: "the algorithm bits of a version are reserved; before, unknown bits meant scrypt",
    from_version: null,
    source: CORE_8_22,
  },
  {
    name: "odocrypt",
    height: ODOCRYPT_HEIGHT,
    summary: "Odocrypt takes the place of Groestl; its shape changes every ten days",
    from_version: "7.17",
    source: CORE_8_22,
  },
  {
    name: "taproot",
    height: 21_168_000,
    summary: "Taproot (BIP 340 to 342)",
    from_version: "8",
    source: CORE_9_26,
  },
  {
    name: "groestl_backstop",
    height: 23_808_000,
    summary: "blocks of a retired or unknown algorithm are refused; those below stay valid",
    from_version: "9.26.2",
    source: CORE_9_26,
  },
  {
    name: "algolock_and_digidollar",
    height: 23_869_440,
    summary: "AlgoLock (version bit 0) and DigiDollar (version bit 23) are active",
    from_version: "9.26.2",
    source: CORE_9_26,
  },
  {
    name: "thaw_day",
    height: 24_490_000,
    summary: "new rules for blocks with DigiDollar; nodes before 9.26.6 can split off",
    from_version: "9.26.6",
    source: RELEASE_9_26_6,
  },
];

const MAX_BLOCK_BYTES = 1_000_000;

/** Odocrypt takes a new shape every ten days; its miners load a new bitstream, which takes minutes to an hour. */
const SHAPE_CHANGE_SECONDS = 864_000;

/** Eight full-relay and two block-relay connections, as in Bitcoin Core, whose network code it shares. */
const OUTBOUND_PEERS = 10;

/**
 * DigiByte mainnet: a block every 15 s over five algorithms. Groestl was retired and Odocrypt came in
 * at height 9,112,320. The others are older than that: they are taken to be active at any height below.
 */
export const digibyte: ChainParameters = deepFrozen({
  name: "digibyte",
  network: "main",
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
  max_block_bytes: MAX_BLOCK_BYTES,
  shape_changes: {
    algorithm: "odo",
    interval_seconds: SHAPE_CHANGE_SECONDS,
    settle_seconds: 3_600,
    source: CORE_8_22,
  },
  genesis: {
    hash: "7497ea1b465eb39f1c8f507bc877078fe016d6fcb6dfad3a64c98dcc6e1e8496",
    source: CORE_8_22,
  },
  addresses: MAINNET_ADDRESSES,
  consensus_changes: [...CONSENSUS_CHANGES],
});

/**
 * DigiByte testnet: spacing and addresses. Its genesis and the heights of its algorithms differ by version,
 * so neither is given. The rates are mainnet's.
 */
export const digibyteTestnet: ChainParameters = deepFrozen({
  name: "digibyte_testnet",
  network: "test",
  spacing_seconds: 15,
  algorithms: [],
  stale_rate: STALE_RATE,
  rate_variance: RATE_VARIANCE,
  retarget_blocks: 50,
  addresses: { ...TEST_ADDRESSES, hrp: "dgbt" },
});

/**
 * DigiByte regtest of the 8.22 line: scrypt alone up to height 290, then five algorithms; Groestl is retired
 * and Odocrypt active for blocks above 2,000 (other heights from 8.26 on). A regtest has no stale rate of its own: mainnet's is taken, so that
 * what is rehearsed here is judged as it would be there.
 */
export const digibyteRegtest: ChainParameters = deepFrozen({
  name: "digibyte_regtest",
  network: "regtest",
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
  max_block_bytes: MAX_BLOCK_BYTES,
  genesis: {
    hash: "4598a0f2b823aaf9e77ee6d5e46f1edb824191dcd48b08437b7cec17e6ae6e26",
    source: CORE_8_22,
  },
  addresses: { ...TEST_ADDRESSES, hrp: "dgbrt" },
});

/**
 * DigiByte regtest from 8.26 on: several algorithms for blocks above 100, Odocrypt in Groestl's place above
 * 600. The genesis is that of the 8.22 line, so the version of the node distinguishes the two.
 */
export const digibyteRegtest26: ChainParameters = deepFrozen({
  ...digibyteRegtest,
  name: "digibyte_regtest_26",
  algorithms: [
    { name: "scrypt", bits: 0, active_from: 0, retired_at: null },
    { name: "sha256d", bits: 2, active_from: 101, retired_at: null },
    { name: "groestl", bits: 4, active_from: 101, retired_at: 601 },
    { name: "skein", bits: 6, active_from: 101, retired_at: null },
    { name: "qubit", bits: 8, active_from: 101, retired_at: null },
    { name: "odo", bits: 14, active_from: 601, retired_at: null },
  ],
});
