/** Simulation: what would be answered, without a record or a reservation. */
import type { JsonObject } from "@dgb-shield/contract";
import type { Service } from "../../service.js";
import { decided } from "../answers.js";
import { route, type Route } from "../route.js";
import { simulateBody, simulatedAnswer } from "../schemas/payments.js";
import { requireWallet } from "../wallets.js";
import { MAX_PAYMENT_BYTES } from "./payments.js";

/** The route of simulations. */
export const simulateRoutes = (service: Service): Route[] => [
  route({
    id: "POST /v1/simulate",
    tag: "payments",
    summary: "Decide on a payment as if it were asked for now",
    description: "Nothing is recorded, reserved or counted.",
    body: simulateBody,
    answer: simulatedAnswer,
    bodyLimit: MAX_PAYMENT_BYTES,
    problems: [
      "invalid_withdrawal",
      "wallet_not_allowed",
      "content_changed",
      "in_other_payment",
      "approvals_unavailable",
    ],
    handle: async ({ body, key }) => {
      requireWallet(key, body.wallet_id);
      return decided(await service.simulate(body as JsonObject));
    },
  }),
];
