/** Fetches the proof of one record, and hands it out as a file. */
import { useState } from "preact/hooks";
import { problemOf } from "../api.js";
import type { Proof } from "../model.js";
import { Code } from "../parts/basics.js";
import { saveFile } from "../report/save.js";
import { hasRole, session } from "../state/session.js";

export function ProofButton({ seq }: { seq: number }) {
  const [proof, setProof] = useState<Proof | string | undefined>(undefined);
  if (!hasRole("operator", "reader")) return null;
  const fetchProof = async (): Promise<void> => {
    const api = session.peek()?.api;
    if (api === undefined) return;
    setProof(
      await api
        .get("/v1/records/{seq}/proof", { path: { seq } })
        .catch((error: unknown) => problemOf(error).title),
    );
  };
  if (proof === undefined) {
    return (
      <button type="button" class="quiet" onClick={() => void fetchProof()}>
        Show the proof<span class="hidden"> of record {seq}</span>
      </button>
    );
  }
  if (typeof proof === "string") return <p class="unavailable">No proof: {proof}.</p>;
  const { hashes } = proof.record;
  return (
    <details open>
      <summary>Proof: {hashes.length} hashes up to the signed root</summary>
      <ol class="hashes">
        {hashes.map((hash) => (
          <li key={hash}>
            <Code of={hash} />
          </li>
        ))}
      </ol>
      <p>
        Signed by{" "}
        {proof.checkpoint.signatures.map(({ keyid }) => (
          <Code key={keyid} of={`${keyid} `} />
        ))}
      </p>
      <button
        type="button"
        onClick={() =>
          saveFile(`record-${seq}-proof.json`, "application/json", JSON.stringify(proof, null, 1))
        }
      >
        Save the proof
      </button>
    </details>
  );
}
