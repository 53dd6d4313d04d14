import { wideResNet } from "../../lib/models/mod.ts";
import { sam, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import { compile, leaves, random, tf, withPrecision } from "../../lib/tensorflow/mod.ts";
import { crossEntropyLoss, trainStep } from "../../lib/train/mod.ts";
import type { Setup } from "../_protocol.ts";

/** Images and one-hot labels, the same at every step. */
export function fixedBatch({ batch, size }: Setup) {
  const labels = Array.from({ length: batch }, (_, index) => index % 10);
  return {
    images: random.normal(random.seed(1), [batch, size, size, 3]),
    labels: tf.oneHot(labels, 10, 1, 0, "float32"),
  };
}

/** A SAM or SGD step as the trainer makes it, on a fixed batch. */
export function trainingStep(setup: Setup): () => Promise<number> {
  const { blocks, width, task, mode, precision = "float32" } = setup;
  const model = wideResNet({ depth: 6 * blocks + 4, width, classes: 10 });
  const loss = crossEntropyLoss(model, { weightDecay: 5e-4 });
  const gradient = sam(valueAndGrad(loss), { rho: task === "sam" ? 0.05 : 0 });
  const optimizer = sgd(0.1, { momentum: 0.9, nesterov: true });
  const { init, step: pure } = trainStep(gradient, optimizer, { gradientClipping: 5 });
  const compiled = compile(pure, { donate: [0], precision });
  const batch = fixedBatch(setup);
  const seed = random.seed(0);
  let state = init(model.init(0, batch.images.shape));
  return async () => {
    const before = state;
    const result = mode === "compile"
      ? await compiled(state, batch, seed)
      : withPrecision(precision, () => pure(state, batch, seed));
    state = result.state;
    if (mode === "eager") tf.dispose(leaves(before));
    const value = result.metrics.loss.dataSync()[0]!;
    tf.dispose(Object.values(result.metrics));
    return value;
  };
}
