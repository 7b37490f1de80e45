/** Asks the hook. */
import { refused } from "../../codes.js";
import type { SpendAnswer } from "../../hook.js";
import type { Spend } from "../../spend/model.js";
import type { Site } from "./site.js";

/** The hook's answer; a refusal where it fails. */
export async function authorize(site: Site, spend: Spend): Promise<SpendAnswer> {
  try {
    return await site.ports.hook.authorizeSpend(spend);
  } catch {
    // [REFUSE hook_failed] whether the payment is allowed is not known
    const { refusal } = refused(
      "hook_failed",
      "whether the payment is allowed could not be decided: nothing was sent, try again",
    );
    return { allow: false, code: refusal.code, text: refusal.text };
  }
}
