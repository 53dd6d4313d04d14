import { tf } from "../tensorflow/mod.ts";
import { type Displayable, displayable } from "./_display.ts";

/** Values of a tensor that are written out. */
const SHOWN = 12;

/**
 * Any value as text that is never empty: for values that Deno's notebook shows as nothing (null,
 * NaN, Infinity, −0, undefined), and tensors with dtype, shape and their first values.
 *
 * Reads a tensor's values; the tensor stays the caller's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { show } from "sam/notebook";
 * import { tf } from "sam";
 *
 * assertEquals(`${show(tf.tensor([1, 2]))}`, "float32 [2]: 1, 2");
 * ```
 */
export function show(value: unknown): Displayable {
  const text = value instanceof tf.Tensor ? describeTensor(value) : Deno.inspect(value);
  return displayable(() => ({ "text/plain": text }), text);
}

function describeTensor(tensor: tf.Tensor): string {
  const head = `${tensor.dtype} [${tensor.shape.join(", ")}]`;
  if (tensor.isDisposed) return `${head}, disposed`;
  const few = tf.tidy(() =>
    tensor.reshape([tensor.size]).slice([0], [Math.min(SHOWN, tensor.size)])
  );
  const first = Array.from(few.dataSync() as ArrayLike<unknown>);
  few.dispose();
  const values = first.map((value) => typeof value === "number" ? compact(value) : `${value}`);
  return `${head}: ${values.join(", ")}${tensor.size > SHOWN ? ", …" : ""}`;
}

function compact(value: number): string {
  return Object.is(value, -0) ? "-0" : String(Number(value.toPrecision(6)));
}
