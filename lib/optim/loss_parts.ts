import { forEachLeaf, tf } from "../tensorflow/mod.ts";
import type { Loss, Metrics } from "./types.ts";

const EXPECTED = "return a scalar tensor, or { loss, state?, metrics? } with such a loss";

/**
 * What a loss function returned, in its parts.
 *
 * ```ts
 * import { optim, tf } from "sam";
 *
 * const { loss, metrics } = optim.lossParts(tf.scalar(1));
 * console.log(loss.dataSync()[0], metrics); // 1, undefined
 * ```
 *
 * @throws TypeError if it is neither a float32 scalar nor such a record, if a metric is not a scalar of
 *   numbers, or if the state is no record of tensors
 */
export function lossParts<M extends Metrics>(returned: tf.Tensor | Loss<M>): Loss<M> {
  const parts: Loss<M> = returned instanceof tf.Tensor ? { loss: returned } : returned;
  const loss: unknown = isRecord(parts) ? parts.loss : parts;
  if (!(loss instanceof tf.Tensor)) {
    throw new TypeError(
      `Cannot differentiate a loss that is ${describe(loss, returned)}: ${EXPECTED}`,
    );
  }
  if (loss.rank !== 0) {
    throw new TypeError(
      `Cannot differentiate a loss of shape [${loss.shape}]: not a scalar. Take its mean`,
    );
  }
  if (loss.isDisposed) {
    throw new TypeError(`Cannot differentiate a loss that was disposed: ${EXPECTED}`);
  }
  if (loss.dtype !== "float32") {
    throw new TypeError(
      `Cannot differentiate a loss of ${loss.dtype}: it must be float32. Compute it of float32`,
    );
  }
  if (parts.metrics !== undefined) checkedMetrics(parts.metrics);
  if (parts.state !== undefined) checkState(parts.state);
  return parts;
}

/** @throws TypeError unless it is a record of tensors */
function checkState(state: unknown): void {
  const wrong = (what: string) =>
    new TypeError(
      `Cannot keep a state that ${what}: return tensors by name, such as those that a model's apply gives`,
    );
  if (!isRecord(state)) throw wrong(`is ${describe(state)}`);
  forEachLeaf(state, (leaf, path) => {
    if (!(leaf instanceof tf.Tensor)) throw wrong(`has ${describe(leaf)} at ${path}`);
    if (leaf.isDisposed) throw wrong(`has a disposed tensor at ${path}`);
  });
}

/**
 * Metrics as they are.
 *
 * ```ts
 * import { optim, tf } from "sam";
 *
 * console.log(optim.checkedMetrics({ accuracy: tf.scalar(0.9) }).accuracy.dataSync()[0]); // 0.9
 * ```
 *
 * @throws TypeError that names the first one that is not a scalar of numbers, or has no name of its own
 */
export function checkedMetrics<M extends Metrics>(metrics: M): M {
  if (!isRecord(metrics)) {
    throw new TypeError(
      `Cannot log metrics that are ${describe(metrics)}: return scalar tensors by name`,
    );
  }
  for (const [name, metric] of Object.entries(metrics)) {
    const wrong = whatIsNoScalar(metric);
    if (wrong === undefined) continue;
    throw new TypeError(`Cannot log the metric ${name}: it is ${wrong}, not a scalar tensor`);
  }
  const known = new Map([["loss", "loss"]]);
  for (const name of Object.keys(metrics)) {
    const plain = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    const other = known.get(plain) ?? name;
    if (name !== "" && other === name) known.set(plain, name);
    else throw new TypeError(`Cannot log the metric ${shown(name, other)}. Choose another name`);
  }
  return metrics;
}

/** What a metric is in place of a scalar of numbers. */
function whatIsNoScalar(metric: unknown): string | undefined {
  if (!(metric instanceof tf.Tensor)) return describe(metric);
  if (metric.isDisposed) return "disposed";
  if (metric.rank !== 0) return `of shape [${metric.shape}]`;
  return metric.dtype === "string" || metric.dtype === "complex64" ? metric.dtype : undefined;
}

/** Why a metric's name cannot be told in a row, whose names begin as in `trainLoss`. */
function shown(name: string, other: string): string {
  return name === "" ? '"": it has no name' : `${name}: in rows it has the name of ${other}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Promise) && !(value instanceof tf.Tensor);
}

/** What was found, in words. @param returned the whole of which it is the loss */
function describe(value: unknown, returned?: unknown): string {
  if (value instanceof Promise) return "a promise, as of an asynchronous function";
  if (value === undefined && isRecord(returned)) {
    return `missing from a record of ${Object.keys(returned).join(", ") || "nothing"}`;
  }
  if (typeof value === "number") return `the number ${value}`;
  if (Array.isArray(value)) return "an array";
  if (value instanceof tf.Tensor) return "a tensor";
  return typeof value === "object" && value !== null ? "an object" : `${value}`;
}
