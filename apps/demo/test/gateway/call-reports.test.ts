/** Reports of calls from a gateway in a process of its own. */
import { describe, expect, it } from "vitest";
import { type CallCounts, createCallReports } from "../../src/gateway/call-reports.js";
import { evidenceRoutes } from "../../src/service/http/routes/evidence.js";
import { createRpcCounts } from "../../src/service/runtime/telemetry.js";
import type { Service } from "../../src/service/service.js";
import { until } from "../support/service.js";

describe("reports of calls", () => {
  it("keep what was not taken and send it again with what came since, and nothing where nothing came", async () => {
    const sent: CallCounts[] = [];
    const warned: string[] = [];
    let isDown = true;
    const reports = createCallReports({
      report(counts) {
        sent.push(counts);
        return isDown ? Promise.reject(new Error("no service")) : Promise.resolve();
      },
      interval_ms: 5,
      warn: (text) => warned.push(text),
    });
    reports.count("calls");
    reports.count("unauthorized");
    await until(
      () => Promise.resolve(sent.length),
      (length) => length > 2,
    );
    expect(new Set(sent.map((one) => JSON.stringify(one)))).toEqual(
      new Set(['{"calls":1,"refused":0,"unauthorized":1}']),
    );
    expect(warned).toEqual(["calls are not reported to the service, and are kept: no service"]);
    isDown = false;
    reports.count("refused");
    await until(
      () => Promise.resolve(sent.at(-1)),
      (last) => last?.refused === 1,
    );
    reports.count("calls");
    await reports.close();
    const last = sent.slice(-2);
    expect(last).toEqual([
      { calls: 1, refused: 1, unauthorized: 1 },
      { calls: 1, refused: 0, unauthorized: 0 },
    ]);
    const { length } = sent;
    await reports.close();
    expect(sent).toHaveLength(length);
  });

  it("are added to the calls that the defense counts", async () => {
    const counts = createRpcCounts();
    const service = { countRpc: counts.count } as Service;
    const route = evidenceRoutes(service).find(({ id }) => id === "POST /v1/telemetry");
    const body = { calls: 7, refused: 2, unauthorized: 0 };
    for (let i = 0; i < 2; i++) await route?.handle({ body } as never);
    expect(counts.take()).toEqual({ calls: 14, refused: 4, unauthorized: 0 });
    const bodies = route?.schemas.body;
    for (const wrong of [{ ...body, calls: -1 }, { ...body, calls: 1.5 }, { calls: 1 }, {}]) {
      expect(bodies?.safeParse(wrong).success).toBe(false);
    }
  });
});
