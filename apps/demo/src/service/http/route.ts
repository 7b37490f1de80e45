/** A route as data: what it takes, what it answers, and which problems it can have. */
import type { z } from "zod";
import type { ApiKey } from "../keys/key.js";
import type { Actor } from "../keys/actor.js";
import type { RouteId } from "./access.js";
import type { ProblemCode } from "./problems.js";

/** A request of which everything was checked. */
export type Call<P, Q, B> = Readonly<{
  params: P;
  query: Q;
  body: B;
  key: ApiKey;
  /** Who gives the order: the key. */
  by: Actor;
}>;

type Schemas<P, Q, B> = Readonly<{
  params?: P;
  query?: Q;
  body?: B;
}>;

/** A route of JSON in, JSON out. */
export type Route = Readonly<{
  id: RouteId;
  /** One of the groups of the document. */
  tag: string;
  summary: string;
  description?: string;
  schemas: Schemas<z.ZodType, z.ZodType, z.ZodType>;
  answer: z.ZodType;
  /** Problems beside those that every route of its kind has. */
  problems: readonly ProblemCode[];
  /** Bytes of a body at most. */
  bodyLimit?: number;
  /** Gives the answer's body; throws an HttpProblem. */
  handle: (call: Call<unknown, unknown, unknown>) => Promise<object> | object;
}>;

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

type Typed<P, Q, B, A extends z.ZodType> = Omit<
  Route,
  "schemas" | "answer" | "handle" | "problems"
> &
  Schemas<P, Q, B> &
  Readonly<{
    answer: A;
    problems?: readonly ProblemCode[];
    handle: (
      call: Call<Output<P>, Output<Q>, Output<B>>,
    ) => Promise<Sent<z.input<A>> & object> | (Sent<z.input<A>> & object);
  }>;

/** What a handler gives: nothing of it is changed on the way. */
type Sent<T> = T extends readonly (infer Item)[]
  ? readonly Sent<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Sent<T[Name]> }
    : T;

/** Defines a route; what its handler gets and gives follows from its schemas. */
export function route<
  A extends z.ZodType,
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>({ params, query, body, problems = [], handle, ...rest }: Typed<P, Q, B, A>): Route {
  const schemas = {
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
  };
  return { ...rest, schemas, problems, handle: handle as Route["handle"] };
}
