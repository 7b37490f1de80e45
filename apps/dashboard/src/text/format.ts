/** Numbers, times and durations as a person reads them. All times are UTC. */

const DAY_MS = 86_400_000;

/** `14:05:10`, or `28 Jun 16:40:05` where that is another day than `nowMs`. */
export function timeText(ms: number, nowMs: number): string {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return "—";
  const iso = new Date(ms).toISOString();
  const clock = iso.slice(11, 19);
  const isSameDay = Math.floor(ms / DAY_MS) === Math.floor(nowMs / DAY_MS);
  if (isSameDay) return clock;
  const year =
    iso.slice(0, 4) === new Date(nowMs).toISOString().slice(0, 4) ? "" : ` ${iso.slice(0, 4)}`;
  return `${Number(iso.slice(8, 10))} ${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ""}${year} ${clock}`;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `32 s`, `5 min`, `3 h 20 min`, `2 d 4 h`; of what is negative, 0 s. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 36) return withRest(hours, "h", minutes % 60, "min");
  return withRest(Math.floor(hours / 24), "d", hours % 24, "h");
}

const withRest = (whole: number, unit: string, rest: number, restUnit: string): string =>
  rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${restUnit}`;

/** `23751096` → `23,751,096`; decimals stay as they are. */
export function grouped(number: number | string): string {
  const [whole = "", fraction] = String(number).split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? text : `${text}.${fraction}`;
}

/** `1 node`, `2 nodes`. */
export const counted = (count: number, noun: string): string =>
  `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;

/** `a`, `a and b`, `a, b and c`; beyond `most` the rest is counted. */
export function listed(names: readonly string[], most = 6): string {
  if (names.length > most) {
    return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
  }
  return names.length < 2
    ? names.join("")
    : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

/** A text without control characters and marks that turn the direction of writing. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "\uFFFD");

const UNITS: Readonly<Record<string, string>> = {
  digibyte: "DGB",
  bitcoin: "BTC",
  litecoin: "LTC",
};

/** Unit of amounts on a chain; "coins" where the chain is none of these. */
export const unitOf = (chain: string): string => {
  const name = chain.split("_")[0] ?? "";
  return Object.hasOwn(UNITS, name) ? (UNITS[name] ?? "coins") : "coins";
};

/** `retired_algorithm` → `retired algorithm`. */
export const words = (code: string): string => code.replaceAll("_", " ");
