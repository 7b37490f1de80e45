import { join } from "node:path";
import { describeReadme } from "@dgb-shield/vitest-config/readme";

describeReadme(join(import.meta.dirname, ".."));
