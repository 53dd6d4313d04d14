import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { crossEntropy, entropy, type Model } from "../../lib/nn/mod.ts";
import { valueAndGrad } from "../../lib/optim/mod.ts";
import { leaves, random, type TensorRecord, tf } from "../../lib/tensorflow/mod.ts";
import { buildTask, crossEntropyLoss, type CrossEntropyMetrics } from "../../lib/train/mod.ts";
import { assertClose, scoped, values, withoutLeaks } from "../_tensors.ts";
import { tinyConfig } from "./_runs.ts";

/** The parameters are the logits. */
const table = {
  apply: ({ params }: { params: TensorRecord }) => ({ output: params.logits!, state: {} }),
} as unknown as Pick<Model, "apply">;

Deno.test(
  "crossEntropyLoss: bootstrapping mixes the targets with the predictions, through which gradients flow",
  scoped(() => {
    const logits = tf.tensor2d([[1, 2, 3], [0, -1, 0.5]]);
    const labels = tf.tensor2d([[1, 0, 0], [0, 0, 1]]);
    const batch = { images: tf.zeros([2, 1, 1, 1]), labels };
    const found = valueAndGrad(crossEntropyLoss(table, { bootstrapping: 0.3, weightDecay: 0.1 }))(
      { logits },
      batch,
      { state: {}, seed: random.seed(0) },
    );
    const { value, grad } = tf.valueAndGrad((logits: tf.Tensor) => {
      const q = tf.softmax(logits, 1);
      const targets = tf.add(tf.mul(labels, 0.7), tf.mul(q, 0.3));
      const each = tf.neg(tf.sum(tf.mul(targets, tf.log(q)), 1));
      return tf.add(tf.mean(each), tf.mul(tf.sum(tf.square(logits)), 0.05)) as tf.Scalar;
    })(logits);
    assertClose(found.grads.logits as tf.Tensor, values(grad), 1e-5);
    assertClose(value, [
      0.7 * values(crossEntropy(logits, labels))[0]! + 0.3 * values(entropy(logits))[0]! +
      0.05 * values(tf.sum(tf.square(logits)))[0]!,
    ]);
    // What is told stays comparable between methods.
    const { loss } = found.metrics as CrossEntropyMetrics;
    assertClose(loss, values(crossEntropy(logits, labels)));
  }),
);

Deno.test("crossEntropyLoss: a share of predictions outside [0, 1] is refused", () => {
  for (const bootstrapping of [-0.1, 1.1, NaN]) {
    assertThrows(
      () => crossEntropyLoss(table, { bootstrapping }),
      RangeError,
      `Cannot bootstrap by ${bootstrapping}: it must be in [0, 1]`,
    );
  }
});

Deno.test("buildTask: the configuration's bootstrapping is in the gradient", () =>
  withoutLeaks(async () => {
    const norms: number[] = [];
    for (const bootstrapping of [0, 0.5]) {
      const { gradient, model, inputShape, training } = await buildTask({
        ...tinyConfig,
        bootstrapping,
      });
      for await (const batch of training.epoch(0)) {
        tf.tidy(() => {
          const { params, state } = model.init(0, inputShape);
          const { grads } = gradient(params, batch, { state, seed: random.seed(0) });
          norms.push(leaves(grads).reduce((sum, g) => sum + values(tf.sum(g))[0]!, 0));
        });
        tf.dispose([batch.images, batch.labels]);
        break;
      }
    }
    assertEquals(norms.length, 2);
    assertNotEquals(norms[0], norms[1]);
  }));
