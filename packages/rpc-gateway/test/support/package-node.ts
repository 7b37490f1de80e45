/**
 * A stand-in for `submitpackage`, which Litecoin Core 0.21 lacks: a proxy that answers this method in the form of Bitcoin Core 28, by
 * `sendrawtransaction` at the real node for each transaction of the package, and passes everything else on.
 */
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { litecoinRegtest } from "@dgb-shield/chain";
import { decodeTransaction } from "@dgb-shield/chain/decode";
import { startServer } from "@dgb-shield/testkit/servers";
import type { FundedNode } from "./site.js";

/** How a package ends. */
export type PackageEnd =
  /** The node takes what is valid. */
  | "honest"
  /** The node takes all but the child. */
  | "child_refused"
  /** The node takes nothing, and answers with an RPC error. */
  | "error"
  /** The node takes all, and breaks the connection. */
  | "broken"
  /** The node takes the parents alone, and breaks the connection. */
  | "broken_in_parts";

/** The stand-in. */
export type PackageNode = Readonly<{
  url: string;
  use(end: PackageEnd): void;
  close(): Promise<void>;
}>;

type Request = Readonly<{ id: unknown; method: string; params: readonly unknown[] }>;

/** Starts it in front of a node. */
export async function startPackageNode(node: FundedNode): Promise<PackageNode> {
  let end: PackageEnd = "honest";

  async function submit(hexes: readonly string[]): Promise<object> {
    const results: Record<string, object> = {};
    for (const [i, hex] of hexes.entries()) {
      const decoded = decodeTransaction(litecoinRegtest, hex);
      const { txid, vsize } = decoded.ok ? decoded.value : { txid: "", vsize: 0 };
      const isLast = i === hexes.length - 1;
      const isSkipped = isLast && (end === "child_refused" || end === "broken_in_parts");
      const error = isSkipped
        ? "bad-txns-inputs-missingorspent"
        : await node.rpc("sendrawtransaction", hex).then(
            () => null,
            (reason: unknown) => String(reason),
          );
      results[`w${txid}`] = error === null ? { txid, vsize } : { txid, error };
    }
    const isWhole = Object.values(results).every((one) => !("error" in one));
    const package_msg = isWhole ? "success" : "transaction failed";
    return { package_msg, "tx-results": results, "replaced-transactions": [] };
  }

  const server = await startServer((request, response) => {
    void (async () => {
      const body = await textOf(request);
      const call = JSON.parse(body) as Request;
      if (call.method !== "submitpackage") {
        const authorization = `Basic ${readFileSync(node.cookieFile).toString("base64")}`;
        const url = node.url + (request.url ?? "/");
        const answer = await fetch(url, { method: "POST", headers: { authorization }, body });
        response.writeHead(answer.status, { "content-type": "application/json" });
        response.end(await answer.text());
        return;
      }
      if (end === "error") {
        const error = { code: -25, message: "package topology disallowed" };
        response.writeHead(500).end(JSON.stringify({ result: null, error, id: call.id }));
        return;
      }
      const result = await submit(call.params[0] as string[]);
      if (end === "broken" || end === "broken_in_parts") response.destroy();
      else response.end(JSON.stringify({ result, error: null, id: call.id }));
    })().catch(() => response.destroy());
  });
  return { url: server.url, use: (next) => (end = next), close: () => server.close() };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
