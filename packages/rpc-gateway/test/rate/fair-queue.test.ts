import { describe, expect, it } from "vitest";
import { createFairQueue } from "../../src/rate/fair-queue.js";

/** Waits until every turn that can begin has begun. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("createFairQueue", () => {
  it("gives each client turns in turn, whatever one of them asks for", async () => {
    const queue = createFairQueue({ total: 2, perClient: 2, waiting: 100 });
    const order: string[] = [];
    const ends: (() => void)[] = [];
    const ask = (client: string): void => {
      void queue.enter(client)?.then((end) => {
        order.push(client);
        ends.push(end);
      });
    };
    for (let i = 0; i < 50; i++) ask("flood");
    ask("a");
    ask("b");
    await settle();
    expect(order).toEqual(["flood", "flood"]);
    for (let i = 0; i < 4; i++) {
      ends.shift()?.();
      await settle();
    }
    // One of the flood's, then each of the others before the flood's next but one.
    expect(order.slice(2).indexOf("a")).toBeLessThanOrEqual(2);
    expect(order.slice(2).indexOf("b")).toBeLessThanOrEqual(2);
    expect(queue.waiting()).toBe(50 - order.filter((one) => one === "flood").length);
  });

  it("keeps a client from all turns, and refuses what waits beyond its bound", async () => {
    const queue = createFairQueue({ total: 3, perClient: 2, waiting: 1 });
    const first = await queue.enter("a");
    await queue.enter("a");
    const third = queue.enter("a");
    expect(third).toBeDefined();
    expect(queue.enter("a")).toBeUndefined();
    expect(await queue.enter("b")).toBeDefined();
    first?.();
    // A turn that is ended twice gives no second one.
    first?.();
    expect(await third).toBeDefined();
    expect(queue.waiting()).toBe(0);
  });
});
