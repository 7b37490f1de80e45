/** The body of every error: an RFC 9457 problem. */
import { z } from "zod";
import { PROBLEM_CODES } from "../problems.js";
import { named } from "./common.js";

const fieldErrorSchema = z.strictObject({
  in: z.enum(["body", "query", "path"]),
  pointer: z.string().describe("JSON Pointer of the field; empty: the whole"),
  detail: z.string().describe("what is wrong with it, and what to give"),
});

/** A problem. */
export const problemSchema = named(
  "Problem",
  z
    .looseObject({
      type: z.string().describe("URI of the kind of problem"),
      title: z.string().describe("what happened"),
      status: z.int().min(400).max(599),
      detail: z.string().describe("what to do"),
      instance: z.string().describe("the request, as the service's log names it"),
      code: z.enum(PROBLEM_CODES).describe("stable, for programs"),
      errors: z.array(fieldErrorSchema).optional().describe("the offending fields"),
      retry_after_ms: z.int().min(0).optional().describe("when to try again"),
      decision: z
        .looseObject({})
        .optional()
        .describe(
          "the decision on a payment that is not valid, or was not recorded: never an ALLOW",
        ),
      enforced: z.boolean().optional().describe("of a claim: whether its answer is binding"),
      payment_status: z.string().optional().describe("of a rejected order: how the payment stands"),
      txid: z.string().optional().describe("of a payment that was paid: its transaction"),
      proposal: z
        .looseObject({})
        .optional()
        .describe("of a call that loosens: the change to propose, as ProposalBody has it"),
      refused_by: z.array(z.string()).optional().describe("the parts that reject the clock"),
    })
    .describe("RFC 9457 problem"),
);
