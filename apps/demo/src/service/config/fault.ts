/** What a rule of the configuration finds. */

/** One thing that is wrong: where, what, and what to do about it. */
export type Fault = Readonly<{ path: readonly PropertyKey[]; problem: string; remedy: string }>;
