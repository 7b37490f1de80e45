/** Orders that the page can give: what each does, exactly, and how it is sent. */
import { signal } from "@preact/signals";
import type { ShieldClient } from "@dgb-shield/client/http";
import { isUnanswered, problemOf } from "../api.js";
import type { Change, Problem } from "../model.js";
import { lostSince, refreshAll } from "./live.js";
import { session } from "./session.js";

/** An order before it is confirmed. */
export type Action = Readonly<{
  title: string;
  /** What it will do, a sentence each: the whole of it. */
  does: readonly string[];
  /** What it does not do, where that is often believed. */
  doesNot?: string;
  confirm: string;
  /** False: the route takes no reason. */
  reason: boolean;
  /** Method and path, as they are shown. */
  sends: string;
  body: (reason: string) => object;
  /** Sends it, and says what happened. */
  send: (api: ShieldClient, reason: string) => Promise<string>;
}>;

/** The order that is being confirmed. */
export const pending = signal<Action | null>(null);
export const sending = signal(false);
export const refusal = signal<Problem | null>(null);
/** What happened last; read aloud. */
export const notice = signal<string | null>(null);

/** Asks for confirmation of an order. */
export function propose(action: Action): void {
  refusal.value = null;
  pending.value = action;
}

/** Leaves an order. */
export function leave(): void {
  if (sending.peek()) return;
  pending.value = null;
  refusal.value = null;
}

/** Sends the order that is being confirmed. */
export async function confirm(reason: string): Promise<void> {
  const [action, current] = [pending.peek(), session.peek()];
  if (action === null || current === null || sending.peek()) return;
  if (lostSince.peek() !== null) {
    refusal.value = LOST;
    return;
  }
  sending.value = true;
  refusal.value = null;
  try {
    notice.value = await action.send(current.api, reason);
    pending.value = null;
  } catch (error) {
    const problem = problemOf(error);
    if (problem.proposal === undefined) refusal.value = explained(problem);
    // It loosens, and others have to approve: the same order becomes a proposal.
    else pending.value = proposalOf(action, problem.proposal);
  } finally {
    sending.value = false;
    // Also after a refusal: another operator may have done it.
    void refreshAll(current.api);
  }
}

/** The proposal that an order becomes where changes are governed. */
const proposalOf = (action: Action, change: Change): Action => ({
  title: `Propose: ${action.title}`,
  does: [
    "propose the following to the other operators; nothing is changed before they approve",
    ...action.does.map((sentence) => `once approved: ${sentence}`),
  ],
  doesNot: "Changes are governed here: your own keys never approve what you propose.",
  confirm: "Propose",
  reason: true,
  sends: "POST /v1/proposals",
  body: (reason) => ({ change, reason }),
  async send(api, reason) {
    const { proposal_id, approvals_needed } = await api.post("/v1/proposals", {
      body: { change, reason },
    });
    return `Proposed as ${proposal_id}: it needs ${approvals_needed} approvals of others.`;
  },
});

const LOST: Problem = {
  code: "unreachable",
  title: "The service does not answer",
  detail: "Nothing was sent. Try again once the connection is back.",
  status: null,
};

/** A problem of an order: without an answer it may have been carried out. */
function explained(problem: Problem): Problem {
  if (isUnanswered(problem)) {
    const detail =
      "It may have been carried out all the same: look at the page before you repeat it.";
    return { ...problem, detail };
  }
  switch (problem.code) {
    case "not_found":
    case "not_frozen":
      return {
        ...problem,
        detail:
          "It is no longer there: another operator may have done it. The page has been read anew.",
      };
    default:
      return problem;
  }
}
