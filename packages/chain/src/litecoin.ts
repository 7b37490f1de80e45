/** Parameters of Litecoin: mainnet, testnet and regtest. */
import { bitcoin } from "./bitcoin.js";
import { deepFrozen } from "./internal/frozen.js";
import type { ChainParameters } from "./parameters.js";

const CORE = "Litecoin Core chainparams.cpp";

const SPACING_SECONDS = 150;

/**
 * No record of Litecoin's stale blocks is known here: Bitcoin's rate, four times as much because a block
 * that takes as long to spread meets a rival four times as often. An assumption.
 */
const STALE_RATE = (bitcoin.stale_rate * bitcoin.spacing_seconds) / SPACING_SECONDS;

/** Hash rate off what the difficulty was made for, by 10 % (standard deviation): an assumption. */
const RATE_VARIANCE = 0.01;

const MAX_BLOCK_BYTES = 1_000_000;

const COIN = 100_000_000;

/** Litecoin mainnet: a block every 2.5 minutes, one algorithm, a retarget every 2,016 blocks. */
export const litecoin: ChainParameters = deepFrozen({
  name: "litecoin",
  network: "main",
  spacing_seconds: SPACING_SECONDS,
  algorithms: [],
  stale_rate: STALE_RATE,
  rate_variance: RATE_VARIANCE,
  retarget_blocks: 2_016,
  outbound_peers: 10,
  max_block_bytes: MAX_BLOCK_BYTES,
  subsidy: { initial: 50 * COIN, halving_blocks: 840_000, source: CORE },
  genesis: {
    hash: "12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2",
    source: CORE,
  },
  addresses: { p2pkh_version: 48, p2sh_versions: [50, 5], hrp: "ltc", source: CORE },
});

/** Addresses of testnet and regtest, but for the human-readable part. */
const TEST_ADDRESSES = { p2pkh_version: 111, p2sh_versions: [58, 196], source: CORE };

/** Litecoin testnet (the fourth), with mainnet's rates; its pace is irregular, as a block of the least difficulty is allowed at times. */
export const litecoinTestnet: ChainParameters = deepFrozen({
  ...litecoin,
  name: "litecoin_testnet",
  network: "test",
  outbound_peers: undefined,
  genesis: {
    hash: "4966625a4b2851d9fdee139e56211a0d88575f59ed816ff5e6a63deb4e3e29a0",
    source: "getblockhash 0 of Litecoin Core 0.21.2",
  },
  addresses: { ...TEST_ADDRESSES, hrp: "tltc" },
});

/** Litecoin regtest: mainnet's rates, so that a rehearsal is judged as on mainnet. */
export const litecoinRegtest: ChainParameters = deepFrozen({
  name: "litecoin_regtest",
  network: "regtest",
  spacing_seconds: SPACING_SECONDS,
  algorithms: [],
  stale_rate: STALE_RATE,
  rate_variance: RATE_VARIANCE,
  retarget_blocks: 2_016,
  max_block_bytes: MAX_BLOCK_BYTES,
  subsidy: { initial: 50 * COIN, halving_blocks: 150, source: CORE },
  genesis: {
    hash: "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9",
    source: CORE,
  },
  addresses: { ...TEST_ADDRESSES, hrp: "rltc" },
});
