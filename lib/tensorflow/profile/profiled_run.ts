import * as tf from "@tensorflow/tfjs";
import { bytesField, integerField } from "../../system/mod.ts";
import { backend, type Precision, withPrecision } from "../backend/mod.ts";
import { asNode, build, matches, placeholder, signatureOf, traced } from "../compile/mod.ts";
import { dtypeCode, type NodeOutput, type Pointer, tensorflow } from "../native/mod.ts";
import { type PrimitiveRecord, withPrimitives } from "./primitives.ts";
import { type OperationRecord, operationsIn } from "./step_stats.ts";

/** How a function is measured. */
export interface ProfiledRunOptions {
  /** What its products compute in; default float32. */
  readonly precision?: Precision | undefined;
  /** Runs before the first that counts; default 3. */
  readonly warmUp?: number;
  /** Runs that count; default 5. */
  readonly runs?: number;
  /** Let TensorFlow's graph optimizer rewrite the function, as `compile` does; default true. */
  readonly optimize?: boolean;
}

/** What was measured. */
export interface ProfiledRun {
  /** Of each run without a clock on its operations, in milliseconds. */
  readonly milliseconds: readonly number[];
  /** Of the run of median length of those with the clock: that run, and its operations. */
  readonly tracedMilliseconds: number;
  readonly operations: readonly OperationRecord[];
  /** What oneDNN executed in the run of median length without the clock; empty where it does not tell. */
  readonly primitives: readonly PrimitiveRecord[];
}

/**
 * Runs a function of tensors as `compile` would, with and without TensorFlow's clock on every operation.
 * The arguments stay as they are, and the results are let go. oneDNN tells what it executes where
 * `ONEDNN_VERBOSE=profile_exec` was in the environment before its first use.
 *
 * ```ts
 * import { profiledRun, tf } from "sam/tensorflow";
 *
 * const square = (x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D);
 * const { milliseconds, operations } = profiledRun(square, [tf.ones([64, 64])], { runs: 2 });
 * console.log(milliseconds.length, operations.length > 0); // 2 true
 * ```
 *
 * @throws RangeError for counts that are not whole
 * @throws Error for what `compile` refuses
 */
export function profiledRun<Args extends readonly unknown[]>(
  fn: (...args: Args) => unknown,
  args: Args,
  { precision = "float32", warmUp = 3, runs = 5, optimize = true }: ProfiledRunOptions = {},
): ProfiledRun {
  for (const [name, count, least] of [["warmUp", warmUp, 0], ["runs", runs, 1]] as const) {
    if (!(Number.isSafeInteger(count) && count >= least)) {
      throw new RangeError(
        `Cannot profile with ${name} ${count}: it must be a whole number >= ${least}`,
      );
    }
  }
  const signature = signatureOf(args, "the arguments");
  const given: tf.Tensor[] = [];
  matches(signature, args, given);
  const handles = given.map((tensor) => backend.handleId(tensor));
  return traced("the profiled function", { named: true }, (trace) => {
    const inputs: NodeOutput[] = [];
    const tree = build(signature, ({ dtype, shape }) => {
      const { tensor, output } = placeholder(trace, dtypeCode(dtype), shape);
      inputs.push(output);
      return tensor;
    }) as Args;
    const result = withPrecision(precision, () => fn(...tree));
    const outputs: tf.Tensor[] = [];
    matches(signatureOf(result, "the result"), result, outputs);
    const fetches = backend.getInputTensorIds(outputs).map((id) =>
      asNode(trace, trace.output(id)!)
    );
    const feeds = [...inputs, ...trace.captures.map(({ output }) => output)];
    const ids = [...handles, ...trace.captures.map((capture) => capture.handleId())];
    using session = trace.graph.session(configOf(optimize));
    const tensors: Pointer[] = [];
    try {
      for (const id of ids) tensors.push(backend.binding.resolve(id));
      const once = (withMetadata: boolean) => {
        const start = performance.now();
        const metadata = session.run(feeds, tensors, fetches, { withMetadata });
        return { milliseconds: performance.now() - start, metadata };
      };
      const timed = (count: number, withMetadata: boolean) =>
        Array.from({ length: count }, () => withPrimitives(() => once(withMetadata)));
      timed(Math.max(0, warmUp - 1), false);
      timed(Math.min(warmUp, 1), true);
      const plain = timed(runs, false);
      const clocked = ofMedianLength(timed(runs, true)).result;
      return {
        milliseconds: plain.map(({ result }) => result.milliseconds),
        tracedMilliseconds: clocked.milliseconds,
        operations: operationsIn(clocked.metadata!),
        primitives: ofMedianLength(plain).primitives,
      };
    } finally {
      for (const tensor of tensors) tensorflow().TF_DeleteTensor(tensor);
    }
  });
}

function ofMedianLength<R extends { readonly result: { readonly milliseconds: number } }>(
  runs: readonly R[],
): R {
  return runs.toSorted((a, b) => a.result.milliseconds - b.result.milliseconds)[
    Math.floor(runs.length / 2)
  ]!;
}

/** `ConfigProto.graph_options.rewrite_options.disable_meta_optimizer`, unless it is to optimize. */
function configOf(optimize: boolean): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    optimize ? [] : bytesField(10, bytesField(10, integerField(19, true))),
  );
}
