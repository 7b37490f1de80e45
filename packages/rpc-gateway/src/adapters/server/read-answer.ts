/** Reads an answer of the node with few steps between: a small one whole, a large one as it comes. */
import type { Dispatcher } from "undici";
import type { NodeAnswer } from "./reply.js";

/** Most bytes of an answer that are read before it is passed on. */
const CHECKED_BYTES = 65_536;

/** Bytes of a large answer that wait for a slow client, until the node waits as well. */
const WAITING_BYTES = 262_144;

/** A client that may leave before its answer is there. */
export type Leaving = {
  isGone: boolean;
  /** Is called when it leaves. */
  onGone: (() => void) | undefined;
};

type Controller = Dispatcher.DispatchController;

/**
 * Sends a request, and resolves when the answer is whole or its beginning is read. Rejects where the connection ends before.
 *
 * @param client ends the request when it leaves
 */
export function readAnswer(
  pool: Dispatcher,
  options: Dispatcher.DispatchOptions,
  client: Leaving,
): Promise<NodeAnswer> {
  return new Promise((resolve, reject) => {
    const part = createPart();
    let status = 0;
    let controller: Controller | undefined;
    let [isBegun, isOver] = [false, false];
    const destroy = (): void => {
      client.onGone = undefined;
      if (!isOver) controller?.abort(new Error("the answer is not needed any more"));
    };
    client.onGone = destroy;
    pool.dispatch(options, {
      onRequestStart(given) {
        controller = given;
        if (client.isGone) destroy();
      },
      onResponseStart(_, code) {
        status = code;
      },
      onResponseData(given, chunk) {
        part.add(chunk);
        if (!isBegun && part.bytes() > CHECKED_BYTES) {
          isBegun = true;
          const head = part.take();
          resolve({ status, head, rest: part.rest(() => given.resume()), destroy });
        }
        if (isBegun && part.bytes() > WAITING_BYTES) given.pause();
      },
      onResponseEnd() {
        isOver = true;
        client.onGone = undefined;
        part.end(null);
        if (!isBegun) resolve({ status, head: part.take(), rest: null, destroy });
      },
      onResponseError(_, error) {
        isOver = true;
        client.onGone = undefined;
        part.end(error);
        if (!isBegun) reject(error);
      },
    });
  });
}

/** What was received and not yet taken. */
type Part = Readonly<{
  add(chunk: Buffer): void;
  bytes(): number;
  take(): Buffer;
  /** Nothing more comes; an error where it broke off. */
  end(error: Error | null): void;
  /** What comes from now on; `taken` is called whenever all that was there is taken. */
  rest(taken: () => void): AsyncIterable<Buffer>;
}>;

function createPart(): Part {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let ended: Error | null | undefined;
  let wake: (() => void) | undefined;
  function take(): Buffer {
    const [first] = chunks;
    const all = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    chunks = [];
    bytes = 0;
    return all;
  }
  async function* rest(taken: () => void): AsyncGenerator<Buffer> {
    for (;;) {
      if (bytes > 0) {
        const all = take();
        taken();
        yield all;
      } else if (ended === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else if (ended === null) return;
      else throw ended;
    }
  }
  return {
    add(chunk) {
      chunks.push(chunk);
      bytes += chunk.length;
      wake?.();
    },
    bytes: () => bytes,
    take,
    end(error) {
      ended = error;
      wake?.();
    },
    rest,
  };
}
