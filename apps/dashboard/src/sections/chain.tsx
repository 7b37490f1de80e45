/** Which chain: branches and who follows which, how the chain has run, and up to where deposits can be credited. */
import { Credit } from "../chain/credit.js";
import { ForkTree } from "../chain/fork-tree.js";
import { Past } from "../chain/past.js";
import { Badge, Moment } from "../parts/basics.js";
import { Section, Show } from "../parts/section.js";
import { chain } from "../state/live.js";
import { branchesAt, shownMoment, shownStep } from "../state/past.js";

export const ChainSection = () => (
  <Section id="chain" title="The chain">
    {shownMoment.value === null ? <Now /> : <Then moment={shownMoment.value} />}
    <Past />
  </Section>
);

const Now = () => (
  <Show what="the chain" from={chain}>
    {({ chain: report }) =>
      report === null ? (
        <p>No node has shown a chain yet.</p>
      ) : (
        <>
          <Credit report={report} />
          <ForkTree branches={report.branches} tips={report.tips ?? []} />
          {report.tips === null && (
            <p class="muted">Another process watches the nodes: side tips are on its page.</p>
          )}
        </>
      )
    }
  </Show>
);

function Then({ moment }: { moment: NonNullable<typeof shownMoment.value> }) {
  const { history, step, ms } = moment;
  const branches = branchesAt(history, step);
  return (
    <div class="then">
      <p>
        <Badge tone="unknown">not now</Badge> How it was at <Moment ms={ms} /> UTC.{" "}
        <button type="button" onClick={() => (shownStep.value = null)}>
          Back to now
        </button>
      </p>
      {branches.length === 0 ? (
        <p>Nothing is recorded of this moment.</p>
      ) : (
        <ForkTree branches={branches} tips={[]} />
      )}
    </div>
  );
}
