/** A check of `shield doctor`, and how it ends. */

/** How a check ended. */
export type CheckStatus = "ok" | "warn" | "fail";

/** One line of the report. */
export type Check = Readonly<{
  name: string;
  status: CheckStatus;
  detail: string;
  /** What to do; null where nothing is. */
  remedy: string | null;
}>;

/** A check that is still to be made. */
export type Task = Readonly<{ name: string; run: () => Check | Promise<Check> }>;

/** A check that found nothing. */
export const ok = (name: string, detail: string): Check => ({
  name,
  status: "ok",
  detail,
  remedy: null,
});
/** A check that found what should be changed. */
export const warn = (name: string, detail: string, remedy: string): Check => ({
  name,
  status: "warn",
  detail,
  remedy,
});
/** A check that failed. */
export const fail = (name: string, detail: string, remedy: string): Check => ({
  name,
  status: "fail",
  detail,
  remedy,
});
