/** Finds the number of a ledger's last record. */
import type { Ledger } from "@dgb-shield/wallet-guardian";

/** @returns 0 for a ledger without records; about two reads for each binary digit of the number */
export async function lastSeq(ledger: Pick<Ledger, "records">): Promise<number> {
  const isBeyond = async (seq: number): Promise<boolean> =>
    (await ledger.records(seq, 1)).length === 0;
  if (await isBeyond(0)) return 0;
  let known = 0;
  let beyond = 1;
  while (!(await isBeyond(beyond))) {
    known = beyond;
    beyond *= 2;
  }
  while (beyond - known > 1) {
    const middle = Math.floor((known + beyond) / 2);
    if (await isBeyond(middle)) beyond = middle;
    else known = middle;
  }
  return beyond;
}
