/** Names of approvers: what looks like one person must not count as two (decision 26). */

const MAX_LENGTH = 128;
const APPROVER = /^[A-Za-z0-9]+(?:[._@+-][A-Za-z0-9]+)*$/;

/** Whether a value names an approver: 1 to 128 ASCII letters and digits, with single signs `. _ @ + -` between them. */
export const isApprover = (value: unknown): value is string =>
  typeof value === "string" && value.length <= MAX_LENGTH && APPROVER.test(value);
