/** `npm start [-- scenario] [-- --once …]`: installs, builds, and plays the demo. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build, install, requireNode, ROOT } from "./steps.mjs";

requireNode();
if (!(await install()) || !(await build())) process.exit(1);
process.stderr.write("\n");

const cli = join(ROOT, "apps", "demo", "dist", "cli.js");
const demo = spawn(process.execPath, [cli, "demo", ...process.argv.slice(2)], { stdio: "inherit" });
// A terminal sends Ctrl-C to the demo as well, which takes a signal that arrives twice for one.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => demo.kill(signal));
demo.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
