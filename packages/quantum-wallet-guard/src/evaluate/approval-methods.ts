/** The ways in which a person can approve a withdrawal (design: layer 5). */

/** Methods of approval, weakest first. */
export const APPROVAL_METHODS = Object.freeze([
  "confirmation",
  "second_factor",
  "operator",
] as const);
export type ApprovalMethod = (typeof APPROVAL_METHODS)[number];
