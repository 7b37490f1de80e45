/** The page: sign-in, or everything in its order. */
import { useEffect } from "preact/hooks";
import { DemoBar } from "./demo/demo-bar.js";
import { ActionDialog } from "./parts/action-dialog.js";
import { Notice } from "./parts/notice.js";
import { TopBar } from "./parts/top-bar.js";
import { ReportSection } from "./report/section.js";
import { ChainSection } from "./sections/chain.js";
import { HeldSection } from "./sections/held.js";
import { IncidentsSection } from "./sections/incidents.js";
import { NodesSection } from "./sections/nodes.js";
import { PaymentSection } from "./sections/payment.js";
import { SignIn } from "./sections/sign-in.js";
import { Verdict } from "./sections/verdict.js";
import { follow } from "./state/live.js";
import { followPast } from "./state/past.js";
import { session } from "./state/session.js";

export function App() {
  const current = session.value;
  useEffect(() => (current === null ? undefined : follow(current.api)), [current]);
  useEffect(followPast, []);
  if (current === null) return <SignIn />;
  return (
    <>
      <a class="skip" href="#verdict">
        Skip to the answer
      </a>
      <TopBar />
      <main>
        <Verdict />
        <DemoBar />
        <ChainSection />
        <IncidentsSection />
        <HeldSection />
        <NodesSection />
        <PaymentSection />
        <ReportSection />
      </main>
      <Notice />
      <ActionDialog />
    </>
  );
}
