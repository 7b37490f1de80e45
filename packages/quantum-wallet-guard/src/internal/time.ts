/** Accepts times in milliseconds; seconds and microseconds are recognised by their size (design, section 8). */
import { checkTimeMs, EARLIEST_TIME_MS, END_OF_TIME_MS } from "@dgb-shield/contract";

const THOUSAND = 1_000;

/** Whether a time lies where clocks can be: 2009 to 2100. */
export const isPresentMs = (value: number): boolean =>
  value >= EARLIEST_TIME_MS && value < END_OF_TIME_MS;

/** Whether a value can be a time: a safe integer from 0 that is not the present time in another unit. */
export const isTime = (value: unknown): value is number =>
  typeof value === "number" &&
  Number.isSafeInteger(value) &&
  value >= 0 &&
  (isPresentMs(value) || !isOtherUnit(value));

/** Describes a time in seconds or microseconds; undefined for anything else. */
export const otherUnitOf = (value: unknown): string | undefined =>
  typeof value === "number" && isOtherUnit(value) ? checkTimeMs(value)?.detail : undefined;

const isOtherUnit = (value: number): boolean =>
  !isPresentMs(value) &&
  (isPresentMs(value * THOUSAND) || isPresentMs(Math.trunc(value / THOUSAND)));
