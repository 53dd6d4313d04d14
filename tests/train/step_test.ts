/** What one factory of a step states once. */
import { assertEquals, assertThrows } from "@std/assert";
import { chain, clipToNorm, type Optimizer, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import { random, tf } from "../../lib/tensorflow/mod.ts";
import { trainStep, type TrainStepOptions } from "../../lib/train/step.ts";
import { assertClose, scoped, values } from "../_tensors.ts";

/** 3·w₀ + 4·w₁, whose gradient has the norm 5. */
const slope = valueAndGrad(({ w }: { w: tf.Tensor }) => tf.sum(tf.mul(w, [3, 4])));

/** A step from zeros. */
function stepped(optimizer: Optimizer, options: TrainStepOptions = {}) {
  const { init, step } = trainStep(slope, optimizer, options);
  return step(init({ params: { w: tf.zeros([2]) } }), {}, random.seed(0));
}

Deno.test(
  "trainStep: the gradient's norm is what the optimizer is given, clipped where the step clips",
  scoped(() => {
    assertClose(stepped(sgd(1)).metrics.gradientNorm, [5]);
    const clipped = stepped(sgd(1), { gradientClipping: 0.5 });
    assertClose(clipped.metrics.gradientNorm, [0.5]);
    assertClose(clipped.state.params.w, [-0.3, -0.4]);
    // A part of a chain that changes gradients is the optimizer's, and has no say in it.
    const clip: Optimizer = {
      init: () => [],
      update: (grads, state) => [clipToNorm(grads, 0.001), state],
    };
    const inChain = stepped(chain(clip, sgd(1)));
    assertClose(inChain.metrics.gradientNorm, [5]);
    assertClose(inChain.state.params.w, [-0.0006, -0.0008], 1e-8);
  }),
);

Deno.test(
  "trainStep: a decay keeps an average from init on, and without one there is none",
  scoped(() => {
    const kept = stepped(sgd(1), { averageDecay: 0.9 });
    // The reference averages from step 1,560 on.
    assertClose(kept.state.average!.params.w, values(kept.state.params.w), 0);
    assertEquals(stepped(sgd(1)).state.average, undefined);
    const { init, step } = trainStep(slope, sgd(1), { averageDecay: 0.9 });
    const late = { ...init({ params: { w: tf.zeros([2]) } }), step: tf.scalar(5000, "int32") };
    const { average, params } = step(late, {}, random.seed(0)).state;
    assertClose(average!.params.w, values(params.w).map((value) => 0.1 * value), 1e-6);
  }),
);

Deno.test(
  "trainStep: the loss is among the metrics, and one of that name stands in its place",
  scoped(() => {
    const other = valueAndGrad(({ w }: { w: tf.Tensor }) => ({
      loss: tf.sum(w),
      metrics: { loss: tf.scalar(7), hits: tf.scalar(3) },
    }));
    const { init, step } = trainStep(other, sgd(1));
    const { metrics } = step(init({ params: { w: tf.zeros([2]) } }), {}, random.seed(0));
    assertEquals([values(metrics.loss), values(metrics.hits)], [[7], [3]]);
    assertEquals(values(stepped(sgd(1)).metrics.loss), [0]);
  }),
);

Deno.test(
  "trainStep: names that a run gives to other numbers are refused",
  scoped(() => {
    for (const name of ["gradientNorm", "parameterNorm", "stepsPerEpoch"]) {
      const gradient = valueAndGrad(({ w }: { w: tf.Tensor }) => ({
        loss: tf.sum(w),
        metrics: { [name]: tf.scalar(1) },
      }));
      const { init, step } = trainStep(gradient, sgd(1));
      const start = init({ params: { w: tf.zeros([2]) } });
      const message = `Cannot log the metric ${name}: a run has another number of this name`;
      assertThrows(() => step(start, {}, random.seed(0)), TypeError, message);
    }
  }),
);
