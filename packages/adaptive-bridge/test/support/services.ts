/** Services and programs that some tests need: skipped with a line where missing, a failure with REQUIRE_SERVICES=1. */
import { hasProgram, hasServer } from "@dgb-shield/testkit/services";

/** Checks whether NATS listens at 127.0.0.1:4222. */
export const hasNats = (): Promise<boolean> => hasServer(4222, "NATS", "start nats-server -js");

export { hasPromtool } from "@dgb-shield/testkit/services";

/** Checks whether this process may make process id namespaces, as containers have them. */
export const hasNamespaces = (): boolean =>
  hasProgram(
    ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "true"],
    "run as root, with unshare of util-linux",
  );
