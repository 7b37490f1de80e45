/** Reads JSON-RPC requests, 1.0, 1.1 and 2.0, as Bitcoin Core and its forks do. */
import { type Checked, passed, refused } from "../codes.js";
import { isList, isMap, type Json, JsonNumber } from "../json/value.js";
import { writeJson } from "../json/write.js";
import type { Parameters } from "./parameters.js";

/** How answers and errors are written. */
export type Dialect = "1" | "2";

/** One call of a client. */
export type Call = Readonly<{
  method: string;
  params: Parameters;
  /** As it was written; undefined where there is none. */
  id: Json | undefined;
  dialect: Dialect;
  /** Version as the client wrote it; undefined where it wrote none. */
  version: string | undefined;
}>;

/** What is known of a request that is no call. */
export type BadCall = Readonly<{ id: Json; dialect: Dialect }>;

const MEMBERS = new Set(["jsonrpc", "version", "id", "method", "params"]);
const VERSIONS = new Set(["1.0", "1.1", "2.0"]);

/** Longest id and name of a method, in characters. */
const MAX_ID = 128;
const MAX_METHOD = 64;

/** Reads one request. */
export function readCall(request: Json): Checked<Call> & Readonly<{ at: BadCall }> {
  const at = placeOf(request);
  if (!isMap(request)) return { ...invalid("a request is no object"), at };
  const [method, params, id] = [request.get("method"), request.get("params"), request.get("id")];
  const [jsonrpc, version] = [request.get("jsonrpc"), request.get("version")];
  if ([...request.keys()].some((name) => !MEMBERS.has(name))) {
    return { ...invalid("a request has a member that is not jsonrpc, id, method or params"), at };
  }
  if (![jsonrpc, version].every((one) => one === undefined || isVersion(one))) {
    return { ...invalid("jsonrpc is none of 1.0, 1.1 and 2.0"), at };
  }
  if (id !== undefined && !isId(id)) {
    return { ...invalid("id is no number, null or string of at most 128 characters"), at };
  }
  if (typeof method !== "string" || method === "" || method.length > MAX_METHOD) {
    return { ...invalid("method is no name"), at };
  }
  if (params !== undefined && params !== null && !isList(params) && !isMap(params)) {
    return { ...invalid("params is neither an array nor an object"), at };
  }
  const call = { method, params: params ?? [], id, dialect: at.dialect };
  return { ...passed({ ...call, version: typeof jsonrpc === "string" ? jsonrpc : undefined }), at };
}

function placeOf(request: Json): BadCall {
  if (!isMap(request)) return { id: null, dialect: "1" };
  const id = request.get("id");
  return {
    id: id !== undefined && isId(id) ? id : null,
    dialect: request.get("jsonrpc") === "2.0" ? "2" : "1",
  };
}

const isVersion = (value: Json): boolean => typeof value === "string" && VERSIONS.has(value);

const isId = (id: Json): boolean =>
  id === null || id instanceof JsonNumber || (typeof id === "string" && id.length <= MAX_ID);

function invalid(what: string): Extract<Checked<never>, { ok: false }> {
  // [REFUSE invalid_request] no JSON-RPC request, or one that two readers could understand differently
  return refused("invalid_request", `${what}: send a JSON-RPC 1.0, 1.1 or 2.0 request`);
}

/** Whether nothing is answered by the id: absent, or null, which JSON-RPC 1.0 means by it. */
export const hasNoId = ({ id }: Call): boolean => id === undefined || id === null;

/**
 * The text of a call for the node: the members that were read, in the client's dialect.
 *
 * @param params in place of the client's own
 */
export function writeCall(call: Call, params: Parameters = call.params): string {
  const members: [string, Json][] = [];
  if (call.version !== undefined) members.push(["jsonrpc", call.version]);
  if (call.id !== undefined) members.push(["id", call.id]);
  members.push(["method", call.method], ["params", params]);
  return writeJson(new Map(members));
}
