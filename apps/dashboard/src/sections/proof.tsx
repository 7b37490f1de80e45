/** Fetches proofs, of one record or of all records of a payment, and hands them out as files. */
import { useState } from "preact/hooks";
import type { ShieldClient } from "@dgb-shield/client/http";
import { problemOf } from "../api.js";
import type { Proof } from "../model.js";
import { Code, Text } from "../parts/basics.js";
import { saveFile } from "../report/save.js";
import { notice } from "../state/actions.js";
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

/** Checkpoints that may be signed while a payment's proofs are fetched, before it is given up. */
const TRIES = 5;

/** Saves what `shield audit verify --proof` takes: a payment's records, all under one checkpoint. */
export function PaymentProofButton({ id, seqs }: { id: string; seqs: readonly number[] }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isFetching, setFetching] = useState(false);
  if (!hasRole("operator", "reader")) return null;
  const save = async (): Promise<void> => {
    const api = session.peek()?.api;
    if (api === undefined) return;
    setFetching(true);
    setProblem(null);
    try {
      const proofs = await proofsUnderOne(api, seqs);
      const proof = {
        ...{ proof_version: 1, payment_id: id, records: proofs.map(({ record }) => record) },
        checkpoint: proofs[0]?.checkpoint,
      };
      saveFile("proof.json", "application/json", JSON.stringify(proof, null, 1));
      notice.value = "The proof was given to the browser as proof.json.";
    } catch (error) {
      const { title, detail } = problemOf(error);
      setProblem(`${title}. ${detail}`);
    } finally {
      setFetching(false);
    }
  };
  return (
    <>
      <div class="buttons">
        <button type="button" disabled={isFetching} onClick={() => void save()}>
          {isFetching ? "Fetching …" : "Save the proof of this payment"}
        </button>
      </div>
      {problem !== null && (
        <p class="unavailable" role="alert">
          No proof: <Text of={problem} />
        </p>
      )}
    </>
  );
}

async function proofsUnderOne(api: ShieldClient, seqs: readonly number[]): Promise<Proof[]> {
  for (let left = TRIES; left > 0; left--) {
    const proofs: Proof[] = [];
    for (const seq of seqs) {
      proofs.push(await api.get("/v1/records/{seq}/proof", { path: { seq } }));
    }
    const [first] = proofs.map(({ checkpoint }) => checkpoint.payload);
    if (proofs.every(({ checkpoint }) => checkpoint.payload === first)) return proofs;
  }
  throw new Error("checkpoints are signed faster than the proofs can be fetched: try again");
}
