/** Wallets, accounts and freezes. */
import type { ListedFreeze } from "@dgb-shield/wallet-guardian";
import type { ApiKey } from "../../keys/key.js";
import type { Service } from "../../service.js";
import { accepted, opened } from "../answers.js";
import { HttpProblem } from "../problems.js";
import { route, type Route } from "../route.js";
import { idParams, pageOf } from "../schemas/common.js";
import { operationAnswer } from "../schemas/payments.js";
import { freezeBody, freezeList, freezesQuery, liftBody, scopeAnswer } from "../schemas/scopes.js";
import { listedFor, mayUse, requireWallet } from "../wallets.js";
import { operation } from "./payments.js";

/** The routes of scopes. */
export const scopeRoutes = (service: Service): Route[] => [
  wallet(service),
  account(service),
  freezes(service),
  freeze(service),
  lift(service),
];

const READ = ["invalid_operation", "ledger_busy", "ledger_unavailable"] as const;

const wallet = (service: Service): Route =>
  route({
    id: "GET /v1/wallets/{id}",
    tag: "wallets",
    summary: "Read freezes, windows and cooldown of a wallet",
    params: idParams,
    answer: scopeAnswer,
    problems: ["wallet_not_allowed", ...READ],
    handle: async ({ params, key }) => {
      requireWallet(key, params.id);
      return opened(await service.wallet(params.id));
    },
  });

const account = (service: Service): Route =>
  route({
    id: "GET /v1/accounts/{id}",
    tag: "wallets",
    summary: "Read freezes, windows and cooldown of an account",
    description: "An account counts over all wallets, so that a key bound to wallets is refused.",
    params: idParams,
    answer: scopeAnswer,
    problems: READ,
    handle: async ({ params }) => opened(await service.account(params.id)),
  });

const freezes = (service: Service): Route =>
  route({
    id: "GET /v1/freezes",
    tag: "freezes",
    summary: "List the freezes of all scopes",
    query: freezesQuery,
    answer: freezeList,
    problems: READ,
    handle: async ({ query, key }) => {
      const page = pageOf(query);
      if (key.wallets === null) {
        const found = accepted(await service.freezes(page));
        return { freezes: found.freezes, next: found.next };
      }
      const { items, next } = await listedFor(isShownTo(key), page, async (part) => {
        const found = accepted(await service.freezes(part));
        return { items: found.freezes, next: found.next };
      });
      return { freezes: items, next };
    },
  });

/** Accounts belong to no wallet: their freezes are not shown to a key that is bound to wallets. */
const isShownTo =
  (key: ApiKey) =>
  ({ scope, id }: ListedFreeze): boolean =>
    scope === "global" || (scope === "wallet" && mayUse(key, id));

const freeze = (service: Service): Route =>
  route({
    id: "POST /v1/freezes",
    tag: "freezes",
    summary: "Freeze an account, a wallet or everything until it is lifted",
    body: freezeBody,
    answer: operationAnswer,
    problems: ["wallet_not_allowed", "invalid_operation", "ledger_busy", "ledger_unavailable"],
    handle: async ({ body: { scope, id, reason }, key, by }) => {
      requireScope(key, scope, id);
      return operation(await service.freeze(scope, id, reason, by));
    },
  });

const lift = (service: Service): Route =>
  route({
    id: "POST /v1/freezes/lift",
    tag: "freezes",
    summary: "Lift freezes of a scope, or of a cause",
    body: liftBody,
    answer: operationAnswer,
    problems: [
      "wallet_not_allowed",
      "invalid_operation",
      "not_frozen",
      "operator_freeze",
      "governed",
      "ledger_busy",
      "ledger_unavailable",
    ],
    handle: async ({ body: { scope, id, reason }, key, by }) => {
      requireScope(key, scope, id);
      return operation(await service.unfreeze(scope, id, reason, by));
    },
  });

/** A key that is bound to wallets gives orders about these alone. */
function requireScope(key: ApiKey, scope: string, id: string): void {
  if (key.wallets !== null && scope !== "wallet") throw new HttpProblem("wallet_not_allowed");
  if (scope === "wallet") requireWallet(key, id);
}
