import { random, tf } from "../../tensorflow/mod.ts";
import { operate } from "./image_operations.ts";
import {
  type Action,
  AUTO_AUGMENT_REACH,
  hasSign,
  type Operation,
  type Reach,
  settingOf,
} from "./operation.ts";
import type { Policy, PolicyStep } from "./policies.ts";
import type { Augmentation } from "./types.ts";

const NOTHING: Action = { operation: "None", setting: 0 };

/**
 * AutoAugment: for each image one sub-policy is drawn, whose two operations are each done with their
 * probability, rotations, shears and translations in either direction.
 *
 * Source: Cubuk et al. 2019; `distort_image_with_autoaugment` in `autoaugment/autoaugment.py` of
 * the reference.
 *
 * @example
 * ```ts
 * import { autoAugment, cifarPolicy, loadDataset, scaledReach } from "../mod.ts";
 *
 * const source = await loadDataset("fashion_mnist_small");
 * const augmentation = autoAugment(cifarPolicy, scaledReach(28));
 * console.assert(source.training({ batchSize: 100, augmentation }).size === 20);
 * ```
 *
 * @param reach pixels of translations and cutouts at the highest level; by default the reference's, made
 *   for images of 331 pixels
 * @throws TypeError for a policy without sub-policies
 */
export function autoAugment(policy: Policy, reach: Reach = AUTO_AUGMENT_REACH): Augmentation {
  if (!Array.isArray(policy) || policy.length === 0) {
    throw new TypeError(
      "Cannot augment by AutoAugment without sub-policies: give some, such as data.cifarPolicy",
    );
  }
  const steps = ([0, 1] as const).map((position) => stepOf(policy, position, reach));
  return function autoAugment(images: tf.Tensor, seed: random.Seed): tf.Tensor {
    return tf.tidy(() => {
      const count = images.shape[0]!;
      const seeds = random.split(seed, 3).unstack() as random.Seed[];
      const drawn = random.uniform(seeds[0]!, [count]).mul(policy.length).toInt();
      return steps.reduce((images, { actions, probabilities }, position) => {
        const [apply, sign, y, x] = random.uniform(seeds[1 + position]!, [4, count]).unstack();
        const probability = tf.gather(tf.tensor1d(probabilities), drawn as tf.Tensor1D);
        const isDone = tf.greaterEqual(tf.add(apply!, probability), 1);
        const chosen = tf.add(tf.mul(drawn, int32(2)), tf.less(sign!, 0.5).toInt());
        return operate(images, actions, {
          actions: tf.where(isDone, tf.add(chosen, int32(1)), int32(0)),
          centers: centersOf(images, y!, x!),
        });
      }, images);
    });
  };
}

/** Nothing, then each sub-policy's operation in both directions. */
function stepOf(policy: Policy, position: 0 | 1, reach: Reach) {
  const own: readonly PolicyStep[] = policy.map((steps) => steps[position]);
  return {
    actions: [
      NOTHING,
      ...own.flatMap(([operation, , level]) => bothDirections(operation, level, reach)),
    ],
    probabilities: own.map(([, probability]) => probability),
  };
}

/** An operation at a level, and its opposite if it has one. */
export function bothDirections(operation: Operation, level: number, reach: Reach): Action[] {
  const setting = settingOf(operation, level, reach);
  return [{ operation, setting }, { operation, setting: hasSign(operation) ? -setting : setting }];
}

/** Centres of cutouts from numbers in [0, 1). */
export function centersOf(images: tf.Tensor, y: tf.Tensor, x: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const [, height, width] = images.shape as [number, number, number, number];
  return [tf.mul(y, height).toInt(), tf.mul(x, width).toInt()];
}

function int32(value: number): tf.Scalar {
  return tf.scalar(value, "int32");
}
