/** Types of the service's HTTP interface, made by generate.mjs from docs/openapi.json: do not edit. */
/* eslint-disable */
export interface paths {
    readonly "/v1/status": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** May I pay out now, and why (not)? */
        readonly get: operations["get_status"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/key": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read what the presented key may do */
        readonly get: operations["get_key"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/records": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read the ledger's records, in order
         * @description Every decision, claim, settlement, freeze and order, with what it rests on. Personal data.
         */
        readonly get: operations["get_records"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/records/{seq}/proof": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Prove that a record is in the last signed tree
         * @description `shield audit verify` and the package's `verifyInclusion` verify it without the service. Personal data.
         */
        readonly get: operations["get_records__seq__proof"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a payment */
        readonly get: operations["get_payments_by_id"];
        /**
         * Decide on a payment
         * @description Idempotent: the same id and content may be asked again, after a time-out as well. A refusal is 200, too: act on `final`, `enforced` and `next`. Anything but a 200 with `final: ALLOW` permits nothing.
         */
        readonly put: operations["put_payments_by_id"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List payments that are reserved or claimed */
        readonly get: operations["get_payments"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{id}/approvals": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Approve a payment
         * @description The approval counts for the payment whose decision had the same `binds`. Where approvers are configured, it is signed by one of them (`shield approve`). Ask for the payment again afterwards.
         */
        readonly post: operations["post_payments_by_id_approvals"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{id}/claim": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Claim a payment for signing
         * @description Risk, freezes and evidence are read again. A refused claim is 200, too: only `decision: ALLOW` permits signing, only to this signer, and only for `valid_for_ms`.
         */
        readonly post: operations["post_payments_by_id_claim"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{id}/commit": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Record the transaction that paid
         * @description Call it again until it is accepted. `double_payment` in `reason_codes` is an alarm.
         */
        readonly post: operations["post_payments_by_id_commit"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{id}/release": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Give back a payment that will never be signed
         * @description A claimed payment is given back only with proof that nothing was executed: by its signer at once, by an operator once the claim is over; where changes are governed, by a proposal alone.
         */
        readonly post: operations["post_payments_by_id_release"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/decisions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List the latest decision on each payment, newest first
         * @description Of the 10,000 payments that a record named last. `would_pass` is what would have to be different for a refused one.
         */
        readonly get: operations["get_decisions"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{id}/timeline": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read everything that is recorded of a payment, with the hash of each record
         * @description Of the 10,000 payments that a record named last. Personal data.
         */
        readonly get: operations["get_payments_by_id_timeline"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/simulate": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Decide on a payment as if it were asked for now
         * @description Nothing is recorded, reserved or counted.
         */
        readonly post: operations["post_simulate"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/destinations": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        /** Register a destination ahead: its waiting time begins */
        readonly put: operations["put_destinations"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/destinations/approvals": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Approve a destination: it neither waits nor counts as a look-alike */
        readonly post: operations["post_destinations_approvals"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/signals": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Take in signals of another site
         * @description All of the key's own operator and nodes, else none is taken in. `refused` counts those that are too old, or out of order.
         */
        readonly post: operations["post_signals"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/telemetry": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Count calls of a gateway in a process of its own, for the defense
         * @description They can make decisions stricter and nothing milder. Sent again after a lost answer they count twice.
         */
        readonly post: operations["post_telemetry"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/network": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read the network's view */
        readonly get: operations["get_network"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/nodes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read the last report of each own node */
        readonly get: operations["get_nodes"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/chain": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read which nodes follow which branch */
        readonly get: operations["get_chain"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/chain/statement": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read which tip the own nodes follow, signed
         * @description A DSSE envelope over tip, branches, nodes and findings of one moment. `shield tip verify` and `@dgb-shield/client/statement` verify it without the service. There is none while the service is blind or what its nodes showed is old.
         */
        readonly get: operations["get_chain_statement"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/history": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read how the last days went: heights, states, the network's view, blocks
         * @description At most seven days, of this process: they are kept in memory, in steps of a minute, and begin anew with it.
         */
        readonly get: operations["get_history"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/findings": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List all active findings, of each node and of all together */
        readonly get: operations["get_findings"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/lockdown": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read the lockdown, and why it holds */
        readonly get: operations["get_lockdown"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/wallets/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read freezes, windows and cooldown of a wallet */
        readonly get: operations["get_wallets_by_id"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/accounts/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read freezes, windows and cooldown of an account
         * @description An account counts over all wallets, so that a key bound to wallets is refused.
         */
        readonly get: operations["get_accounts_by_id"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/freezes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List the freezes of all scopes */
        readonly get: operations["get_freezes"];
        readonly put?: never;
        /** Freeze an account, a wallet or everything until it is lifted */
        readonly post: operations["post_freezes"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/freezes/lift": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Lift freezes of a scope, or of a cause */
        readonly post: operations["post_freezes_lift"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/incidents": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List the open incidents, or those of a time range with their ends
         * @description Of a range: the 2,000 that began last are kept over restarts, each as it was at its worst. An end is seen by the process that watches the nodes; one that came while none did is dated when it was seen.
         */
        readonly get: operations["get_incidents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/incidents/{id}/release": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Release what an incident latched, once it is understood */
        readonly post: operations["post_incidents_by_id_release"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/clock/accept": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Accept the clock, after it was found to be wrong and was mended */
        readonly post: operations["post_clock_accept"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/proposals": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List proposals, the newest first
         * @description Closed ones are listed for a while; the ledger's records have all. `governance` is null where changes are not governed.
         */
        readonly get: operations["get_proposals"];
        readonly put?: never;
        /**
         * Propose a change that loosens
         * @description It is bound to what it changes as that stands now: where that changes, it becomes stale. Others approve it; the proposer's own keys never count.
         */
        readonly post: operations["post_proposals"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/proposals/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a proposal */
        readonly get: operations["get_proposals_by_id"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/proposals/{id}/approve": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Approve a proposal
         * @description Each person has one vote, and the last one counts. It is carried out once it has its approvals and its delay has passed, if the keys that approved still count then.
         */
        readonly post: operations["post_proposals_by_id_approve"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/proposals/{id}/reject": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Reject a proposal
         * @description Takes back an approval as well. The proposal ends once too few are left who could approve it.
         */
        readonly post: operations["post_proposals_by_id_reject"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/proposals/{id}/withdraw": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Withdraw an own proposal */
        readonly post: operations["post_proposals_by_id_withdraw"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/keys/{id}/revoke": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Revoke a key at once
         * @description It tightens, and needs no approval; only a reporter's key, whose alarms would end, and the last keys that governance needs are revoked by a proposal. Without governance keys are revoked on the host, by shield keys revoke.
         */
        readonly post: operations["post_keys_by_id_revoke"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/livez": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether the process answers */
        readonly get: operations["get_livez"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether requests can be served, and which check fails where they cannot */
        readonly get: operations["get_readyz"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/metrics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Metrics of the service, for Prometheus */
        readonly get: operations["get_metrics"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** This document */
        readonly get: operations["get_openapi_json"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/jwks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The keys that verify tokens (RFC 7517)
         * @description A signer pins its keys; this is for comparing them, not for trusting them.
         */
        readonly get: operations["get_jwks"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/chain/statement/key": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The key that signs statements of the tip
         * @description A verifier pins the keyring of its operator; this is for comparing keys, not for trusting them.
         */
        readonly get: operations["get_chain_statement_key"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Follow the service's events
         * @description Server-Sent Events. Each record of the ledger is one event, whose `id` is its place there: `Last-Event-ID` resumes behind it, with any process and after any restart, for up to 100,000 records. `reset` says that it cannot, so that the state must be read anew. `payment` is a decision, `alert` what the Guardian found; the others have the kinds of records: `claim`, `commit`, `replace`, `release`, `freeze`, `unfreeze`, `destination`, `policy`, `import`, `clock_accepted`, `adopted`, `pruned`. Events without an id are of the moment, and do not come again: `status` (also at the begin of a stream), `layer`, and `heartbeat` every 15 seconds. A key that is bound to wallets sees events that name one of them. A reader that reads too slowly is cut off, and resumes.
         */
        readonly get: operations["get_events"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        readonly ApprovalBodyInput: {
            /** @description `binds` of the decision that was read: the approval is of no other payment; only where no approver was ever configured */
            readonly binds: string;
        } | {
            readonly approval: {
                readonly deployment_id: string;
                readonly genesis: string;
                readonly wallet_id: string;
                readonly payment_id: string;
                readonly payouts: readonly {
                    readonly script: string;
                    readonly amount: string;
                }[];
                readonly max_fee: string;
                readonly policy_version: string;
                readonly expires_at_ms: number;
            };
            readonly key_id: string;
            readonly signature: string;
        };
        readonly ApproveBodyInput: {
            /** @description why, for the record: 1 to 256 characters on one line, nothing secret or personal */
            readonly reason?: string;
        };
        readonly Chain: {
            /** @description null before the first poll */
            readonly chain: {
                readonly chain: string;
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly observed_at_ms: number;
                /** @enum {string} */
                readonly level: "normal" | "elevated" | "high" | "critical";
                readonly score: number;
                /** @description the one of most work first */
                readonly branches: readonly {
                    readonly tip_hash: string;
                    readonly tip_height: number;
                    readonly chainwork: string | null;
                    /** @description last block shared with the branch of most work; null for that one, or unknown */
                    readonly fork_height: number | null;
                    readonly nodes: readonly {
                        readonly node_id: string;
                        readonly height: number;
                        readonly software: string | null;
                        /** @description false: it is silent, and shown where it was last */
                        readonly is_watched: boolean;
                    }[];
                }[];
                /** @description what only several nodes together show */
                readonly findings: readonly components["schemas"]["Finding"][];
                /** @description tips that nodes know and do not follow; null: another process watches them */
                readonly tips: readonly {
                    readonly hash: string;
                    readonly height: number;
                    readonly fork_height: number | null;
                    /** @description as getchaintips names it; invalid: the node refuses it */
                    readonly status: string;
                    /** @description that know it so */
                    readonly nodes: readonly string[];
                }[] | null;
                /** @description up to which block deposits can be credited; an own number of confirmations still counts */
                readonly credit: {
                    /** @description null: no deposit can be credited now */
                    readonly height: number | null;
                    /** @description why no higher */
                    readonly reason: string;
                };
            } | null;
        };
        readonly ChangeInput: {
            /** @constant */
            readonly kind: "unfreeze";
            /** @enum {string} */
            readonly scope: "account" | "wallet" | "global" | "cause";
            readonly id: string;
        } | {
            /** @constant */
            readonly kind: "accept_clock";
        } | {
            /** @constant */
            readonly kind: "release_incident";
            readonly incident_id: string;
        } | {
            /** @constant */
            readonly kind: "release_payment";
            readonly payment_id: string;
        } | {
            /** @constant */
            readonly kind: "approve_destination";
            /** @description whose destination it is; this or wallet_id */
            readonly account_id?: string;
            readonly wallet_id?: string;
            readonly address: string;
        } | {
            /** @constant */
            readonly kind: "keys";
            /** @default [] */
            readonly add: readonly {
                /** @description part of its token */
                readonly id: string;
                /** @enum {string} */
                readonly role: "reporter" | "wallet" | "approver" | "operator" | "reader" | "governor";
                /** @description who or what holds it */
                readonly name: string;
                /** @description null: all */
                readonly wallets: readonly string[] | null;
                /** @description of a reporter: its site and nodes */
                readonly reports_for: {
                    readonly operator: string;
                    readonly node_ids: readonly string[];
                } | null;
                /** @description null: it does not expire */
                readonly expires_at_ms: number | null;
                /** @description SHA-256 of the token, which never leaves its holder */
                readonly hash: string;
            }[];
            /**
             * @description ids of keys
             * @default []
             */
            readonly revoke: readonly string[];
        } | {
            /** @constant */
            readonly kind: "configuration";
            /** @description what decides of the new configuration, as `shield propose configuration` sends it */
            readonly governed: {
                readonly [key: string]: unknown;
            };
        };
        readonly ClaimAnswer: {
            /**
             * @description only ALLOW permits signing, and only to this signer
             * @enum {string}
             */
            readonly decision: "ALLOW" | "DELAY" | "REJECT";
            readonly enforced: boolean;
            readonly reason_codes: readonly ("claimed_now" | "invalid_claim" | "clock_untrusted" | "policy_outdated" | "unknown_withdrawal" | "part_of_payment" | "not_reserved" | "already_committed" | "reservation_lapsed" | "claimed" | "not_a_replacement" | "claims_exhausted" | "wallet_frozen" | "high_risk_lockdown" | "high_risk_freeze" | "allow_not_in_force" | "daily_limit" | "window_limit" | "finalize_refused" | "finalize_failed" | "ledger_busy" | "ledger_unavailable" | "terms_incomplete" | "approvals_missing" | "token_unavailable")[];
            /** @description where tokens are issued: a JWS that the signer verifies before it signs */
            readonly token?: string;
            readonly withdrawal_id: string;
            readonly signer_id: string;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly decided_at_ms: number;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly claimed_until_ms?: number;
            /** @description how long it may be signed from this answer on */
            readonly valid_for_ms?: number;
            /** @constant */
            readonly repeated?: true;
            readonly retry_after_ms?: number;
            readonly txid?: string;
            readonly path?: string;
            readonly detail?: string;
            readonly record?: {
                readonly [key: string]: unknown;
            };
        };
        readonly ClaimBodyInput: {
            /** @description the signer, by a name that no other one has */
            readonly signer_id: string;
            /** @description the transaction to be signed; a later claim needs it */
            readonly transaction?: {
                /** @description what the transaction spends, `txid:vout`, each once */
                readonly inputs: readonly string[];
                /** @description its id without signatures: the token then permits this transaction alone */
                readonly txid?: string;
            };
        };
        readonly ClockAcceptance: {
            /** @constant */
            readonly accepted: true;
            readonly refused_by: readonly string[];
        };
        readonly CommitBodyInput: {
            readonly txid: string;
            /** @description network fee that was paid, coins */
            readonly fee?: string;
            /** @description what the transaction spends, `txid:vout`, each once */
            readonly inputs?: readonly string[];
        };
        readonly CountedFacts: {
            /** @description coins */
            readonly wallet_balance: string | number | null;
            readonly address_age_days: number | null;
            /** @description 1 is usual */
            readonly behaviour_score: number | null;
        };
        readonly Decision: {
            /** @description number of the record */
            readonly seq: number;
            readonly payment_id: string;
            readonly wallet_id: string;
            readonly account_id: string | null;
            readonly amount: string | null;
            readonly max_fee: string | null;
            readonly payouts: number;
            /** @description the first 20 */
            readonly destinations: readonly {
                readonly address: string;
                readonly amount: string;
            }[];
            readonly destinations_count: number;
            readonly enforced: boolean;
            /** @enum {string} */
            readonly final: "ALLOW" | "REFUSED";
            /** @enum {string} */
            readonly next: "claim" | "approve" | "retry" | "stop";
            /** @enum {string} */
            readonly standing: "held" | "allowed" | "claimed" | "committed" | "released";
            readonly veto: ("clock_untrusted" | "state_unavailable" | "own_node_stale" | "network_unknown" | "evidence_changed" | "balance_unavailable") | null;
            readonly reasons: readonly {
                /** @enum {string} */
                readonly layer: "service" | "guardian" | "guard";
                readonly code: string;
                readonly text: string | null;
            }[];
            readonly breaches: readonly {
                readonly code: string;
                readonly scope: string;
                readonly limit: string;
            }[];
            readonly would_pass: components["schemas"]["WouldPass"] | null;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly decided_at_ms: number;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly first_at_ms: number;
            readonly attempts: number;
        };
        readonly Decisions: {
            /** @description newest first, one a payment */
            readonly decisions: readonly components["schemas"]["Decision"][];
            readonly total: number;
            /** @description false: older payments are no longer kept in memory; the records have them */
            readonly complete: boolean;
            /** @description `before` of the next page; null: this was the last one */
            readonly next: number | null;
        };
        readonly DefenseState: {
            readonly node_id: string;
            readonly as_of_ms: number;
            /** @enum {string} */
            readonly clock: "trusted" | "behind" | "ahead";
            /** @enum {string} */
            readonly level: "normal" | "elevated" | "high" | "critical";
            readonly score: number;
            /** @enum {string} */
            readonly lockdown: "NONE" | "PARTIAL" | "FULL";
            readonly since_ms: number;
            readonly reason: string;
            readonly actions: readonly {
                readonly action: string;
                readonly reason: string;
            }[];
            readonly events: readonly {
                readonly event_id: string;
                readonly type: string;
                readonly severity: number;
                readonly source: string;
                readonly observed_at_ms: number;
                readonly expires_at_ms: number | null;
                readonly local: boolean;
                readonly summary: string;
            }[];
        };
        readonly DestinationApprovalBodyInput: {
            /** @description whose destination it is; this or wallet_id */
            readonly account_id?: string;
            /** @description the wallet, where its withdrawals have no account */
            readonly wallet_id?: string;
            /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
            readonly address: string;
            /** @description why, for the record: 1 to 256 characters on one line, nothing secret or personal */
            readonly reason: string;
        };
        readonly DestinationBodyInput: {
            /** @description whose destination it is; this or wallet_id */
            readonly account_id?: string;
            /** @description the wallet, where its withdrawals have no account */
            readonly wallet_id?: string;
            /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
            readonly address: string;
        };
        readonly Evidence: {
            /** @enum {string} */
            readonly sentinel_level: "normal" | "elevated" | "high" | "critical";
            /** @enum {string} */
            readonly adn_level: "normal" | "elevated" | "high" | "critical";
            readonly dqs_network_score: number;
            /** @enum {string} */
            readonly dqs_advisory: "NORMAL" | "UNKNOWN" | "ELEVATED" | "CRITICAL_LOCAL" | "CRITICAL_GLOBAL";
            readonly network_digest: string;
            /** @enum {string} */
            readonly guardian_risk: "LOW" | "MEDIUM" | "HIGH";
            readonly risk_low_since_ms?: number | null;
            /** @enum {string} */
            readonly clock: "trusted" | "behind" | "ahead" | "invalid";
            readonly sources: readonly {
                readonly node_id: string;
                /** @enum {string} */
                readonly status: "WATCHING" | "SYNCING" | "UNREACHABLE" | "UNSEEN";
                /** @enum {string} */
                readonly level: "normal" | "elevated" | "high" | "critical";
                readonly observed_at_ms: number | null;
                readonly age_ms: number | null;
                readonly fresh: boolean;
            }[];
            readonly min_fresh_nodes: number;
            readonly view_as_of_ms: number;
            /** @enum {string} */
            readonly lockdown: "NONE" | "PARTIAL" | "FULL";
            readonly defense_as_of_ms: number;
            readonly state_generation: number;
        };
        readonly Finding: {
            readonly finding_id: string;
            readonly detector: string;
            readonly severity: number;
            readonly summary: string;
            readonly height: number;
            readonly detected_at_ms: number;
            readonly latched: boolean;
            readonly evidence: Record<string, unknown>;
        };
        readonly Findings: {
            readonly findings: readonly {
                /** @description null: of all nodes together */
                readonly node_id: string | null;
                readonly finding: components["schemas"]["Finding"];
            }[];
        };
        readonly FreezeBodyInput: {
            /** @enum {string} */
            readonly scope: "account" | "wallet" | "global";
            /** @description id of the account or wallet; of the global scope "global" */
            readonly id: string;
            /** @description why, for the record: 1 to 256 characters on one line, nothing secret or personal */
            readonly reason: string;
        };
        readonly FreezeList: {
            readonly freezes: readonly {
                /** @enum {string} */
                readonly scope: "account" | "wallet" | "global";
                readonly id: string;
                readonly cause_id: string;
                /** @enum {string} */
                readonly kind: "risk" | "limit" | "operator";
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly frozen_at_ms: number;
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly last_at_ms: number;
                readonly count: number;
                readonly operator: string | null;
                readonly reason: string;
            }[];
            /** @description `after` of the next page; null: this was the last one */
            readonly next: string | null;
        };
        readonly Governance: {
            /** @description approvals that a change needs, the proposer's left out */
            readonly approvals: number;
            /** @description of configuration and keys */
            readonly loosen_delay_seconds: number;
            /** @description of incidents and freezes */
            readonly release_delay_seconds: number;
            readonly proposal_valid_seconds: number;
            /** @description persons whose keys govern now */
            readonly governors: number;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly latched_at_ms: number;
            /** @description digest of the accepted configuration */
            readonly configuration: string;
            /** @description the last recovery on the host */
            readonly recovered: {
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly at_ms: number;
                readonly operator: string;
                readonly reason: string;
            } | null;
        };
        readonly GuardianDecision: {
            readonly withdrawal_id: string | "";
            readonly wallet_id: string | "";
            /** @enum {string} */
            readonly decision: "ALLOW" | "DELAY" | "FREEZE" | "REJECT";
            readonly reason_codes: readonly string[];
            readonly path?: string;
            readonly risk: ("LOW" | "MEDIUM" | "HIGH") | null;
            readonly decided_at_ms: number;
            readonly retry_after_ms?: number;
            readonly allowed_now?: string | number;
            readonly valid_until_ms?: number;
            readonly txid?: string;
            readonly breaches?: readonly {
                readonly code: string;
                readonly scope: string;
                readonly limit: string;
            }[];
            readonly freeze?: {
                readonly cause_id: string;
                readonly scopes: readonly string[];
            };
            readonly policy_version: string;
            readonly rules_version: string;
        };
        /** @description one value of each series for each time; null: nothing is known */
        readonly History: {
            /** @description when the record begins; it is kept over restarts */
            readonly since_ms: number | null;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly until_ms: number;
            readonly step_ms: number;
            /** @description target time between blocks */
            readonly spacing_seconds: number;
            /** @description beginnings of the steps */
            readonly times: readonly number[];
            /** @description the worst of each step */
            readonly states: readonly (("blind" | "stopped" | "restricted" | "open") | null)[];
            /** @description the network's worst score */
            readonly scores: readonly (number | null)[];
            readonly advisories: readonly (("NORMAL" | "UNKNOWN" | "ELEVATED" | "CRITICAL_LOCAL" | "CRITICAL_GLOBAL") | null)[];
            readonly nodes: readonly {
                readonly node_id: string;
                /** @description null: silent, or not recorded */
                readonly heights: readonly (number | null)[];
                readonly levels: readonly (("normal" | "elevated" | "high" | "critical") | null)[];
            }[];
            /** @description blocks by the time of their headers; null: another process watches the nodes */
            readonly blocks: {
                readonly counts: readonly number[];
                readonly algorithms: readonly {
                    readonly name: string;
                    readonly counts: readonly number[];
                }[];
            } | null;
            readonly reorgs: readonly {
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly at_ms: number;
                readonly node_id: string;
                readonly depth: number;
                readonly fork_height: number;
            }[];
            /** @description who follows which branch, whenever that changed */
            readonly changes: readonly {
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly at_ms: number;
                readonly branches: readonly {
                    readonly tip_hash: string;
                    readonly tip_height: number;
                    readonly chainwork: string | null;
                    /** @description last block shared with the branch of most work; null for that one, or unknown */
                    readonly fork_height: number | null;
                    readonly nodes: readonly {
                        readonly node_id: string;
                        readonly height: number;
                        readonly software: string | null;
                        /** @description false: it is silent, and shown where it was last */
                        readonly is_watched: boolean;
                    }[];
                }[];
            }[];
        };
        readonly IncidentRelease: {
            readonly released: readonly string[];
            readonly lifted_freezes: number;
        };
        readonly Incidents: {
            readonly incidents: readonly {
                readonly incident_id: string;
                readonly cause: string;
                readonly severity: number;
                /** @enum {string} */
                readonly level: "normal" | "elevated" | "high" | "critical";
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly since_ms: number;
                /** @description when it was seen no longer; null: it is open */
                readonly ended_ms: number | null;
                readonly summary: string;
                readonly findings: readonly {
                    readonly node_id: string;
                    readonly finding_id: string;
                    readonly summary: string;
                }[];
                readonly defense_events: readonly string[];
                /** @description whether it holds until it is released */
                readonly latched: boolean;
                /** @description the last release of it */
                readonly released: {
                    /** @description milliseconds since 1970-01-01T00:00:00Z */
                    readonly at_ms: number;
                    readonly operator: string;
                    readonly reason: string;
                } | null;
            }[];
            /** @description incidents of the range that are not listed */
            readonly left_out: number;
            /** @description from when on all incidents are kept; null: only open ones were asked for */
            readonly since_ms: number | null;
        };
        readonly Jwks: {
            readonly keys: readonly {
                /** @constant */
                readonly kty: "OKP";
                /** @constant */
                readonly crv: "Ed25519";
                readonly x: string;
                readonly kid: string;
                /** @constant */
                readonly use: "sig";
                /** @constant */
                readonly alg: "EdDSA";
            }[];
        };
        readonly Key: {
            readonly key_id: string;
            /** @description in whose name orders are recorded */
            readonly name: string;
            /** @enum {string} */
            readonly role: "reporter" | "wallet" | "approver" | "operator" | "reader" | "governor";
            /** @description wallets that it may act on; null: all */
            readonly wallets: readonly string[] | null;
            readonly expires_at_ms: number | null;
        };
        readonly LiftBodyInput: {
            /**
             * @description lifts the automatic freezes of a scope, or with `cause` every one of a cause_id
             * @enum {string}
             */
            readonly scope: "account" | "wallet" | "global" | "cause";
            /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
            readonly id: string;
            /** @description why, for the record: 1 to 256 characters on one line, nothing secret or personal */
            readonly reason: string;
        };
        readonly Live: {
            /** @constant */
            readonly live: true;
        };
        readonly NetworkView: {
            readonly as_of_ms: number;
            /** @enum {string} */
            readonly clock: "trusted" | "behind" | "ahead";
            /** @enum {string} */
            readonly level: "NORMAL" | "UNKNOWN" | "ELEVATED" | "CRITICAL_LOCAL" | "CRITICAL_GLOBAL";
            readonly score: number;
            readonly channels: {
                readonly consensus: {
                    readonly score: number;
                    readonly signals: number;
                };
                readonly mempool: {
                    readonly score: number;
                    readonly signals: number;
                };
                readonly wallet: {
                    readonly score: number;
                    readonly signals: number;
                };
                readonly infra: {
                    readonly score: number;
                    readonly signals: number;
                };
            };
            readonly live_operators: number;
            readonly critical_operators: readonly string[];
            readonly critical_operators_count: number;
            readonly silent_reporters: readonly string[];
            readonly silent_reporters_count: number;
            readonly quorum: number;
            readonly digest: string;
        };
        readonly NodeReport: {
            readonly node_id: string;
            readonly chain: string;
            readonly observed_at_ms: number;
            /** @enum {string} */
            readonly clock: "trusted" | "behind" | "ahead";
            /** @enum {string} */
            readonly status: "WATCHING" | "SYNCING" | "UNREACHABLE";
            readonly tip: {
                readonly height: number;
                readonly hash: string;
            } | null;
            /** @enum {string} */
            readonly level: "normal" | "elevated" | "high" | "critical";
            readonly score: number;
            readonly findings: readonly {
                readonly finding_id: string;
                readonly detector: string;
                readonly severity: number;
                readonly summary: string;
                readonly height: number;
                readonly detected_at_ms: number;
                readonly latched: boolean;
                readonly evidence: Record<string, unknown>;
            }[];
            readonly detectors: readonly string[];
            readonly tolerated?: readonly {
                readonly algorithm: string;
                readonly from_height: number;
                readonly until_height: number;
                readonly operator: string;
                readonly reason: string;
                readonly since_ms: number;
            }[];
        };
        readonly Nodes: {
            readonly nodes: readonly components["schemas"]["NodeReport"][];
        };
        readonly Operation: {
            /** @constant */
            readonly accepted: true;
            /** @description remarks; empty without any */
            readonly reason_codes: readonly ("invalid_operation" | "unknown_withdrawal" | "part_of_payment" | "not_reserved" | "already_committed" | "claimed" | "claim_running" | "late_commit" | "replaced" | "double_payment" | "fee_exceeded" | "not_frozen" | "operator_freeze" | "destination_unreadable" | "clock_untrusted" | "ledger_busy" | "ledger_unavailable")[];
            /** @enum {string} */
            readonly status?: "open" | "reserved" | "claimed" | "committed" | "released";
            readonly txid?: string;
            /**
             * @description it was done before, and nothing changed now
             * @constant
             */
            readonly repeated?: true;
            /** @description of a freeze: lifts it */
            readonly cause_id?: string;
        };
        readonly OrderBodyInput: {
            /** @description why, for the record: 1 to 256 characters on one line, nothing secret or personal */
            readonly reason: string;
        };
        readonly Payment: {
            readonly payment_id: string;
            readonly wallet_id: string;
            readonly account_id: string | null;
            readonly amount: string;
            /** @enum {string} */
            readonly status: "open" | "reserved" | "claimed" | "committed" | "released";
            readonly txid: string | null;
            /** @description where it goes, once it was allowed; null before, and where none were given */
            readonly destinations: readonly {
                readonly address: string;
                readonly amount: string;
            }[] | null;
            readonly max_fee: string | null;
            readonly approvals: readonly components["schemas"]["PaymentApproval"][];
            /** @description what approvers sign; null: ask for the payment again */
            readonly terms: components["schemas"]["PaymentTerms"] | null;
        };
        readonly PaymentAnswer: {
            readonly payment_id: string;
            readonly wallet_id: string;
            /** @description false in observe mode: the answer is what would hold, and the caller goes on as before */
            readonly enforced: boolean;
            /** @enum {string} */
            readonly final: "ALLOW" | "REFUSED";
            /**
             * @description what to do: claim it, have it approved, retry, or stop
             * @enum {string}
             */
            readonly next: "claim" | "approve" | "retry" | "stop";
            readonly retry_after_ms?: number;
            /** @description of an ALLOW: how long it can be claimed */
            readonly valid_for_ms?: number;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly valid_until_ms?: number;
            /** @description what an approval of exactly this payment names; null for what is no payment */
            readonly binds: string | null;
            /** @description what approvers sign, where approvals are signed; else null */
            readonly terms: components["schemas"]["PaymentTerms"] | null;
            readonly reasons: readonly {
                /** @enum {string} */
                readonly layer: "service" | "guardian" | "guard";
                readonly code: string;
                readonly text: string | null;
            }[];
            readonly guardian: components["schemas"]["GuardianDecision"];
            readonly guard: {
                readonly decision: string;
                readonly reason_id: string;
                readonly reason: string;
            };
            readonly veto: ("clock_untrusted" | "state_unavailable" | "own_node_stale" | "network_unknown" | "evidence_changed" | "balance_unavailable") | null;
            readonly inputs: components["schemas"]["Evidence"];
            /** @description source of each fact that the decision used: balance, age of the destinations, behaviour */
            readonly provenance?: components["schemas"]["Provenance"];
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly decided_at_ms: number;
            /**
             * @description this ALLOW was given before and still holds
             * @constant
             */
            readonly repeated?: true;
            readonly recorded: boolean;
        };
        readonly PaymentApproval: {
            readonly payment_id: string;
            readonly approver: string;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly approved_at_ms: number;
            /** @description hash of what was approved: id, amount and destinations */
            readonly binds: string;
            /** @description of a signed approval: by which key, and until when */
            readonly signed?: {
                readonly key_id: string;
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly expires_at_ms: number;
                readonly signature: string;
            };
        };
        readonly PaymentBodyInput: {
            /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
            readonly wallet_id: string;
            /** @description whose money it is; required where accounts have limits */
            readonly account_id?: string;
            /** @description what leaves, its share of the network fee included */
            readonly amount: string;
            /** @description most of the amount that the network fee may be */
            readonly max_fee?: string;
            /** @description where it goes; with max_fee together not more than the amount */
            readonly destinations?: readonly {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly address: string;
                /** @description coins as text, with at most 8 decimal places */
                readonly amount: string;
            }[];
            /** @description coins of the wallet that pays; where node_wallet is configured, the node's counts */
            readonly wallet_balance?: string;
            /** @description 1 is usual behaviour; more is less usual; with behaviour: ledger the ledger's own score counts where it is higher */
            readonly behaviour_score?: number;
            readonly trusted_device?: boolean;
            /** @description whole days since the destination was first paid; null: unknown; where the ledger keeps destinations, its own age counts */
            readonly address_age_days?: number | null;
            readonly device_id?: string | null;
            readonly user_id?: string | null;
        } | {
            /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
            readonly wallet_id: string;
            readonly payouts: readonly {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly withdrawal_id: string;
                /** @description whose money it is; required where accounts have limits */
                readonly account_id?: string;
                /** @description what leaves, its share of the network fee included */
                readonly amount: string;
                /** @description most of the amount that the network fee may be */
                readonly max_fee?: string;
                /** @description where it goes; with max_fee together not more than the amount */
                readonly destinations?: readonly {
                    /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                    readonly address: string;
                    /** @description coins as text, with at most 8 decimal places */
                    readonly amount: string;
                }[];
            }[];
            /** @description coins of the wallet that pays; where node_wallet is configured, the node's counts */
            readonly wallet_balance?: string;
            /** @description 1 is usual behaviour; more is less usual; with behaviour: ledger the ledger's own score counts where it is higher */
            readonly behaviour_score?: number;
            readonly trusted_device?: boolean;
            /** @description whole days since the destination was first paid; null: unknown; where the ledger keeps destinations, its own age counts */
            readonly address_age_days?: number | null;
            readonly device_id?: string | null;
            readonly user_id?: string | null;
        };
        readonly PaymentList: {
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly as_of_ms: number;
            readonly payments: readonly {
                readonly withdrawal_id: string;
                readonly wallet_id: string;
                readonly amount: string;
                readonly payouts: number;
                /** @enum {string} */
                readonly status: "reserved" | "lapsed" | "claimed" | "unsettled";
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly until_ms: number;
                readonly signer_id: string | null;
            }[];
            /** @description `after` of the next page; null: this was the last one */
            readonly next: string | null;
        };
        readonly PaymentTerms: {
            readonly deployment_id: string;
            readonly genesis: string;
            readonly wallet_id: string;
            readonly payment_id: string;
            readonly payouts: readonly {
                readonly script: string;
                readonly amount: string;
            }[];
            readonly max_fee: string;
            readonly policy_version: string;
        };
        readonly PaymentTimeline: {
            readonly payment_id: string;
            /** @description when the last checkpoint was signed */
            readonly checkpoint_at_ms: number | null;
            readonly entries: readonly {
                readonly seq: number;
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly at_ms: number;
                readonly kind: string;
                /** @description the record's leaf in the signed tree */
                readonly hash: string;
                readonly decision: string | null;
                readonly guard: string | null;
                readonly reason_codes: readonly string[];
                readonly facts: {
                    readonly [key: string]: string;
                };
                /** @description of a decision: the sources of its facts; null where its record does not state them */
                readonly provenance: components["schemas"]["Provenance"] | null;
                /** @description what counted; null together with `provenance` */
                readonly counted: components["schemas"]["CountedFacts"] | null;
                /** @description whether the last signed checkpoint covers it */
                readonly proven: boolean;
            }[];
        };
        /** @description RFC 9457 problem */
        readonly Problem: {
            /** @description URI of the kind of problem */
            readonly type: string;
            /** @description what happened */
            readonly title: string;
            readonly status: number;
            /** @description what to do */
            readonly detail: string;
            /** @description the request, as the service's log names it */
            readonly instance: string;
            /**
             * @description stable, for programs
             * @enum {string}
             */
            readonly code: "malformed_url" | "malformed_json" | "malformed_request" | "unknown_field" | "incomplete_body" | "invalid_withdrawal" | "invalid_operation" | "destination_unreadable" | "unauthenticated" | "role_not_allowed" | "wallet_not_allowed" | "reporter_not_allowed" | "host_not_allowed" | "origin_not_allowed" | "not_found" | "method_not_allowed" | "request_timeout" | "signature_required" | "approval_refused" | "content_changed" | "in_other_payment" | "part_of_payment" | "not_reserved" | "already_committed" | "claimed" | "claim_running" | "too_many_approvals" | "governed" | "not_governed" | "proposal_closed" | "own_proposal" | "not_proposer" | "not_governing" | "too_many_proposals" | "invalid_change" | "nothing_to_change" | "last_governing_keys" | "governance_unavailable" | "not_frozen" | "operator_freeze" | "no_audit" | "no_tip_key" | "not_covered" | "record_differs" | "body_too_large" | "media_type" | "rate_limited" | "too_many_streams" | "headers_too_large" | "internal_error" | "ledger_busy" | "ledger_unavailable" | "approvals_unavailable" | "keys_unavailable" | "clock_untrusted" | "not_recorded" | "incidents_unavailable" | "tip_unknown" | "tip_not_signed" | "clock_not_accepted" | "watcher_unavailable" | "order_unconfirmed" | "closing";
            /** @description the offending fields */
            readonly errors?: readonly {
                /** @enum {string} */
                readonly in: "body" | "query" | "path";
                /** @description JSON Pointer of the field; empty: the whole */
                readonly pointer: string;
                /** @description what is wrong with it, and what to give */
                readonly detail: string;
            }[];
            /** @description when to try again */
            readonly retry_after_ms?: number;
            /** @description the decision on a payment that is not valid, or was not recorded: never an ALLOW */
            readonly decision?: {
                readonly [key: string]: unknown;
            };
            /** @description of a claim: whether its answer is binding */
            readonly enforced?: boolean;
            /** @description of a rejected order: how the payment stands */
            readonly payment_status?: string;
            /** @description of a payment that was paid: its transaction */
            readonly txid?: string;
            /** @description of a call that loosens: the change to propose, as ProposalBody has it */
            readonly proposal?: {
                readonly [key: string]: unknown;
            };
            /** @description the parts that reject the clock */
            readonly refused_by?: readonly string[];
        } & {
            readonly [key: string]: unknown;
        };
        readonly Proposal: {
            readonly proposal_id: string;
            /**
             * @description open: approvals are missing; approved: its delay runs; executing; executed; rejected: too few are left who could approve; withdrawn; expired; stale: what it changes was changed meanwhile; failed
             * @enum {string}
             */
            readonly status: "open" | "approved" | "executing" | "executed" | "rejected" | "withdrawn" | "expired" | "stale" | "failed";
            readonly change: components["schemas"]["ProposedChange"];
            /** @description sentences about what it changes, as that stands now, for a person to read; of a closed one what the change itself states */
            readonly subject: readonly string[];
            readonly reason: string;
            readonly proposed_by: {
                readonly operator: string;
                readonly key_id: string;
            };
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly created_at_ms: number;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly expires_at_ms: number;
            /** @description that count now; a person with two keys counts once */
            readonly approvals: number;
            readonly approvals_needed: number;
            readonly votes: readonly {
                /** @description who votes: the holder of the key */
                readonly operator: string;
                readonly key_id: string;
                /** @enum {string} */
                readonly vote: "approve" | "reject";
                readonly reason: string | null;
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly at_ms: number;
                /** @description false: its key was revoked, has expired, or is the proposer's */
                readonly counts: boolean;
            }[];
            /** @description when it is carried out; null: approvals are missing */
            readonly due_at_ms: number | null;
            /** @description of a closed proposal */
            readonly outcome: {
                readonly code: string;
                readonly text: string;
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly at_ms: number;
            } | null;
        };
        readonly ProposalBodyInput: {
            readonly change: components["schemas"]["ChangeInput"];
            /** @description why, for the record: 1 to 256 characters on one line, nothing secret or personal */
            readonly reason: string;
        };
        readonly Proposals: {
            /** @description null: one operator's key suffices */
            readonly governance: components["schemas"]["Governance"] | null;
            readonly proposals: readonly components["schemas"]["Proposal"][];
        };
        readonly ProposedChange: {
            /** @constant */
            readonly kind: "unfreeze";
            /** @enum {string} */
            readonly scope: "account" | "wallet" | "global" | "cause";
            readonly id: string;
        } | {
            /** @constant */
            readonly kind: "accept_clock";
            /** @description the clock when this was proposed; absent in what an earlier version kept */
            readonly seen?: {
                /** @enum {string} */
                readonly status: "trusted" | "behind" | "ahead" | "invalid";
                /** @description by how much the clock of the process that watches, or the ledger's own, is ahead of the time that has passed; below 0: behind */
                readonly step_ms: number;
            };
        } | {
            /** @constant */
            readonly kind: "release_incident";
            readonly incident_id: string;
        } | {
            /** @constant */
            readonly kind: "release_payment";
            readonly payment_id: string;
        } | {
            /** @constant */
            readonly kind: "approve_destination";
            /** @description whose destination it is; this or wallet_id */
            readonly account_id?: string;
            readonly wallet_id?: string;
            readonly address: string;
        } | {
            /** @constant */
            readonly kind: "keys";
            readonly add: readonly {
                /** @description part of its token */
                readonly id: string;
                /** @enum {string} */
                readonly role: "reporter" | "wallet" | "approver" | "operator" | "reader" | "governor";
                /** @description who or what holds it */
                readonly name: string;
                /** @description null: all */
                readonly wallets: readonly string[] | null;
                /** @description of a reporter: its site and nodes */
                readonly reports_for: {
                    readonly operator: string;
                    readonly node_ids: readonly string[];
                } | null;
                /** @description null: it does not expire */
                readonly expires_at_ms: number | null;
            }[];
            readonly revoke: readonly string[];
        } | {
            /** @constant */
            readonly kind: "configuration";
            readonly digest: string;
            /** @description place, what was accepted, what is proposed */
            readonly differences: readonly string[];
        };
        readonly Provenance: {
            readonly wallet_balance: {
                /** @enum {string} */
                readonly source: "node" | "ledger" | "caller";
                readonly stated: (string | number) | null;
                readonly contradicted: boolean;
                readonly node_id: string | null;
                readonly age_ms: number | null;
            };
            readonly address_age_days: {
                /** @enum {string} */
                readonly source: "node" | "ledger" | "caller";
                readonly stated: (string | number) | null;
                readonly contradicted: boolean;
            };
            readonly behaviour_score: {
                /** @enum {string} */
                readonly source: "node" | "ledger" | "caller";
                readonly stated: (string | number) | null;
                readonly contradicted: boolean;
            };
        };
        readonly Readiness: {
            readonly ready: boolean;
            readonly checks: readonly {
                readonly name: string;
                readonly ok: boolean;
                /** @description with a key of an operator or a reader only */
                readonly detail?: string;
            }[];
        };
        readonly RecordProof: {
            readonly record: {
                readonly seq: number;
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly at_ms: number;
                readonly kind: string;
                readonly record: {
                    readonly [key: string]: unknown;
                };
                /** @description inclusion proof by RFC 9162, the neighbour of the record's leaf first */
                readonly hashes: readonly string[];
            };
            /** @description DSSE envelope, signed with Ed25519 and ML-DSA-65 */
            readonly checkpoint: {
                readonly payloadType: string;
                /** @description base64 of the checkpoint's canonical JSON */
                readonly payload: string;
                readonly signatures: readonly {
                    readonly keyid: string;
                    readonly sig: string;
                }[];
            };
        };
        readonly Records: {
            readonly ledger_id: string;
            /** @description 1, and one more each time the ledger was adopted: records read before may have gone */
            readonly epoch: number;
            readonly records: readonly {
                readonly seq: number;
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly at_ms: number;
                readonly kind: string;
                readonly record: {
                    readonly [key: string]: unknown;
                };
            }[];
            /** @description `after` of the next page; null: these were the last ones so far */
            readonly next: number | null;
        };
        readonly ReleaseBodyInput: {
            /** @description why, for the record: 1 to 256 characters on one line, nothing secret or personal */
            readonly reason: string;
            /** @description the signer that holds the claim */
            readonly signer_id?: string;
            /**
             * @description states that nothing of a claimed payment was signed and sent
             * @constant
             */
            readonly not_executed?: true;
        };
        readonly Scope: {
            /** @enum {string} */
            readonly scope: "account" | "wallet" | "global";
            readonly id: string;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly as_of_ms: number;
            /** @enum {string} */
            readonly clock: "trusted" | "behind" | "ahead" | "invalid";
            readonly frozen: boolean;
            readonly globally_frozen: boolean;
            readonly freezes: readonly {
                readonly cause_id: string;
                /** @enum {string} */
                readonly kind: "risk" | "limit" | "operator";
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly frozen_at_ms: number;
                /** @description milliseconds since 1970-01-01T00:00:00Z */
                readonly last_at_ms: number;
                readonly count: number;
                readonly operator: string | null;
                readonly reason: string;
            }[];
            readonly max_per_tx: string | null;
            readonly windows: readonly {
                /** @enum {string} */
                readonly code: "daily_limit" | "window_limit";
                readonly seconds: number;
                readonly max_amount: string | null;
                readonly max_count: number | null;
                readonly limit: string;
                readonly spent: string;
                readonly spent_count: number;
                readonly requested: string;
                readonly requested_count: number;
            }[];
            readonly last_allow_ms: number | null;
            readonly cooldown_until_ms: number | null;
            readonly attempts: number;
            readonly policy_version: string;
            readonly rules_version: string;
        };
        readonly Signals: {
            readonly accepted: number;
            readonly refused: number;
        };
        readonly SignalsBodyInput: {
            /** @description all of the key's own operator and nodes */
            readonly signals: readonly {
                readonly node_id: string;
                /** @enum {string} */
                readonly source: "sentinel" | "adn" | "wallet_guard" | "oracle" | "infra";
                readonly type: string;
                readonly severity: number;
                readonly metadata?: Record<string, unknown>;
                readonly observed_at?: number;
                readonly operator?: string;
            }[];
        };
        readonly SignedTipStatement: {
            /** @description application/vnd.dgb-shield.tip.v1+json */
            readonly payloadType: string;
            /** @description base64 of the statement, which is JSON */
            readonly payload: string;
            /** @description by Ed25519 and by ML-DSA-65 of one key */
            readonly signatures: readonly {
                readonly keyid: string;
                /** @description base64 */
                readonly sig: string;
            }[];
        };
        readonly SimulateBodyInput: {
            /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
            readonly wallet_id: string;
            /** @description whose money it is; required where accounts have limits */
            readonly account_id?: string;
            /** @description what leaves, its share of the network fee included */
            readonly amount: string;
            /** @description most of the amount that the network fee may be */
            readonly max_fee?: string;
            /** @description where it goes; with max_fee together not more than the amount */
            readonly destinations?: readonly {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly address: string;
                /** @description coins as text, with at most 8 decimal places */
                readonly amount: string;
            }[];
            /** @description coins of the wallet that pays; where node_wallet is configured, the node's counts */
            readonly wallet_balance?: string;
            /** @description 1 is usual behaviour; more is less usual; with behaviour: ledger the ledger's own score counts where it is higher */
            readonly behaviour_score?: number;
            readonly trusted_device?: boolean;
            /** @description whole days since the destination was first paid; null: unknown; where the ledger keeps destinations, its own age counts */
            readonly address_age_days?: number | null;
            readonly device_id?: string | null;
            readonly user_id?: string | null;
            /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
            readonly withdrawal_id: string;
        } | {
            /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
            readonly wallet_id: string;
            readonly payouts: readonly {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly withdrawal_id: string;
                /** @description whose money it is; required where accounts have limits */
                readonly account_id?: string;
                /** @description what leaves, its share of the network fee included */
                readonly amount: string;
                /** @description most of the amount that the network fee may be */
                readonly max_fee?: string;
                /** @description where it goes; with max_fee together not more than the amount */
                readonly destinations?: readonly {
                    /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                    readonly address: string;
                    /** @description coins as text, with at most 8 decimal places */
                    readonly amount: string;
                }[];
            }[];
            /** @description coins of the wallet that pays; where node_wallet is configured, the node's counts */
            readonly wallet_balance?: string;
            /** @description 1 is usual behaviour; more is less usual; with behaviour: ledger the ledger's own score counts where it is higher */
            readonly behaviour_score?: number;
            readonly trusted_device?: boolean;
            /** @description whole days since the destination was first paid; null: unknown; where the ledger keeps destinations, its own age counts */
            readonly address_age_days?: number | null;
            readonly device_id?: string | null;
            readonly user_id?: string | null;
            /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
            readonly payment_id: string;
        };
        readonly SimulatedAnswer: {
            readonly payment_id: string;
            readonly wallet_id: string;
            /** @description false in observe mode: the answer is what would hold, and the caller goes on as before */
            readonly enforced: boolean;
            /** @enum {string} */
            readonly final: "ALLOW" | "REFUSED";
            /**
             * @description what to do: claim it, have it approved, retry, or stop
             * @enum {string}
             */
            readonly next: "claim" | "approve" | "retry" | "stop";
            readonly retry_after_ms?: number;
            /** @description of an ALLOW: how long it can be claimed */
            readonly valid_for_ms?: number;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly valid_until_ms?: number;
            /** @description what an approval of exactly this payment names; null for what is no payment */
            readonly binds: string | null;
            /** @description what approvers sign, where approvals are signed; else null */
            readonly terms: components["schemas"]["PaymentTerms"] | null;
            readonly reasons: readonly {
                /** @enum {string} */
                readonly layer: "service" | "guardian" | "guard";
                readonly code: string;
                readonly text: string | null;
            }[];
            readonly guardian: components["schemas"]["GuardianDecision"];
            readonly guard: {
                readonly decision: string;
                readonly reason_id: string;
                readonly reason: string;
            };
            readonly veto: ("clock_untrusted" | "state_unavailable" | "own_node_stale" | "network_unknown" | "evidence_changed" | "balance_unavailable") | null;
            readonly inputs: components["schemas"]["Evidence"];
            /** @description source of each fact that the decision used: balance, age of the destinations, behaviour */
            readonly provenance?: components["schemas"]["Provenance"];
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly decided_at_ms: number;
        };
        readonly Status: {
            /**
             * @description blind: nothing can be relied on; stopped: the evidence forbids every payment; restricted: some wallets are held; open
             * @enum {string}
             */
            readonly state: "blind" | "stopped" | "restricted" | "open";
            /** @description one sentence */
            readonly summary: string;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly since_ms: number;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly as_of_ms: number;
            readonly cause: {
                readonly code: string;
                readonly text: string;
            } | null;
            /** @description what can be done, and by which role */
            readonly remedies: readonly {
                /** @enum {string} */
                readonly role: "operator" | "approver" | "host";
                readonly text: string;
            }[];
            /** @description whether a proposal waits for approvals: see GET /v1/proposals */
            readonly awaiting_second_key: boolean;
            /** @description whether some wallets only record */
            readonly observing: boolean;
            /** @enum {string} */
            readonly evidence: "live" | "recording";
            readonly chain: string;
            readonly deployment_id: string;
            readonly wallets: readonly {
                readonly wallet_id: string;
                /** @enum {string} */
                readonly mode: "observe" | "enforce";
                /** @enum {string} */
                readonly state: "blind" | "stopped" | "restricted" | "open";
                readonly cause: string | null;
            }[];
            /** @enum {string} */
            readonly level: "normal" | "elevated" | "high" | "critical";
            /** @enum {string} */
            readonly lockdown: "NONE" | "PARTIAL" | "FULL";
            readonly sources: readonly {
                readonly node_id: string;
                /** @enum {string} */
                readonly status: "WATCHING" | "SYNCING" | "UNREACHABLE" | "UNSEEN";
                /** @enum {string} */
                readonly level: "normal" | "elevated" | "high" | "critical";
                readonly observed_at_ms: number | null;
                readonly age_ms: number | null;
                readonly fresh: boolean;
            }[];
            /** @description what this process does among several on one PostgreSQL schema */
            readonly role: {
                /** @description whether this process watches the nodes */
                readonly watches: boolean;
                /** @description the process that watches in its place */
                readonly watcher: string | null;
                readonly evidence_age_ms: number | null;
            };
        };
        readonly StoredKey: {
            /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
            readonly id: string;
            /** @enum {string} */
            readonly role: "reporter" | "wallet" | "approver" | "operator" | "reader" | "governor";
            readonly name: string;
            /** @description milliseconds since 1970-01-01T00:00:00Z */
            readonly created_at_ms: number;
            readonly expires_at_ms: number | null;
            readonly revoked_at_ms: number | null;
            readonly wallets: readonly string[] | null;
            readonly reports_for: {
                readonly operator: string;
                readonly node_ids: readonly string[];
            } | null;
        };
        readonly Telemetry: {
            /** @constant */
            readonly accepted: true;
        };
        readonly TelemetryBodyInput: {
            /** @description calls of all clients */
            readonly calls: number;
            /** @description refused for what they are: method, role, wallet, path, export */
            readonly refused: number;
            /** @description with wrong credentials */
            readonly unauthorized: number;
        };
        readonly TipKey: {
            readonly operator: string;
            readonly key_id: string;
            /** @description base64, as in a keyring */
            readonly public_keys: {
                readonly ed25519: string;
                readonly ml_dsa_65: string;
            };
        };
        readonly WouldPass: {
            /** @description largest amount that would have passed then, coins */
            readonly amount: string | null;
            /** @description when the same amount could pass */
            readonly at_ms: number | null;
            /** @description whether the evidence has to become calmer as well */
            readonly calmer: boolean;
            /** @description approvals that would let it pass; null where they do not help */
            readonly approvals: {
                readonly missing: number;
                readonly given: number;
                readonly methods: readonly string[];
                /** @description what each approval binds to */
                readonly binds: string | null;
            } | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly get_status: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Status"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_key: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Key"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_records: {
        readonly parameters: {
            readonly query?: {
                /** @description number of the last record that is known */
                readonly after?: number;
                /** @description records at most */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Records"];
                };
            };
            /** @description malformed_request, unknown_field, invalid_operation */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_records__seq__proof: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description number of the record */
                readonly seq: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RecordProof"];
                };
            };
            /** @description malformed_request, unknown_field */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_found */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description no_audit, not_covered, record_differs */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_payments_by_id: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description malformed_request, unknown_field */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_found */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description part_of_payment */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable, approvals_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly put_payments_by_id: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PaymentBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentAnswer"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body, invalid_withdrawal */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description content_changed, in_other_payment */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable, approvals_unavailable, clock_untrusted, not_recorded */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_payments: {
        readonly parameters: {
            readonly query?: {
                /** @description `next` of the page before */
                readonly after?: string;
                /** @description entries at most */
                readonly limit?: number;
                /** @description lapsed: holds no room any more; unsettled: the claim is over, and nothing was committed */
                readonly status?: "reserved" | "lapsed" | "claimed" | "unsettled";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentList"];
                };
            };
            /** @description malformed_request, unknown_field, invalid_operation */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_payments_by_id_approvals: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ApprovalBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentApproval"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_found */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description signature_required, too_many_approvals */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description approval_refused */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable, approvals_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_payments_by_id_claim: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ClaimBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ClaimAnswer"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_found */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description part_of_payment */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable, clock_untrusted */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_payments_by_id_commit: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CommitBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body, invalid_operation */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_found */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, clock_untrusted, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_payments_by_id_release: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ReleaseBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_found */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description part_of_payment, not_reserved, already_committed, claimed, claim_running, governed */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_decisions: {
        readonly parameters: {
            readonly query?: {
                /** @description REFUSED: payments that are held back, their last answer being a refusal */
                readonly final?: "ALLOW" | "REFUSED";
                /** @description `next` of the page before */
                readonly before?: number;
                /** @description decisions at most */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Decisions"];
                };
            };
            /** @description malformed_request, unknown_field */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_payments_by_id_timeline: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentTimeline"];
                };
            };
            /** @description malformed_request, unknown_field */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_found */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_simulate: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SimulateBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SimulatedAnswer"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body, invalid_withdrawal */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description content_changed, in_other_payment */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, approvals_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly put_destinations: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["DestinationBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body, invalid_operation, destination_unreadable */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, clock_untrusted, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_destinations_approvals: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["DestinationApprovalBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body, invalid_operation, destination_unreadable */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description governed */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, clock_untrusted, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_signals: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SignalsBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Signals"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, reporter_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, watcher_unavailable, order_unconfirmed */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_telemetry: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["TelemetryBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Telemetry"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_network: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NetworkView"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_nodes: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Nodes"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_chain: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Chain"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_chain_statement: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SignedTipStatement"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description no_tip_key */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, tip_unknown, tip_not_signed */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_history: {
        readonly parameters: {
            readonly query?: {
                /** @description how far back */
                readonly hours?: number;
                /** @description steps at most */
                readonly points?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["History"];
                };
            };
            /** @description malformed_request, unknown_field */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_findings: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Findings"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_lockdown: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DefenseState"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_wallets_by_id: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Scope"];
                };
            };
            /** @description malformed_request, unknown_field, invalid_operation */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_accounts_by_id: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Scope"];
                };
            };
            /** @description malformed_request, unknown_field, invalid_operation */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_freezes: {
        readonly parameters: {
            readonly query?: {
                /** @description `next` of the page before */
                readonly after?: string;
                /** @description entries at most */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FreezeList"];
                };
            };
            /** @description malformed_request, unknown_field, invalid_operation */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_freezes: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["FreezeBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body, invalid_operation */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_freezes_lift: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["LiftBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body, invalid_operation */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_frozen, operator_freeze, governed */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_incidents: {
        readonly parameters: {
            readonly query?: {
                /** @description default: open without from and to, else all */
                readonly status?: "open" | "ended" | "all";
                /** @description open at this time or later, milliseconds since 1970 */
                readonly from?: number;
                /** @description begun at this time or before */
                readonly to?: number;
                /** @description incidents at most */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Incidents"];
                };
            };
            /** @description malformed_request, unknown_field */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, incidents_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_incidents_by_id_release: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["OrderBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["IncidentRelease"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_found */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description governed */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, watcher_unavailable, order_unconfirmed */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_clock_accept: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["OrderBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ClockAcceptance"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description governed */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, clock_not_accepted, watcher_unavailable, order_unconfirmed */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_proposals: {
        readonly parameters: {
            readonly query?: {
                /** @description pending: open, approved or executing; default: all */
                readonly state?: "pending" | "closed" | "all";
                /** @description entries at most */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Proposals"];
                };
            };
            /** @description malformed_request, unknown_field */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_proposals: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ProposalBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Proposal"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body, invalid_change */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description nothing_to_change, too_many_proposals, last_governing_keys, not_governed */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, governance_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_proposals_by_id: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Proposal"];
                };
            };
            /** @description malformed_request, unknown_field */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_found */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_proposals_by_id_approve: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ApproveBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Proposal"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed, own_proposal, not_governing */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_found */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description proposal_closed, not_governed */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, governance_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_proposals_by_id_reject: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["OrderBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Proposal"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed, own_proposal, not_governing */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_found */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description proposal_closed, not_governed */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, governance_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_proposals_by_id_withdraw: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["OrderBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Proposal"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed, not_proposer */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_found */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description proposal_closed, not_governed */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, governance_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly post_keys_by_id_revoke: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description 1 to 128 characters, no control characters, no white space at either end; case counts */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["OrderBodyInput"];
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["StoredKey"];
                };
            };
            /** @description malformed_request, unknown_field, malformed_json, incomplete_body */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed, wallet_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_found */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description governed, last_governing_keys, not_governed */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body_too_large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_type */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, governance_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_livez: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Live"];
                };
            };
            /** @description host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_readyz: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Default Response */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    readonly get_metrics: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Prometheus text format */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/plain": string;
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_openapi_json: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly [key: string]: unknown;
                    };
                };
            };
            /** @description host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_jwks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Jwks"];
                };
            };
            /** @description host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_chain_statement_key: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TipKey"];
                };
            };
            /** @description host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description no_tip_key */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly get_events: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description events, each a JSON object */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
            /** @description unauthenticated */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description role_not_allowed, host_not_allowed, origin_not_allowed */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate_limited, too_many_streams */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal_error */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description keys_unavailable, closing, ledger_busy, ledger_unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
