import * as tf from "@tensorflow/tfjs";
import { backend } from "../backend/mod.ts";
import { escaped, tableOf } from "./_html.ts";
import { layOut } from "./_layout.ts";
import { gridOf } from "./_values.ts";

/** A tensor of at most so many elements shows them where it stands in another value. */
const FEW = 6;

/**
 * A tensor as text: kind, dtype, shape, and below them the values as NumPy writes them.
 *
 * Reads the values, of a large tensor only those at the ends of its axes. A tensor of a trace has none
 * yet, and none is read while there is one.
 *
 * @param inside whether it stands in another value, on a line of its own
 */
export function tensorText(tensor: tf.Tensor, inside = false): string {
  const head = headOf(tensor);
  const missing = whyNoValues(tensor);
  if (missing !== undefined) return `${head}, ${missing}`;
  if (inside) return tensor.size <= FEW ? `${head} ${flat(tensor)}` : head;
  return tensor.rank === 0 ? `${head} ${flat(tensor)}` : `${head}\n${layOut(gridOf(tensor))}`;
}

/** The same as HTML: vectors and matrices as tables. */
export function tensorHtml(tensor: tf.Tensor): string {
  const isTable = (tensor.rank === 1 || tensor.rank === 2) && tensor.size > 0;
  if (!isTable || whyNoValues(tensor) !== undefined) {
    return `<pre>${escaped(tensorText(tensor))}</pre>`;
  }
  return `<div><code>${escaped(headOf(tensor))}</code>${tableOf(gridOf(tensor))}</div>`;
}

function headOf(tensor: tf.Tensor): string {
  const kind = tensor instanceof tf.Variable ? `Variable ${JSON.stringify(tensor.name)}` : "Tensor";
  return `${kind} ${tensor.dtype} [${tensor.shape.join(", ")}]`;
}

function flat(tensor: tf.Tensor): string {
  return layOut(gridOf(tensor)).replaceAll(/\s*\n\s*/g, " ").trim();
}

function whyNoValues(tensor: tf.Tensor): string | undefined {
  if (tensor.isDisposed) return "disposed";
  const { trace } = backend.binding;
  return trace && `in the trace of ${trace.name}: its values are known when that runs`;
}
