/** Parameters of Bitcoin, mainnet and regtest. */
import { deepFrozen } from "./internal/frozen.js";
import type { ChainParameters } from "./parameters.js";

/**
 * 1,914 stale blocks are on record up to height 935,976 (the bitcoin-data/stale-blocks dataset of
 * February 2026): 0.0020. The record is incomplete, so this is a lower bound.
 */
const STALE_RATE = 1_914 / 935_976;

/** Hash rate off what the difficulty was made for, by 10 % (standard deviation): an assumption. */
const RATE_VARIANCE = 0.01;

/** Bitcoin mainnet: a block every 10 minutes, one algorithm, a retarget every 2,016 blocks. */
export const bitcoin: ChainParameters = deepFrozen({
  name: "bitcoin",
  spacing_seconds: 600,
  algorithms: [],
  stale_rate: STALE_RATE,
  rate_variance: RATE_VARIANCE,
  retarget_blocks: 2_016,
  outbound_peers: 10,
});

/** Bitcoin regtest: mainnet's rates, so that what is rehearsed here is judged as it would be there. */
export const bitcoinRegtest: ChainParameters = deepFrozen({
  name: "bitcoin_regtest",
  spacing_seconds: 600,
  algorithms: [],
  stale_rate: STALE_RATE,
  rate_variance: RATE_VARIANCE,
  retarget_blocks: 2_016,
});
