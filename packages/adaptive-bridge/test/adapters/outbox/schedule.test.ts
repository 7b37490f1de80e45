import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { nodeTimers } from "../../../src/adapters/node/index.js";
import { openOutbox, type OutboxStats } from "../../../src/adapters/outbox/index.js";
import type { BridgeSink, SinkAnswer } from "../../../src/index.js";
import { eventOf, ids } from "../../support/events.js";
import { failingSinks } from "../../support/sinks.js";

const NAMES = ["a", "b"];

const addsUp = ({ stored, sinks }: OutboxStats): boolean =>
  sinks.every(({ found, delivered, pending, dropped }) => {
    const lost = dropped.outbox_full + dropped.damaged + dropped.refused + dropped.set_aside;
    return found + stored === delivered + pending + lost && pending >= 0;
  });

const said = fc.oneof(
  fc.record({ done: fc.integer({ min: 0, max: 5 }), pauseMs: fc.constantFrom(0, 1, 2) }),
  fc.integer({ min: 0, max: failingSinks.length - 1 }),
);
const step = fc.oneof(
  fc.record({ kind: fc.constant("write" as const), n: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constant("wait" as const), n: fc.integer({ min: 0, max: 5 }) }),
  fc.record({ kind: fc.constant("reopen" as const), n: fc.constant(0) }),
);

it("gives every sink every event, in order, under any schedule of failures and restarts", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(said, { maxLength: 10 }), { minLength: 2, maxLength: 2 }),
      fc.array(step, { maxLength: 12 }),
      async (scripts, steps) => {
        const folder = await mkdtemp(join(tmpdir(), "outbox-"));
        const seen = NAMES.map((): string[] => []);
        const sinks = NAMES.map((name, i): BridgeSink => ({
          name,
          write(batch, context): Promise<SinkAnswer> | SinkAnswer {
            const answer = scripts[i]!.shift();
            if (typeof answer === "number") return failingSinks[answer]![0].write(batch, context);
            const done = Math.min(answer?.done ?? batch.length, batch.length);
            seen[i]!.push(...batch.slice(0, done).map(({ event_id }) => event_id));
            return answer === undefined ? undefined : { ...answer, done };
          },
        }));
        const options = {
          folder,
          sinks,
          timers: nodeTimers,
          retryDelayMs: 1,
          batchSize: 4,
          writeTimeoutMs: 3,
        };
        let outbox = await openOutbox(options);
        let written = 0;
        for (const { kind, n } of steps) {
          if (kind === "write") {
            const batch = Array.from({ length: n }, (_, i) => eventOf(written + i + 1));
            written += (await outbox.write(batch)).done;
          } else if (kind === "wait") await new Promise((resume) => setTimeout(resume, n));
          else {
            await outbox.close();
            outbox = await openOutbox(options);
          }
          expect(addsUp(outbox.stats())).toBe(true);
        }
        // What hangs is waited for, for up to a minute, unless the outbox is opened anew.
        for (let tries = 0; !(await outbox.drained(100)) && tries < 40; tries++) {
          await outbox.close();
          outbox = await openOutbox(options);
        }
        expect(addsUp(outbox.stats())).toBe(true);
        await outbox.close();
        await rm(folder, { recursive: true, force: true });
        // A write that took longer than its time comes again.
        for (const order of seen) expect([...new Set(order)]).toEqual(ids(1, written));
      },
    ),
    { numRuns: 25 },
  );
});
