/** Shares a node's threads among clients: each has a queue of its own, and they take turns. */

/** Sizes of a queue. */
export type FairQueueOptions = Readonly<{
  /** Most calls at the node at once. */
  total: number;
  /** Most of them of one client. */
  perClient: number;
  /** Most calls of one client that wait. */
  waiting: number;
}>;

/** A queue. */
export type FairQueue = Readonly<{
  /**
   * Waits for a turn.
   *
   * @returns ends the turn; undefined where too many calls of this client wait
   */
  enter(client: string): Promise<() => void> | undefined;
  /** Calls that wait, of all clients. */
  waiting(): number;
}>;

/** Makes a queue; among clients that wait, the one whose last turn is longest ago is next. */
export function createFairQueue({ total, perClient, waiting }: FairQueueOptions): FairQueue {
  const running = new Map<string, number>();
  /** In the order of their last turn. */
  const queues = new Map<string, (() => void)[]>();
  let underWay = 0;
  let waitingAll = 0;

  const runningOf = (client: string): number => running.get(client) ?? 0;
  const hasRoom = (client: string): boolean => underWay < total && runningOf(client) < perClient;

  function begin(client: string): void {
    underWay++;
    running.set(client, runningOf(client) + 1);
  }

  function turn(client: string): () => void {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      underWay--;
      const left = runningOf(client) - 1;
      if (left > 0) running.set(client, left);
      else running.delete(client);
      next();
    };
  }

  function next(): void {
    for (const [client, queue] of queues) {
      if (underWay >= total) return;
      if (!hasRoom(client)) continue;
      const start = queue.shift();
      queues.delete(client);
      // To the end: the others are first now.
      if (queue.length > 0) queues.set(client, queue);
      if (start === undefined) continue;
      waitingAll--;
      begin(client);
      start();
    }
  }

  return {
    enter(client) {
      const queue = queues.get(client);
      if (queue === undefined && hasRoom(client)) {
        begin(client);
        return Promise.resolve(turn(client));
      }
      if ((queue?.length ?? 0) >= waiting) return undefined;
      waitingAll++;
      return new Promise((resolve) => {
        const start = () => resolve(turn(client));
        if (queue === undefined) queues.set(client, [start]);
        else queue.push(start);
      });
    },
    waiting: () => waitingAll,
  };
}
