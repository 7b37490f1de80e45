/** Judges the arguments of a call by the table's conditions, however they are given (design, section 6). */
import type { RpcCondition } from "@dgb-shield/contract";
import { ownValue } from "../internal/own-data.js";

/** Checks whether parameters are of a form that a node takes: a list, an object of names, or none. */
export const isParams = (params: unknown): boolean =>
  params === undefined || (typeof params === "object" && !isUnreadable(params));

/**
 * Checks whether each condition holds. One argument can be given by position, by name, by both, and within an object or beside it: a
 * condition holds where every form that is given has one of its values. What cannot be read holds nowhere.
 */
export const allHold = (conditions: readonly RpcCondition[], params: unknown): boolean =>
  conditions.every((condition) => holds(condition, params));

function holds(condition: RpcCondition, params: unknown): boolean {
  const { members, values, absent } = condition;
  const given = argumentsOf(condition, params);
  if (given === undefined) return false;
  const judged = members === undefined ? given : membersOf(members, given, params);
  if (judged === undefined) return false;
  const present = judged.filter((value) => value !== null && value !== undefined);
  return present.length === 0 ? absent : present.every((value) => values.includes(value as number));
}

/** Every value that is given for an argument; undefined where that cannot be read. */
function argumentsOf({ position, names }: RpcCondition, params: unknown): unknown[] | undefined {
  if (params === undefined || params === null) return [];
  if (Array.isArray(params)) return [ownValue(params, position)];
  const positional = ownValue(params, "args");
  if (positional !== undefined && positional !== null && !Array.isArray(positional)) {
    return undefined;
  }
  return [ownValue(positional, position), ...names.map((name) => ownValue(params, name))];
}

/** Every value of a member, within the objects that are given or beside them; undefined where one is no object. */
function membersOf(
  members: readonly string[],
  objects: readonly unknown[],
  params: unknown,
): unknown[] | undefined {
  const present = objects.filter((value) => value !== null && value !== undefined);
  if (present.some((value) => typeof value !== "object" || Array.isArray(value))) return undefined;
  const beside = Array.isArray(params) ? [] : [params];
  return [...present, ...beside].flatMap((object) => members.map((name) => ownValue(object, name)));
}

/** Whether an object's own members cannot be listed: a hostile proxy. */
function isUnreadable(value: object | null): boolean {
  try {
    if (value !== null) Reflect.ownKeys(value);
    return false;
  } catch {
    return true;
  }
}
