import { assert, assertEquals } from "@std/assert";
import { cifarResNet } from "../../lib/models/mod.ts";
import {
  namedLeaves,
  random,
  type TensorRecord,
  tf,
  withLeaves,
} from "../../lib/tensorflow/mod.ts";
import { assertClose, scoped, values } from "../_tensors.ts";

const model = cifarResNet({ depth: 8, classes: 3 });
const SHAPE = [1, 8, 8, 3];

/** Initial variables in which every residual branch is one number. */
function variablesOf(branch: number) {
  const { params, state } = model.init(1, SHAPE);
  const changed = namedLeaves(params).map(([path, leaf]) => {
    // So that a pixel comes of one pixel of the image.
    if (path === "init_conv/kernel") {
      return tf.mul(leaf, tf.pad(tf.ones([1, 1, 1, 1]), [[1, 1], [1, 1], [0, 0], [0, 0]]));
    }
    if (path.endsWith("bn_2/scale")) return tf.zerosLike(leaf);
    return path.endsWith("bn_2/bias") ? tf.fill(leaf.shape, branch) : leaf;
  });
  return { params: withLeaves(params, changed) as TensorRecord, state };
}

Deno.test(
  "cifarResNet: shortcuts take every second pixel",
  scoped(() => {
    const variables = variablesOf(0);
    const images = random.uniform(random.seed(2), SHAPE);
    const changedAt = (row: number, column: number) => {
      const there = tf.pad(tf.ones([1, 1, 1, 3]), [
        [0, 0],
        [row, 7 - row],
        [column, 7 - column],
        [0, 0],
      ]);
      return tf.add(images, there);
    };
    const logits = (images: tf.Tensor) => values(model.apply(variables, images).output);
    assertEquals(logits(changedAt(1, 1)), logits(images));
    assertEquals(logits(changedAt(2, 4)), logits(images));
    assert(logits(changedAt(4, 4)).some((logit, index) => logit !== logits(images)[index]));
  }),
);

Deno.test(
  "cifarResNet: a block's sum goes through its last ReLU",
  scoped(() => {
    // Branches far below zero leave nothing but the last layer's bias, which is zero.
    const { output } = model.apply(variablesOf(-1e6), random.uniform(random.seed(2), SHAPE));
    assertClose(output, [0, 0, 0]);
  }),
);
