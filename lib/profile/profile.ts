import { profiledRun, type ProfiledRunOptions } from "../tensorflow/mod.ts";
import { chromeTrace } from "./_chrome_trace.ts";
import { millisecondsOf, peakBytes, sumByLayer, sumByOperation, sumByPrimitive } from "./_sums.ts";
import { profileText } from "./_text.ts";
import type { Profile } from "./types.ts";

/** How a step is measured. */
export type ProfileOptions = ProfiledRunOptions;

/**
 * Measures a step by TensorFlow's own clock, operation by operation: a pure function of tensors as
 * `compile` takes it, in its compiled form. Operations belong to the layers of a model of `nn.model`
 * (activations and sums to the layer before them), and to the passes of `optim.valueAndGrad`: `ascent`
 * for SAM's first, else `descent`. oneDNN's own figures, with what computes in what, are there where
 * `ONEDNN_VERBOSE=profile_exec` was in the environment before oneDNN's first use, on Linux.
 *
 * ```ts
 * import { models, optim, profile, random, tf, train } from "sam";
 *
 * const model = models.wideResNet({ depth: 10, width: 1, classes: 10 });
 * const gradient = optim.sam(optim.valueAndGrad(train.crossEntropyLoss(model)), { rho: 0.05 });
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
  const measured = profiledRun(step, args, options);
  const { milliseconds: runs, tracedMilliseconds, operations: records } = measured;
  const found = {
    milliseconds: runs.toSorted((a, b) => a - b)[Math.floor(runs.length / 2)]!,
    tracedMilliseconds,
    operationMilliseconds: millisecondsOf(records),
    peakBytes: peakBytes(records),
    layers: sumByLayer(records),
    operations: sumByOperation(records),
    primitives: sumByPrimitive(measured.primitives),
    records,
  };
  return { ...found, toString: () => profileText(found), trace: () => chromeTrace(records) };
}
