/** Checks answers against the OpenAPI document, by a validator that shares no code with the service. */
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Answer } from "./http-service.js";

/** A document of OpenAPI 3.1, as far as the check reads it. */
export type Document = Readonly<{
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: Readonly<{ schemas: Readonly<Record<string, object>> }>;
}>;
type Operation = Readonly<{
  parameters?: readonly Readonly<{
    name: string;
    in: string;
    schema: object;
    required?: boolean;
  }>[];
  requestBody?: Readonly<{ content: Readonly<Record<string, Readonly<{ schema: object }>>> }>;
  responses: Readonly<
    Record<string, Readonly<{ content?: Readonly<Record<string, Readonly<{ schema: object }>>> }>>
  >;
}>;

/**
 * Makes the check.
 *
 * @returns what is wrong with an answer to a route; undefined where it is as documented
 */
export function conformance(document: Document) {
  const ajv = new Ajv2020({ strict: false, unicodeRegExp: true });
  ajv.addSchema({ $id: "doc", components: document.components });
  const compiled = new Map<string, ReturnType<typeof ajv.compile>>();
  return (
    route: string,
    { status, headers, body }: Pick<Answer, "status" | "headers" | "body">,
  ) => {
    const [method = "", path = ""] = route.split(" ");
    const response = document.paths[path]?.[method.toLowerCase()]?.responses[status];
    if (response === undefined) return `${route} answers ${status}, which is not documented`;
    const [type = ""] = (headers.get("content-type") ?? "").split(";");
    const schema = response.content?.[type]?.schema;
    if (schema === undefined) return `${route} ${status} answers ${type}, which is not documented`;
    if (!type.includes("json")) return undefined;
    const key = `${route} ${status}`;
    const check =
      compiled.get(key) ??
      ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"doc#/')) as object);
    compiled.set(key, check);
    return check(body) ? undefined : `${key}: ${ajv.errorsText(check.errors)}`;
  };
}
