import type { Metrics } from "../optim/mod.ts";
import { isRecord } from "../system/mod.ts";
import { leaves, mapTree, type TensorRecord, tf, tidy, type Tree } from "../tensorflow/mod.ts";
import { checkedState } from "./_step_parts.ts";
import { checkParameters } from "./_check_parameters.ts";
import { withSeededDraws } from "./_seeded_draws.ts";
import { type Batches, checkedEpoch } from "./batches.ts";
import type { ModelVariables } from "./step.ts";
import type { Task } from "./task.ts";

/**
 * The variables that a task's model draws, or its parameters: the same for the same seed, also of
 * functions of TensorFlow.js that are given none. The tensors are the caller's.
 */
export async function initialVariables<P extends Tree, B, M extends Metrics>(
  { model, parameters, inputShape, training, seed = 0 }: Task<P, B, M>,
): Promise<ModelVariables<P>> {
  if (model !== undefined) {
    const shape = inputShape ?? await imageShape(training);
    return tidy(() => {
      const drawn = withSeededDraws(seed, () => model.init(seed, shape));
      if (!isRecord(drawn)) {
        throw new TypeError(
          `Cannot train the model: its init gives ${drawn}, and must give { params, state? }`,
        );
      }
      const { params, state = {} } = drawn;
      checkParameters(params);
      return { params, state: checkedState("model", state) as TensorRecord };
    });
  }
  if (typeof parameters === "function") {
    const params = tidy(() => {
      const drawn = withSeededDraws(seed, () => parameters(seed));
      checkParameters(drawn);
      return drawn;
    });
    return { params, state: {} };
  }
  // Copies with memory of their own: a step may overwrite what it is given.
  const copy = (leaf: tf.Tensor) => tf.tensor(leaf.dataSync(), leaf.shape, leaf.dtype);
  return { params: mapTree(copy, parameters!), state: {} };
}

/**
 * The shape of the images of a first batch.
 *
 * @throws TypeError if batches have no images, by which the model's input cannot be known
 */
async function imageShape<B>(training: Batches<B>): Promise<readonly number[]> {
  for await (const batch of checkedEpoch(training, 0)) {
    try {
      const { images } = batch as { readonly images?: unknown };
      if (images instanceof tf.Tensor) return images.shape;
      break;
    } finally {
      tf.dispose(leaves(batch as Tree));
    }
  }
  throw new TypeError(
    "Cannot initialise the model: the batches have no `images` that would tell its input's shape. " +
      "Give the task an inputShape, batch size included",
  );
}
