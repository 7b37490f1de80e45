/** Binds the parameters of a call to their names, whichever way they were written. */
import { type Checked, passed, refused } from "../codes.js";
import { isList, isMap, type Json, type JsonMap } from "../json/value.js";

/** Parameters of a call: by position, by name, or both at once (names beside an array `args`). */
export type Parameters = readonly Json[] | JsonMap;

/** Parameters by name; one that is absent or null is not in it. */
export type Bound = ReadonlyMap<string, Json>;

/** Parameters by position, and those by name. */
export function partsOf(
  params: Parameters,
): Readonly<{ positional: readonly Json[]; named: JsonMap }> {
  if (!isMap(params)) return { positional: params, named: new Map() };
  const args = params.get("args");
  if (!isList(args)) return { positional: [], named: params };
  return { positional: args, named: new Map([...params].filter(([name]) => name !== "args")) };
}

/**
 * Binds parameters to the names of a method.
 *
 * @param names of the method's parameters, in their order
 * @param required how many of them must be there
 */
export function bindParameters(
  names: readonly string[],
  required: number,
  params: Parameters,
): Checked<Bound> {
  const { positional, named } = partsOf(params);
  const bound = new Map<string, Json>();
  // [REFUSE parameter_unknown] more parameters than the method has, or one of another name
  const hasUnknown =
    positional.length > names.length || [...named.keys()].some((name) => !names.includes(name));
  if (hasUnknown) {
    return refused(
      "parameter_unknown",
      "a parameter that the gateway does not know: leave it out, or call the method without it",
    );
  }
  for (const [index, value] of positional.entries()) {
    const name = names[index];
    if (name !== undefined && value !== null) bound.set(name, value);
  }
  for (const [name, value] of named) {
    // [REFUSE parameters_ambiguous] one parameter by position and by name
    if (names.indexOf(name) < positional.length) {
      return refused(
        "parameters_ambiguous",
        "a parameter is given by position and by name: give it once",
      );
    }
    if (value !== null) bound.set(name, value);
  }
  const isMissing = names.slice(0, required).some((name) => !bound.has(name));
  return isMissing ? invalidParameter("a parameter is missing") : passed(bound);
}

/** The bound parameters by position, as every version of a node reads them. */
export function positionalOf(names: readonly string[], bound: Bound): readonly Json[] {
  const last = names.findLastIndex((name) => bound.has(name));
  return names.slice(0, last + 1).map((name) => bound.get(name) ?? null);
}

/** A parameter of the wrong type or out of its range. */
export function invalidParameter(what: string): Extract<Checked<never>, { ok: false }> {
  // [REFUSE parameter_invalid] a parameter is missing, of another type, or out of range
  return refused("parameter_invalid", `${what}: see the node's help of this method`);
}
