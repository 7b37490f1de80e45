/** Which chain: branches and who follows which, how the chain has run, and up to where deposits can be credited. */
import { Section, Show } from "../parts/section.js";
import { ForkTree } from "../chain/fork-tree.js";
import { Credit } from "../chain/credit.js";
import { chain } from "../state/live.js";

export const ChainSection = () => (
  <Section id="chain" title="The chain">
    <Show what="the chain" from={chain}>
      {({ chain: report }) =>
        report === null ? (
          <p>No node has shown a chain yet.</p>
        ) : (
          <>
            <Credit report={report} />
            <ForkTree branches={report.branches} tips={report.tips ?? []} />
          </>
        )
      }
    </Show>
  </Section>
);
