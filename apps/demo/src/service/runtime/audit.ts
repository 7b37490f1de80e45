/** What the service answers about its audit. */
import type { Auditor } from "../../audit/index.js";
import type { Service } from "../service.js";

/** Makes the methods of the audit. */
export const createAuditMethods = (
  auditor: Auditor | null,
): Pick<Service, "audit" | "recordProof"> => ({
  audit: () => auditor?.state() ?? null,
  async recordProof(seq) {
    if (auditor === null) return { unproven: "no_audit" };
    const proof = await auditor.prove(seq);
    if (proof === null) return { missing: true };
    return typeof proof === "string" ? { unproven: proof } : proof;
  },
});
