/** Types of the calls: paths, parameters, bodies and answers of the service's OpenAPI document. */
import type { components, paths } from "./generated/openapi.js";

/** Every schema of the document, by its name: `Schemas["Status"]`. */
export type Schemas = components["schemas"];

/** The body of an error (RFC 9457). */
export type Problem = Schemas["Problem"];

/** Codes of problems; a service that is newer than these types can have further ones. */
export type ProblemCode = Problem["code"];

/** Methods that a client has. */
export type Method = "get" | "put" | "post";

/** Paths that have a method; the stream of events is `client.events`. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Readonly<Record<M, object>> ? P : never;
}[Exclude<keyof paths, "/v1/events">];

type Operation<M extends Method, P extends PathOf<M>> = paths[P][M];

type PathOption<O> = O extends { readonly parameters: { readonly path: infer T extends object } }
  ? Readonly<{ path: T }>
  : object;

type QueryOption<O> = O extends { readonly parameters: { readonly query?: infer T } }
  ? [T] extends [undefined]
    ? object
    : Readonly<{ query?: NonNullable<T> }>
  : object;

type BodyOption<O> = O extends {
  readonly requestBody: { readonly content: { readonly "application/json": infer T } };
}
  ? Readonly<{ body: T }>
  : object;

/** What a call gives: `path`, `query` and `body` where its route has them. */
export type CallOptions<M extends Method, P extends PathOf<M>> = PathOption<Operation<M, P>> &
  QueryOption<Operation<M, P>> &
  BodyOption<Operation<M, P>> &
  Readonly<{
    /** Ends the call and its retries. */
    signal?: AbortSignal;
  }>;

/** What a route answers with 200. */
export type AnswerOf<M extends Method, P extends PathOf<M>> =
  Operation<M, P> extends { readonly responses: { readonly 200: { readonly content: infer C } } }
    ? C[keyof C]
    : never;

/** The options of a call, which may be left out where none is required. */
export type CallArguments<O> = object extends O ? [options?: O] : [options: O];
