import { type OperationRecord, profiledRun, type ProfiledRunOptions } from "../tensorflow/mod.ts";
import { chromeTrace } from "./_chrome_trace.ts";
import {
  type LayerSum,
  millisecondsOf,
  type OperationSum,
  peakBytes,
  sumByLayer,
  sumByOperation,
} from "./_sums.ts";
import { profileText } from "./_text.ts";

/** How a step is measured. */
export type ProfileOptions = ProfiledRunOptions;

/** Where a step's time and memory go. */
export interface Profile {
  /** Median of the runs without a clock on operations. */
  readonly milliseconds: number;
  /** Of the run that was looked into; the clock costs some of it. */
  readonly tracedMilliseconds: number;
  /** Of all its operations: more than the run where some run at the same time. */
  readonly operationMilliseconds: number;
  /** The most memory that its operations held at a time, without the arguments. */
  readonly peakBytes: number;
  /** In the order of the network; what belongs to no layer is the last. */
  readonly layers: readonly LayerSum[];
  /** The longest first. */
  readonly operations: readonly OperationSum[];
  /** Every operation of the run that was looked into. */
  readonly records: readonly OperationRecord[];
  /** The tables. */
  toString(): string;
  /** A trace for Perfetto (ui.perfetto.dev) or TensorBoard, as JSON. */
  trace(): string;
}

/**
 * Measures a step by TensorFlow's own clock, operation by operation: a pure function of tensors as
 * `compile` takes it, in its compiled form. Operations belong to the layers of a model of `nn.model`
 * (activations and sums to the layer before them), and to the passes of `optim.valueAndGrad`: `ascent`
 * for SAM's first, else `descent`.
 *
 * ```ts
 * import { models, optim, profile, random, tf, train } from "sam";
 *
 * const model = models.wideResNet({ depth: 10, width: 1, classes: 10 });
 * const gradient = optim.sam(optim.valueAndGrad(train.crossEntropy(model)), { rho: 0.05 });
 * const { init, step } = train.trainStep(gradient, optim.sgd(0.1));
 * const images = tf.zeros([4, 16, 16, 3]);
 * const labels = tf.oneHot([0, 1, 2, 3], 10, 1, 0, "float32");
 * const start = init(model.init(0, images.shape));
 * const found = profile(step, [start, { images, labels }, random.seed(0)], { runs: 1 });
 * console.log(found.layers.at(0)?.layer); // init_conv
 * await Deno.writeTextFile(`${Deno.makeTempDirSync()}/step.json`, found.trace());
 * ```
 *
 * @param args of the step, which stay the caller's; its results are let go
 * @throws RangeError for counts that are not whole
 * @throws Error for what `compile` refuses
 */
export function profile<Args extends readonly unknown[]>(
  step: (...args: Args) => unknown,
  args: Args,
  options: ProfileOptions = {},
): Profile {
  const { milliseconds: runs, tracedMilliseconds, operations: records } = profiledRun(
    step,
    args,
    options,
  );
  const found = {
    milliseconds: runs.toSorted((a, b) => a - b)[Math.floor(runs.length / 2)]!,
    tracedMilliseconds,
    operationMilliseconds: millisecondsOf(records),
    peakBytes: peakBytes(records),
    layers: sumByLayer(records),
    operations: sumByOperation(records),
    records,
  };
  return { ...found, toString: () => profileText(found), trace: () => chromeTrace(records) };
}
