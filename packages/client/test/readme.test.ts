import { join } from "node:path";
import { describeReadme } from "@dgb-shield/testkit/readme";

describeReadme(join(import.meta.dirname, ".."));
