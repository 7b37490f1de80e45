/** Makes the unsigned transaction of a PSBT of version 2 (BIP 370). */
import { cursorOf } from "./cursor.js";
import { displayed } from "./bytes.js";
import { FIELD } from "./psbt-fields.js";
import { optionalWordIn, type PsbtMap, type PsbtMaps, required, wordIn } from "./psbt-maps.js";
import { Refusal } from "./refusal.js";
import { MAX_AMOUNT, readTransaction, type WireTransaction, writeStripped } from "./wire.js";

const FINAL_SEQUENCE = 0xffff_ffff;
/** Lock times from here on are seconds since 1970, below they are heights. */
const FIRST_TIME = 500_000_000;

/** The unsigned transaction that the maps of version 2 describe. */
export function unsignedOfV2({ global, inputs, outputs }: PsbtMaps): WireTransaction {
  return readTransaction(
    writeStripped({
      version: wordIn(global, FIELD.transactionVersion),
      inputs: inputs.map((map) => ({
        txid: displayed(hashIn(map)),
        vout: wordIn(map, FIELD.outputIndex),
        sequence: optionalWordIn(map, FIELD.sequence) ?? FINAL_SEQUENCE,
      })),
      outputs: outputs.map((map) => ({
        amount: amountIn(map),
        script: required(map, FIELD.outputScript),
      })),
      locktime: locktimeOf(global, inputs),
    }),
    "",
    "stripped",
  );
}

/** Whether inputs or outputs may still be added, or one signature covers one output alone. */
export const isModifiable = ({ values }: PsbtMap): boolean =>
  values.get(FIELD.modifiable)?.some((byte) => byte !== 0) ?? false;

function hashIn(map: PsbtMap): Uint8Array {
  const hash = required(map, FIELD.previousTxid);
  if (hash.length !== 32) throw new Refusal("psbt_field", map.path);
  return hash;
}

function amountIn(map: PsbtMap): bigint {
  const value = required(map, FIELD.outputAmount);
  if (value.length !== 8) throw new Refusal("psbt_field", map.path);
  const amount = cursorOf(value, map.path).u64();
  if (amount > MAX_AMOUNT) throw new Refusal("amount_out_of_range", map.path);
  return amount;
}

/** The least lock time that satisfies all inputs; a height where both would do. */
function locktimeOf(global: PsbtMap, inputs: readonly PsbtMap[]): number {
  const limits = inputs
    .map((map) => ({ height: heightIn(map), time: timeIn(map) }))
    .filter(({ height, time }) => height !== undefined || time !== undefined);
  if (limits.length === 0) return optionalWordIn(global, FIELD.fallbackLocktime) ?? 0;
  const heights = limits.flatMap(({ height }) => height ?? []);
  if (heights.length === limits.length) return Math.max(...heights);
  const times = limits.flatMap(({ time }) => time ?? []);
  // [REFUSE psbt_locktime] one input needs a height and another a time
  if (times.length !== limits.length) throw new Refusal("psbt_locktime", "/inputs");
  return Math.max(...times);
}

function heightIn(map: PsbtMap): number | undefined {
  const height = optionalWordIn(map, FIELD.heightLocktime);
  if (height !== undefined && (height === 0 || height >= FIRST_TIME)) {
    throw new Refusal("psbt_field", map.path);
  }
  return height;
}

function timeIn(map: PsbtMap): number | undefined {
  const time = optionalWordIn(map, FIELD.timeLocktime);
  if (time !== undefined && time < FIRST_TIME) throw new Refusal("psbt_field", map.path);
  return time;
}
