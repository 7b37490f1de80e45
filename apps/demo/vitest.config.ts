import { packageTests } from "@dgb-shield/vitest-config";

export default packageTests(import.meta.dirname, { isolate: false });
