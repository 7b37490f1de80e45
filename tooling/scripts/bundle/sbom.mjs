/** The software bill of materials of a bundle, as CycloneDX 1.6. */
import { createHash } from "node:crypto";

const isSpdxExpression = (text) => / (?:OR|AND|WITH) /.test(text);

function licensesOf({ license, licenses }) {
  const text = typeof license === "string" ? license : (license?.type ?? licenses?.[0]?.type);
  if (typeof text !== "string") return {};
  return {
    licenses: [isSpdxExpression(text) ? { expression: text } : { license: licenseOf(text) }],
  };
}

/** SPDX identifiers have no spaces; everything else is a name. */
const licenseOf = (text) =>
  /^[A-Za-z0-9.+-]+$/.test(text) && text !== "SEE" ? { id: text } : { name: text };

/** `pkg:npm/%40scope/name@version` */
const purlOf = ({ name, version }) => `pkg:npm/${name.replace("@", "%40")}@${version}`;

function componentOf({ path, manifest }, integrityOf) {
  const { name, version, description } = manifest;
  const [group, plain] = name.startsWith("@") ? name.split("/") : [undefined, name];
  const integrity = integrityOf(name, version);
  const [algorithm, content] = integrity?.split("-", 2) ?? [];
  return {
    type: "library",
    "bom-ref": path,
    ...(group && { group }),
    name: plain,
    version,
    ...(description && { description }),
    ...(algorithm === "sha512" && {
      hashes: [{ alg: "SHA-512", content: Buffer.from(content, "base64").toString("hex") }],
    }),
    ...licensesOf(manifest),
    purl: purlOf(manifest),
  };
}

/**
 * Makes the document. The same packages give the same bytes.
 *
 * @param {import("./closure.mjs").Found[]} packages the application first
 * @param {{ version: string, sha256: string }} node the Node that the bundle brings
 * @param {(name: string, version: string) => string | undefined} integrityOf of the package's archive, as in the lockfile
 * @param {string} at time of the source, ISO 8601
 */
export function sbomOf(packages, node, integrityOf, at) {
  const [app, ...others] = packages;
  const nodeRef = `node@${node.version}`;
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: at,
      component: {
        type: "application",
        "bom-ref": "shield",
        name: "shield",
        version: app.manifest.version,
        ...licensesOf(app.manifest),
      },
    },
    components: [
      {
        type: "platform",
        "bom-ref": nodeRef,
        name: "node",
        version: node.version,
        hashes: [{ alg: "SHA-256", content: node.sha256 }],
        licenses: [{ license: { id: "MIT" } }],
        purl: `pkg:generic/node@${node.version}`,
      },
      ...others.map((one) => componentOf(one, integrityOf)),
    ],
    dependencies: [
      { ref: "shield", dependsOn: [nodeRef, ...app.needs] },
      { ref: nodeRef },
      ...others.map(({ path, needs }) => ({
        ref: path,
        ...(needs.length > 0 && { dependsOn: needs }),
      })),
    ],
  };
  const hash = createHash("sha256").update(JSON.stringify(document)).digest("hex");
  const uuid = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  return { ...document, serialNumber: `urn:uuid:${uuid}` };
}

/**
 * Reads the integrity of packages from a pnpm lockfile.
 *
 * @param {string} lockfile its text
 * @returns {(name: string, version: string) => string | undefined}
 */
export function integrityIn(lockfile) {
  const entries = lockfile.matchAll(
    /^ {2}'?(?<id>(?:@[^/\s]+\/)?[^@\s']+@[^:\s'(]+)'?:\n {4}resolution: \{integrity: (?<integrity>[^},]+)/gm,
  );
  const found = new Map([...entries].map(({ groups }) => [groups.id, groups.integrity]));
  return (name, version) => found.get(`${name}@${version}`);
}
