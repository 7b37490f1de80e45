/** Writes a whole time: a report is read on another day. */
export const whole = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
