/** Program of the thread: loads the module and answers each batch with how it went. */

/** CommonJS text, so that no file of its own has to be found whatever a bundler does with this one. */
export const THREAD_SOURCE = `"use strict";
const { parentPort, workerData } = require("node:worker_threads");
const textOf = (error) => {
  try {
    return String(error instanceof Error ? error.message : error).slice(0, 256);
  } catch {
    return "unknown error";
  }
};
const loaded = import(workerData).then((module) => module.write ?? module.default);
loaded.catch(() => undefined);
parentPort.on("message", async (batch) => {
  let reply;
  try {
    const value = await (await loaded)(batch);
    const isResult = typeof value === "object" && value !== null && Number.isInteger(value.done);
    const { done, refused, pauseMs, reason } = isResult ? value : {};
    reply = isResult ? { ok: true, value: { done, refused, pauseMs, reason } } : { ok: true };
  } catch (error) {
    reply = { ok: false, error: textOf(error) };
  }
  try {
    parentPort.postMessage(reply);
  } catch (error) {
    parentPort.postMessage({ ok: false, error: textOf(error) });
  }
});
`;
