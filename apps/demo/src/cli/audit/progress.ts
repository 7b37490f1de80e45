/** How far a verification has come: a bar on a terminal, a line for every 100,000 records in a pipe. */
import { grouped } from "../../timeline/format.js";
import { createProgress, type Progress } from "../../timeline/progress.js";

const EVERY = 100_000;

/** A progress on standard error; `total` is how many records there may be. */
export function createAuditProgress(
  stderr: Pick<NodeJS.WriteStream, "isTTY" | "write" | "columns">,
  total: number,
): Readonly<{ move: (seq: number) => void; clear: Progress["clear"] }> {
  const bar = createProgress(stderr, () => performance.now());
  let shown = 0;
  return Object.freeze({
    move(seq: number) {
      const all = Math.max(total, seq, 1);
      if (stderr.isTTY) bar.move(seq, all, `${grouped(seq)} of ${grouped(all)} records`);
      else if (seq - shown >= EVERY) {
        shown = seq - (seq % EVERY);
        stderr.write(`${grouped(shown)} of ${grouped(all)} records\n`);
      }
    },
    clear: bar.clear,
  });
}
