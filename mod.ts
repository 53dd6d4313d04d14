/**
 * Sharpness-aware training at native speed in Deno: SAM, its layers, models, data sets and training
 * loop on TensorFlow.js kernels and today's TensorFlow.
 *
 * ```ts
 * import { compile, models, optim, random, tf, train } from "sam";
 *
 * const model = models.wideResNet({ depth: 10, width: 1, classes: 10 });
 * const loss = train.crossEntropyLoss(model, { weightDecay: 5e-4 });
 * const gradient = optim.sam(optim.valueAndGrad(loss), { rho: 0.05 });
 * const optimizer = optim.sgd(0.1, { momentum: 0.9, nesterov: true });
 * const { init, step } = train.trainStep(gradient, optimizer);
 * const compiled = compile(step, { donate: [0] });
 *
 * const images = random.normal(random.seed(1), [8, 16, 16, 3]);
 * const labels = tf.oneHot([0, 1, 2, 3, 4, 5, 6, 7], 10, 1, 0, "float32");
 * let state = init(model.init(0, images.shape));
 * for (let index = 0; index < 3; index++) {
 *   const result = await compiled(state, { images, labels }, random.seed(0));
 *   state = result.state;
 *   console.log(result.metrics.loss.dataSync()[0]);
 *   tf.dispose(Object.values(result.metrics));
 * }
 * ```
 *
 * Whole training runs are one call: `train.train(config)`, or `deno task train` at the terminal.
 *
 * @module
 */
export {
  compile,
  type Compiled,
  type CompileOptions,
  configureDevices,
  dataset,
  fileSystem,
  image,
  lacksBfloat16Units,
  leaves,
  listDevices,
  mapTree,
  node,
  type Precision,
  random,
  savedModel,
  shapesOnly,
  type Subroutine,
  subroutine,
  type TensorRecord,
  tf,
  tidy,
  type Tree,
  withPrecision,
} from "./lib/tensorflow/mod.ts";
export * as checkpoints from "./lib/checkpoints/mod.ts";
export * as data from "./lib/data/mod.ts";
export * as distributed from "./lib/distributed/mod.ts";
export * as exports from "./lib/export/mod.ts";
export * as models from "./lib/models/mod.ts";
export * as nn from "./lib/nn/mod.ts";
export * as optim from "./lib/optim/mod.ts";
export * as plots from "./lib/plots/mod.ts";
export { type Profile, profile, type ProfileOptions } from "./lib/profile/mod.ts";
export * as runs from "./lib/runs/mod.ts";
export * as statistics from "./lib/statistics/mod.ts";
export * as train from "./lib/train/mod.ts";
