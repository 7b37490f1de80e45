/** Approves payments: an approver's key, and what it signs. No network, no dependency of the service. */
export { type Approver, createApproverKey, KeyFileProblem, readApproverKey } from "./key-file.js";
export {
  type ApprovalReading,
  type ApproverSigner,
  isSignedBy,
  readSignedApproval,
  signApproval,
} from "./signed-approval.js";
