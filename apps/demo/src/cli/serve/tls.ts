/** Reads the certificate and the key of HTTPS, and says what is wrong with them before anything listens. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { CommandError } from "../../errors.js";

/** Where the two are. */
export type TlsFiles = Readonly<{ cert_file: string; key_file: string }>;
/** What a server takes. */
export type TlsPair = Readonly<{ cert: Buffer; key: Buffer; ends_ms: number }>;

/**
 * Reads and checks the files.
 *
 * @param nowMs milliseconds since 1970
 * @throws CommandError `bad_config` with the field, what is wrong and what to do; never anything of the key
 */
export function readTls({ cert_file, key_file }: TlsFiles, nowMs: number): TlsPair {
  const cert = bytesOf("cert_file", cert_file);
  const key = bytesOf("key_file", key_file);
  const certificate = parsed("cert_file", cert_file, () => new X509Certificate(cert), {
    problem: "it is no certificate",
    remedy: "give the certificate chain as PEM, the server's own first",
  });
  const privateKey = parsed("key_file", key_file, () => createPrivateKey(key), {
    problem: "it is no private key, or has a passphrase",
    remedy: "give the key as PEM without a passphrase, readable by the service alone",
  });
  if (!certificate.checkPrivateKey(privateKey)) {
    throw fault(
      "key_file",
      key_file,
      "it is not the certificate's key",
      "give the two of one pair",
    );
  }
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (nowMs < from) {
    const problem = `it is valid from ${new Date(from).toISOString()} on`;
    throw fault("cert_file", cert_file, problem, "check the clock, or wait until then");
  }
  if (!(nowMs < to)) {
    const problem = `it has expired at ${new Date(to).toISOString()}`;
    throw fault(
      "cert_file",
      cert_file,
      problem,
      "renew it; a running service takes it with SIGHUP",
    );
  }
  return { cert, key, ends_ms: to };
}

type Field = keyof TlsFiles;

const fault = (field: Field, path: string, problem: string, remedy: string): CommandError =>
  new CommandError("bad_config", `/http/tls/${field} ${path}: ${problem}: ${remedy}`);

function bytesOf(field: Field, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const problem = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw fault(field, path, problem, "correct the path, or the file's permissions");
  }
}

function parsed<T>(
  field: Field,
  path: string,
  parse: () => T,
  { problem, remedy }: Readonly<{ problem: string; remedy: string }>,
): T {
  try {
    return parse();
  } catch {
    throw fault(field, path, problem, remedy);
  }
}

/** What takes a renewed pair: a server of node:https. */
export type SecureServer = Readonly<{
  setSecureContext(pair: Readonly<{ cert: Buffer; key: Buffer; minVersion: "TLSv1.2" }>): void;
}>;

/** Days before its end at which a certificate is named in the log. */
const SOON_MS = 14 * 86_400_000;

/**
 * Makes what takes a renewed certificate: connections from then on have it, and those that are open go on. A pair that cannot be used
 * leaves the one before.
 */
export function createTlsReload(
  files: TlsFiles,
  server: SecureServer,
  {
    clock,
    log,
  }: Readonly<{ clock: () => number; log: (level: "info" | "error", text: string) => void }>,
): () => void {
  return () => {
    try {
      const { cert, key, ends_ms } = readTls(files, clock());
      server.setSecureContext({ cert, key, minVersion: "TLSv1.2" });
      log("info", `the certificate was read again; it ends at ${new Date(ends_ms).toISOString()}`);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      log("error", `the certificate before goes on: ${detail}`);
    }
  };
}

/** Whether a certificate ends within two weeks. */
export const endsSoon = ({ ends_ms }: Pick<TlsPair, "ends_ms">, nowMs: number): boolean =>
  ends_ms - nowMs < SOON_MS;
