/** Parameters of Litecoin, mainnet and regtest. */
import { bitcoin } from "./bitcoin.js";
import { deepFrozen } from "./internal/frozen.js";
import type { ChainParameters } from "./parameters.js";

const SPACING_SECONDS = 150;

/**
 * No record of Litecoin's stale blocks is known here: Bitcoin's rate, four times as much because a block
 * that takes as long to spread meets a rival four times as often. An assumption.
 */
const STALE_RATE = (bitcoin.stale_rate * bitcoin.spacing_seconds) / SPACING_SECONDS;

/** Hash rate off what the difficulty was made for, by 10 % (standard deviation): an assumption. */
const RATE_VARIANCE = 0.01;

/** Litecoin mainnet: a block every 2.5 minutes, one algorithm, a retarget every 2,016 blocks. */
export const litecoin: ChainParameters = deepFrozen({
  name: "litecoin",
  spacing_seconds: SPACING_SECONDS,
  algorithms: [],
  stale_rate: STALE_RATE,
  rate_variance: RATE_VARIANCE,
  retarget_blocks: 2_016,
  outbound_peers: 10,
});

/** Litecoin regtest: mainnet's rates, so that what is rehearsed here is judged as it would be there. */
export const litecoinRegtest: ChainParameters = deepFrozen({
  name: "litecoin_regtest",
  spacing_seconds: SPACING_SECONDS,
  algorithms: [],
  stale_rate: STALE_RATE,
  rate_variance: RATE_VARIANCE,
  retarget_blocks: 2_016,
});
