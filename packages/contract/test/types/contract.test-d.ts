/** Types that integrators write against, checked by `pnpm typecheck`: nothing is `any`, nothing is lost. */
import { describe, expectTypeOf, it } from "vitest";
import type {
  DqsnRequest,
  DqsnResponse,
  Envelope,
  JsonObject,
  JsonValue,
  SchemaName,
  SignalV2,
} from "../../src/index.js";
import type * as schemas from "../../src/schemas/index.js";

type Nine = {
  contract_version: 3;
  component: string;
  request_id: string;
  context_hash: string;
  decision: "ALLOW" | "WARN" | "BLOCK" | "ERROR";
  risk: { score: number; tier: "LOW" | "MEDIUM" | "HIGH" | "CRITICAL" };
  reason_codes: string[];
  evidence: JsonObject;
  meta: { fail_closed: true };
};

/** `true`, or `boolean`, where `any` stands anywhere in a type; the values of a record are not followed. */
type HasAny<T> = 0 extends 1 & T
  ? true
  : T extends readonly (infer Item)[]
    ? HasAny<Item>
    : T extends object
      ? string extends keyof T
        ? 0 extends 1 & T[keyof T]
          ? true
          : false
        : { [K in keyof T]-?: HasAny<T[K]> }[keyof T]
      : false;

describe("Envelope", () => {
  it("has exactly the nine keys", () => {
    expectTypeOf<Envelope>().toEqualTypeOf<Nine>();
  });

  it("is what a DQSN answers, with its component named", () => {
    expectTypeOf<DqsnResponse["component"]>().toEqualTypeOf<"dqsn">();
    expectTypeOf<Omit<DqsnResponse, "component">>().toEqualTypeOf<Omit<Nine, "component">>();
    expectTypeOf<DqsnResponse>().toExtend<Envelope>();
  });

  it("carries JSON as evidence, not any", () => {
    expectTypeOf<Envelope["evidence"][string]>().toEqualTypeOf<JsonValue>();
    expectTypeOf<Date>().not.toExtend<Envelope["evidence"]>();
  });
});

describe("SignalV2", () => {
  it("has four fields that must be there and three that may", () => {
    expectTypeOf<SignalV2>().toEqualTypeOf<{
      node_id: string;
      source: "sentinel" | "adn" | "wallet_guard" | "oracle" | "infra";
      type: string;
      severity: number;
      metadata?: JsonObject | undefined;
      observed_at?: number | undefined;
      operator?: string | undefined;
    }>();
  });
});

describe("DqsnRequest", () => {
  it("has signals, and constraints that only tighten", () => {
    expectTypeOf<DqsnRequest>().toEqualTypeOf<{
      contract_version: 3;
      component: "dqsn";
      request_id: string;
      signals: Nine[];
      constraints?:
        | undefined
        | {
            fail_closed?: true | undefined;
            required_components?: string[] | undefined;
            min_signals?: number | undefined;
          };
    }>();
  });
});

describe("every exported type of the schemas", () => {
  it("has a JSON Schema of its name", () => {
    expectTypeOf<SchemaName>().toEqualTypeOf<
      | "Envelope"
      | "DqsnRequest"
      | "DqsnResponse"
      | "SignalV2"
      | "SentinelReport"
      | "NetworkView"
      | "DefenseState"
      | "GuardianDecision"
      | "WithdrawalRecord"
      | "ShieldEvent"
      | "TipStatement"
    >();
  });

  it("is any in no field", () => {
    // The check itself works: any is found at every depth.
    expectTypeOf<HasAny<{ a: { b?: string[] }; c: unknown }>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<{ a: { b?: any[] } }>>().toEqualTypeOf<boolean>(); // eslint-disable-line @typescript-eslint/no-explicit-any
    expectTypeOf<HasAny<Envelope>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<DqsnRequest>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<SignalV2>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<schemas.SentinelReport>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<schemas.NetworkView>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<schemas.DefenseState>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<schemas.GuardianDecision>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<schemas.WithdrawalRecord>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<schemas.ShieldEvent>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<schemas.TipStatement>>().toEqualTypeOf<false>();
  });
});
