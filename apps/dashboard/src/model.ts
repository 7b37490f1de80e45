/** What the service answers, by the names that the page uses. */
import type { Schemas } from "@dgb-shield/client/http";

/** Who holds a key, and what it may do. */
export type Key = Schemas["Key"];
/** What a key may do. */
export type Role = Key["role"];
/** The answer to "may I pay out?". */
export type Status = Schemas["Status"];
/** States of the service. */
export type ServiceState = Status["state"];
/** An own node, as the next decision would read it. */
export type Source = Status["sources"][number];
/** The nodes compared with each other. */
export type ChainReport = NonNullable<Schemas["Chain"]["chain"]>;
/** A branch and the nodes that follow it. */
export type Branch = ChainReport["branches"][number];
/** Findings, of one node or of all. */
export type Finding = Schemas["Finding"];
/** Findings, lockdown and freezes of one cause. */
export type Incident = Schemas["Incidents"]["incidents"][number];
/** Incidents of a time range, and from when on all are kept. */
export type Incidents = Schemas["Incidents"];
/** A signed statement of which tip is followed. */
export type TipStatement = Schemas["SignedTipStatement"];
/** The defense of the node. */
export type DefenseState = Schemas["DefenseState"];
/** A freeze of an account, a wallet or everything. */
export type Freeze = Schemas["FreezeList"]["freezes"][number];
/** The latest decision on a payment. */
export type Decision = Schemas["Decision"];
/** A payment as the ledger has it. */
export type Payment = Schemas["Payment"];
/** Everything that is recorded of a payment. */
export type Timeline = Schemas["PaymentTimeline"];
/** The proof of one record. */
export type Proof = Schemas["RecordProof"];
/** The last report of one node. */
export type NodeReport = Schemas["NodeReport"];
/** The network's view. */
export type NetworkView = Schemas["NetworkView"];

/** A tip that some node knows, and that is not its own. */
export type SideTip = NonNullable<ChainReport["tips"]>[number];
/** How the last days went. */
export type History = Schemas["History"];

/** A change that loosens, as it is proposed. */
export type Change = Schemas["ChangeInput"];
/** A proposal as it stands. */
export type Proposal = Schemas["Proposal"];

/** Why something could not be read or done. */
export type Problem = Readonly<{
  code: string;
  title: string;
  detail: string;
  status: number | null;
  /** Of an order that loosens where changes are governed: what to propose. */
  proposal?: Change | undefined;
}>;
