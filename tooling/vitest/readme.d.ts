/** Declares one test for each `ts` block of the README in `folder`. */
export declare function describeReadme(folder: string): void;
