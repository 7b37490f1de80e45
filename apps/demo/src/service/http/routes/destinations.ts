/** Destinations: register ahead of the first payment, approve. */
import type { DestinationTarget } from "@dgb-shield/wallet-guardian";
import type { Service } from "../../service.js";
import { route, type Route } from "../route.js";
import { operationAnswer } from "../schemas/payments.js";
import { destinationApprovalBody, destinationBody } from "../schemas/scopes.js";
import { requireWallet } from "../wallets.js";
import { operation } from "./payments.js";

const PROBLEMS = [
  "wallet_not_allowed",
  "invalid_operation",
  "destination_unreadable",
  "clock_untrusted",
  "ledger_busy",
  "ledger_unavailable",
] as const;

type Named = {
  account_id?: string | undefined;
  wallet_id?: string | undefined;
  address: string;
};

/** The routes of destinations. */
export const destinationRoutes = (service: Service): Route[] => [
  route({
    id: "PUT /v1/destinations",
    tag: "destinations",
    summary: "Register a destination ahead: its waiting time begins",
    body: destinationBody,
    answer: operationAnswer,
    problems: PROBLEMS,
    handle: async ({ body, key }) => {
      if (body.wallet_id !== undefined) requireWallet(key, body.wallet_id);
      return operation(await service.registerDestination(targetOf(body)));
    },
  }),
  route({
    id: "POST /v1/destinations/approvals",
    tag: "destinations",
    summary: "Approve a destination: it neither waits nor counts as a look-alike",
    body: destinationApprovalBody,
    answer: operationAnswer,
    problems: [...PROBLEMS, "governed"],
    handle: async ({ body: { reason, ...named }, key, by }) => {
      if (named.wallet_id !== undefined) requireWallet(key, named.wallet_id);
      return operation(await service.approveDestination(targetOf(named), reason, by));
    },
  }),
];

/** A destination of the owner that is named; the schema has seen that there is one. */
const targetOf = ({ account_id, wallet_id = "", address }: Named): DestinationTarget =>
  account_id === undefined ? { wallet_id, address } : { account_id, address };
