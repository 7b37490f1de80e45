/** Learn mode: which methods each client calls, and nothing else of its calls. */

/** One method that a client called. */
export type UsedMethod = Readonly<{
  client: string;
  /** `(other)` stands for names that are no name of a method, and for those beyond the bound. */
  method: string;
  calls: number;
  /** Of these, how many did not run. */
  refused: number;
}>;

/** What clients called. */
export type Usage = Readonly<{
  used(client: string, method: string, isRefused: boolean): void;
  /** By client, then method. */
  list(): readonly UsedMethod[];
}>;

const OTHER = "(other)";
const METHOD_NAME = /^[a-z]{1,40}$/;

/** Most methods that are kept for one client: more than any node has. */
const MAX_METHODS = 512;
/** Most clients: twice as many as a configuration has. */
const MAX_CLIENTS = 2_000;

/**
 * Records calls. A name that is no method's could be a key, and is not kept.
 *
 * @param earlier what an earlier record listed; the counts go on from there
 */
export function createUsage(earlier: readonly UsedMethod[] = []): Usage {
  const clients = new Map<string, Map<string, { calls: number; refused: number }>>();

  function add({ client, method, calls, refused }: UsedMethod): void {
    const methods = clients.get(client) ?? new Map<string, { calls: number; refused: number }>();
    if (!clients.has(client) && clients.size >= MAX_CLIENTS) return;
    clients.set(client, methods);
    const isKept = METHOD_NAME.test(method) && (methods.has(method) || methods.size < MAX_METHODS);
    const name = isKept ? method : OTHER;
    const counts = methods.get(name) ?? { calls: 0, refused: 0 };
    methods.set(name, { calls: counts.calls + calls, refused: counts.refused + refused });
  }

  for (const one of earlier) add(one);
  return {
    used: (client, method, isRefused) =>
      add({ client, method, calls: 1, refused: Number(isRefused) }),
    list: () =>
      [...clients]
        .sort(byName)
        .flatMap(([client, methods]) =>
          [...methods].sort(byName).map(([method, counts]) => ({ client, method, ...counts })),
        ),
  };
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;
