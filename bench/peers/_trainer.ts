import { compile, random, tf } from "../../lib/tensorflow/mod.ts";
import {
  type Batch,
  buildTask,
  classificationEvaluator,
  type ClassificationTask,
  defaultConfig,
  fit,
  trainStep,
} from "../../lib/train/mod.ts";
import type { Setup } from "../_protocol.ts";

/** Batches of an evaluation. */
export const EVALUATED = 10;

/** The trainer, or what it is compared with, on Fashion-MNIST's images. */
export async function trainerStep(setup: Setup): Promise<() => Promise<number>> {
  const { blocks, width, batch, precision = "float32" } = setup;
  const task = await buildTask({
    ...defaultConfig,
    dataset: "fashion_mnist",
    testCount: EVALUATED * batch,
    model: `wide_resnet_${6 * blocks + 4}_${width}`,
    batchSize: batch,
    precision,
  }, { download: false });
  switch (setup.task) {
    case "trainer":
      return training(task);
    case "trainer_step":
      return await bareStep(task);
    case "evaluation":
      return evaluation(task);
    default:
      return await forward(task);
  }
}

/** Steps of `fit` with data, augmentation, reading of metrics and telling of events. */
function training(task: ClassificationTask): () => Promise<number> {
  const events = fit(task);
  return async () => {
    for (;;) {
      const { value, done } = await events.next();
      if (done) throw new Error("Cannot go on: the training has ended");
      if (value.type === "step") return value.loss;
    }
  };
}

async function bareStep(task: ClassificationTask): Promise<() => Promise<number>> {
  const { init, step: pure } = trainStep(task.gradient, task.optimizer, task);
  const step = compile(pure, { donate: [0], precision: task.precision });
  const batch = await firstBatch(task.training);
  const seed = random.seed(0);
  let state = init(task.model.init(0, task.inputShape));
  return async () => {
    const result = await step(state, batch, seed);
    state = result.state;
    const loss = result.metrics.loss.dataSync()[0]!;
    tf.dispose(Object.values(result.metrics));
    return loss;
  };
}

function evaluation(task: ClassificationTask): () => Promise<number> {
  const evaluator = classificationEvaluator(task);
  const state = trainStep(task.gradient, task.optimizer).init(task.model.init(0, task.inputShape));
  return async () => (await evaluator.evaluate(state))!.testLoss!;
}

async function forward(task: ClassificationTask): Promise<() => Promise<number>> {
  const variables = task.model.init(0, task.inputShape);
  const pass = compile(
    (given: typeof variables, images: tf.Tensor) => task.model.apply(given, images).output,
    { precision: task.precision },
  );
  const { images } = await firstBatch(task.evaluation);
  return async () => {
    let last = 0;
    for (let index = 0; index < EVALUATED; index++) {
      const logits = await pass(variables, images);
      last = logits.dataSync()[0]!;
      logits.dispose();
    }
    return last;
  };
}

async function firstBatch(batches: { epoch(seed?: number): AsyncIterable<Batch> }): Promise<Batch> {
  for await (const batch of batches.epoch(0)) return batch;
  throw new Error("Cannot measure: there are no data");
}
