import { backend } from "./backend/mod.ts";
import type { Place } from "./native/mod.ts";

/**
 * In a trace, operations belong to a place from here on; elsewhere nothing happens.
 *
 * ```ts
 * import { compile, enterPlace, tf } from "sam/tensorflow";
 *
 * const step = compile((x: tf.Tensor) => {
 *   enterPlace({ layer: "head" });
 *   return tf.square(x);
 * });
 * console.log((await step(tf.scalar(3))).dataSync()[0]); // 9
 * ```
 */
export function enterPlace(change: Partial<Place>): void {
  const { trace } = backend.binding;
  if (trace !== undefined) trace.place = { ...trace.place, ...change };
}

/**
 * The same while `body` runs.
 *
 * ```ts
 * import { atPlace, compile, tf } from "sam/tensorflow";
 *
 * const step = compile((x: tf.Tensor) => atPlace({ layer: "head" }, () => tf.square(x)));
 * console.log((await step(tf.scalar(3))).dataSync()[0]); // 9
 * ```
 */
export function atPlace<T>(change: Partial<Place>, body: () => T): T {
  const { trace } = backend.binding;
  if (trace === undefined) return body();
  const before = trace.place;
  trace.place = { ...before, ...change };
  try {
    return body();
  } finally {
    trace.place = before;
  }
}

/**
 * In a trace, the operations of `body` run on a device; elsewhere nothing happens.
 *
 * ```ts
 * import { compile, listDevices, onDevice, tf } from "sam/tensorflow";
 *
 * const { name } = listDevices()[0]!;
 * const step = compile((x: tf.Tensor) => onDevice(name, () => tf.square(x)));
 * console.log((await step(tf.scalar(3))).dataSync()[0]); // 9
 * ```
 *
 * @param device as `listDevices` names it
 */
export function onDevice<T>(device: string, body: () => T): T {
  const { trace } = backend.binding;
  if (trace === undefined) return body();
  const { graph } = trace;
  const before = graph.device;
  graph.device = device;
  try {
    return body();
  } finally {
    graph.device = before;
  }
}
