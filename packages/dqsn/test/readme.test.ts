import { join } from "node:path";
import { describeMarkdown, describeReadme } from "@dgb-shield/testkit/readme";

const ROOT = join(import.meta.dirname, "..");

describeReadme(ROOT);
for (const name of ["network", "exporters"]) describeMarkdown(ROOT, join(ROOT, `docs/${name}.md`));
