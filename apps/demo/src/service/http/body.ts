/** Reads bodies: strict JSON in UTF-8, nothing packed (contract, section 8). */
import { ContractError, type JsonValue, parseStrictJson } from "@dgb-shield/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpProblem } from "./problems.js";

const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

/** Lets a server read strict JSON, and nothing else. */
export function readStrictJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    (_: FastifyRequest, bytes: Buffer) =>
      new Promise<JsonValue>((resolve) => resolve(strictValue(bytes))),
  );
}

/**
 * Refuses a body that could not be read, before any of it is.
 *
 * @throws HttpProblem `media_type`
 */
export function requireReadable({ headers }: FastifyRequest): void {
  const { "content-encoding": encoding, "content-type": type } = headers;
  // [415] a packed body could be any size
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    throw new HttpProblem("media_type");
  }
  // [415] bytes of another kind could be read as this one
  if (type !== undefined && !JSON_TYPE.test(type)) throw new HttpProblem("media_type");
}

function strictValue(bytes: Buffer): JsonValue {
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    const { code, path } = error;
    if (code === "payload_too_large") throw new HttpProblem("body_too_large");
    // The code, not the message: a message may hold a key of the body.
    throw new HttpProblem("malformed_json", {
      errors: [{ in: "body", pointer: path, detail: code }],
    });
  }
}
