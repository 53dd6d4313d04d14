/** A task whose gradient has a memory; run as a program it trains in the folder that it is given. */
import { sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import { batches, fit, task } from "../../lib/train/mod.ts";
import { climbingByMean, reusing } from "../optim/_stateful.ts";

const x = Array.from({ length: 24 }, (_, index) => [Math.sin(index), Math.cos(3 * index)]);

const loss = ({ w }: { w: tf.Tensor }, { x }: { x: tf.Tensor }) =>
  tf.mean(tf.square(tf.sub(tf.tanh(tf.sum(tf.mul(x, w), 1)), 0.5)));

export const METHODS = {
  reusing: reusing(valueAndGrad(loss), { rho: 0.2, every: 3 }),
  climbing: climbingByMean(valueAndGrad(loss), { rho: 0.2, every: 2, decay: 0.5 }),
};

export const statefulTask = (method: keyof typeof METHODS, epochs = 40) =>
  task({
    parameters: (seed) => ({ w: tf.fill([2], 0.3 + seed) }),
    gradient: METHODS[method],
    optimizer: sgd(0.2, { momentum: 0.9 }),
    training: batches({ x }, { batchSize: 4 }),
    saveProgressSeconds: 0.001,
    epochs,
  });

if (import.meta.main) {
  const [method, folder] = Deno.args as [keyof typeof METHODS, string];
  for await (const event of fit(statefulTask(method), { folder })) {
    if (event.type === "checkpoint" && event.epoch === 2) {
      Deno.stdout.writeSync(new TextEncoder().encode("saved\n"));
    }
  }
}
