/** Readers of option values that several commands have. */
import { InvalidArgumentError } from "commander";

/** Collects an option that is given several times. */
export const more = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** A number above 0. */
export function positive(text: string): number {
  const factor = Number(text);
  if (factor > 0 && Number.isFinite(factor)) return factor;
  throw new InvalidArgumentError("It must be a number above 0.");
}

/** A whole number from 0 on. */
export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 0 on.");
}

const SECONDS: ReadonlyMap<string, number> = new Map([
  ["s", 1],
  ["m", 60],
  ["h", 3_600],
  ["d", 86_400],
]);

/** A length of time such as `90s`, `30m`, `2h`, `7d`, in seconds. */
export function duration(text: string): number {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,9})?)([smhd])$/.exec(text) ?? [];
  const seconds = Number(number) * (SECONDS.get(unit ?? "") ?? NaN);
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError("It must be a time such as 90s, 30m, 2h or 7d.");
}
