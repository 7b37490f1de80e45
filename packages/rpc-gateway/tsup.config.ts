import { packageBuild } from "@dgb-shield/tsup-config";

export default packageBuild({ index: "src/index.ts", server: "src/adapters/server/index.ts" });
