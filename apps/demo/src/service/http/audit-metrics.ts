/** Prometheus metrics of the audit: `shield_audit_*`; without an audit they have no value. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { AuditState } from "../../audit/index.js";
import type { Service } from "../service.js";

/** Registers the metrics of the audit. */
export function registerAudit(registry: Registry, service: Pick<Service, "audit">): void {
  const registers = [registry];
  const gauge = (name: string, help: string, of: (state: AuditState) => number | null) =>
    new Gauge({
      name: `shield_audit_${name}`,
      help,
      registers,
      collect() {
        const state = service.audit();
        const value = state === null ? null : of(state);
        this.reset();
        if (value === null) this.remove();
        else this.set(value);
      },
    });
  gauge("tree_records", "Records in the tree", ({ tree_size }) => tree_size);
  gauge(
    "unsigned_records",
    "Records in the tree that no checkpoint covers",
    ({ tree_size, checkpoint_size }) => Math.max(0, tree_size - (checkpoint_size ?? 0)),
  );
  gauge(
    "last_checkpoint_timestamp_seconds",
    "When the last checkpoint was signed",
    ({ checkpoint_at_ms }) => (checkpoint_at_ms === null ? null : checkpoint_at_ms / 1_000),
  );
  gauge("failing", "1 while no checkpoint can be signed", ({ failure }) =>
    failure === null ? 0 : 1,
  );
  gauge("exports_pending", "Checkpoints that exports have not taken", ({ exports }) =>
    exports.reduce((sum, { pending }) => sum + pending, 0),
  );
  gauge(
    "exports_failing",
    "Exports that fail",
    ({ exports }) => exports.filter(({ failure }) => failure !== null).length,
  );
  new Counter({
    name: "shield_audit_failures_total",
    help: "Failures of the tree, of checkpoints and of exports",
    registers,
    collect() {
      const state = service.audit();
      this.reset();
      if (state === null) return;
      this.inc(state.exports.reduce((sum, one) => sum + one.failures, state.failures));
    },
  });
}
