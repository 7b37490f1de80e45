/** Parameters of Bitcoin: mainnet, testnet and regtest. */
import { deepFrozen } from "./internal/frozen.js";
import type { ChainParameters } from "./parameters.js";

const CORE = "Bitcoin Core chainparams.cpp";

/**
 * 1,914 stale blocks are on record up to height 935,976 (the bitcoin-data/stale-blocks dataset of
 * February 2026): 0.0020. The record is incomplete, so this is a lower bound.
 */
const STALE_RATE = 1_914 / 935_976;

/** Hash rate off what the difficulty was made for, by 10 % (standard deviation): an assumption. */
const RATE_VARIANCE = 0.01;

const MAX_BLOCK_BYTES = 1_000_000;

const COIN = 100_000_000;

/** Bitcoin mainnet: a block every 10 minutes, one algorithm, a retarget every 2,016 blocks. */
export const bitcoin: ChainParameters = deepFrozen({
  name: "bitcoin",
  network: "main",
  spacing_seconds: 600,
  algorithms: [],
  stale_rate: STALE_RATE,
  rate_variance: RATE_VARIANCE,
  retarget_blocks: 2_016,
  outbound_peers: 10,
  max_block_bytes: MAX_BLOCK_BYTES,
  subsidy: { initial: 50 * COIN, halving_blocks: 210_000, source: CORE },
  genesis: {
    hash: "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
    source: CORE,
  },
  addresses: { p2pkh_version: 0, p2sh_versions: [5], hrp: "bc", source: CORE },
});

/** Addresses of testnet and regtest, but for the human-readable part. */
const TEST_ADDRESSES = { p2pkh_version: 111, p2sh_versions: [196], source: CORE };

/**
 * Bitcoin testnet (the third), with mainnet's rates. Its pace is irregular: a block of the least difficulty is
 * allowed 20 minutes after the one before.
 */
export const bitcoinTestnet: ChainParameters = deepFrozen({
  ...bitcoin,
  name: "bitcoin_testnet",
  network: "test",
  outbound_peers: undefined,
  genesis: {
    hash: "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
    source: CORE,
  },
  addresses: { ...TEST_ADDRESSES, hrp: "tb" },
});

/** Bitcoin regtest: mainnet's rates, so that a rehearsal is judged as on mainnet. */
export const bitcoinRegtest: ChainParameters = deepFrozen({
  name: "bitcoin_regtest",
  network: "regtest",
  spacing_seconds: 600,
  algorithms: [],
  stale_rate: STALE_RATE,
  rate_variance: RATE_VARIANCE,
  retarget_blocks: 2_016,
  max_block_bytes: MAX_BLOCK_BYTES,
  subsidy: { initial: 50 * COIN, halving_blocks: 150, source: CORE },
  genesis: {
    hash: "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
    source: CORE,
  },
  addresses: { ...TEST_ADDRESSES, hrp: "bcrt" },
});
