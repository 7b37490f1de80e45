/** Says up to which block deposits can be credited. */
import type { ChainReport } from "../model.js";
import { Text } from "../parts/basics.js";
import { grouped } from "../text/format.js";

type Props = { report: ChainReport };

export function Credit({ report: { credit } }: Props) {
  return (
    <p class="credit">
      {credit.height === null ? (
        <strong>Credit no deposit at present</strong>
      ) : (
        <>
          Credit deposits <strong>up to block {grouped(credit.height)}</strong>
        </>
      )}
      : <Text of={credit.reason} />. Your own number of confirmations still counts.
    </p>
  );
}
