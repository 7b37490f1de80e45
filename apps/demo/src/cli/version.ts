/** The version of this build. */
import packageJson from "../../package.json" with { type: "json" };

/** As in `package.json`. */
export const SHIELD_VERSION: string = packageJson.version;
