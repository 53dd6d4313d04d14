import type * as tf from "@tensorflow/tfjs";
import { attribute, returnLargeBlocks, type Trace } from "../native/mod.ts";
import { backend } from "../backend/mod.ts";
import { type Concrete, traceConcrete } from "./_concrete.ts";
import { type ArraySignature, build, matches, signatureOf } from "./signature.ts";

/** A function made by {@linkcode subroutine}. */
export interface Subroutine<Args extends readonly unknown[], Result> {
  /** Inside a compiled function a call of its own; outside, the function itself. */
  (...args: Args): Result;
  /** The same, which begins when these tensors have been computed, though it does not read them. */
  after(before: readonly tf.Tensor[], ...args: Args): Result;
}

/**
 * A function of tensors that, inside a compiled function, becomes a TensorFlow function of its own: it
 * is traced once for all calls with the same structure, shapes and dtypes, and each call is one node.
 * A call begins when all its arguments are there, and what it makes besides its result is released
 * when it ends: calls of which each takes, or comes `after`, the result of the one before never have their
 * memory at the same time. Outside of a compiled function it is the function itself.
 *
 * Arguments and results are trees of tensors as those of `compile`. It has no gradient.
 *
 * ```ts
 * import { compile, subroutine, tf } from "sam";
 * const square = subroutine((x: tf.Tensor) => tf.mul(x, x));
 * const fourth = compile((x: tf.Tensor) => square(square(x)));
 * const y = await fourth(tf.scalar(3));
 * console.log(y.dataSync()[0]); // 81
 * y.dispose();
 * ```
 *
 * @throws Error (when traced) as `compile` does, and if it uses tensors of the function that calls it
 *   besides its arguments
 */
export function subroutine<Args extends readonly unknown[], Result>(
  fn: (...args: Args) => Result,
  { name = fn.name || "the subroutine" }: { readonly name?: string } = {},
): Subroutine<Args, Result> {
  if (typeof fn !== "function") {
    throw new TypeError(`Cannot make a subroutine of ${fn}: give a function`);
  }
  let isTraced = false;
  /** By the function that calls it, which it is removed with. */
  const traces = new WeakMap<Trace, Concrete[]>();
  const after = (before: readonly tf.Tensor[], ...args: Args) => {
    const { trace } = backend.binding;
    if (trace === undefined) return fn(...args);
    let known = traces.get(trace);
    if (known === undefined) traces.set(trace, known = []);
    const tensors: tf.Tensor[] = [];
    let concrete = known.find(({ signature }) => {
      tensors.length = 0;
      return matches(signature, args, tensors);
    });
    if (concrete === undefined) {
      returnLargeBlocks();
      const signature: ArraySignature = {
        kind: "array",
        items: args.map((arg, index) => signatureOf(arg, `argument ${index}`)),
      };
      if (isTraced) throw new Error(`Cannot trace ${name}: it calls itself`);
      isTraced = true;
      try {
        concrete = traceConcrete(fn, name, signature, {
          nested: true,
          precision: backend.binding.precision,
        });
      } finally {
        isTraced = false;
      }
      known.push(concrete);
      trace.functions.push(concrete.name, ...concrete.functions);
      tensors.length = 0;
      matches(signature, args, tensors);
    }
    return call(trace, concrete, tensors, before) as Result;
  };
  return Object.assign((...args: Args) => after([], ...args), { after });
}

/** The node that calls a function, and its result. */
function call(
  trace: Trace,
  concrete: Concrete,
  tensors: readonly tf.Tensor[],
  before: readonly tf.Tensor[],
): unknown {
  const { name, captures, outputs, result } = concrete;
  const captured = captures.map((capture) => {
    const { dtype, shape } = capture.output;
    return trace.capture(capture, dtype, shape ?? [], capture.handleId);
  });
  const inputs = [...backend.getInputTensorIds(tensors), ...captured]
    .map((id) => trace.output(id)!);
  const found = trace.operation(
    "StatefulPartitionedCall",
    [
      attribute.type("Tin", inputs.map(({ dtype }) => dtype)),
      attribute.type("Tout", outputs.map(({ code }) => code)),
      attribute.function("f", name),
      attribute.string("config", ""),
      attribute.string("config_proto", ""),
      attribute.string("executor_type", ""),
    ],
    inputs,
    outputs.length,
    backend.getInputTensorIds([...before]).map((id) => trace.output(id)!),
  );
  let next = 0;
  return build(result, () => {
    const { shape, code } = outputs[next]!;
    // TensorFlow does not look into the function for the shapes of its results.
    const [shaped] = trace.operation(
      "EnsureShape",
      [attribute.shape("shape", shape), attribute.type("T", code)],
      [found[next++]!.output],
      1,
    );
    return backend.createOutputTensor({ id: shaped!.id, shape: [...shape], dtype: code });
  });
}
