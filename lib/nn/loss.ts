import { attribute, backend, DType, leaves, tf, type Tree } from "../tensorflow/mod.ts";
import { checkRank } from "./_check.ts";
import { withGradient } from "./_with_gradient.ts";

const attributes = [attribute.type("T", DType.float32)];

/** Options of {@linkcode crossEntropy}. */
export interface SmoothingOptions {
  /** α of label smoothing, in [0, 1]; default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Mean over the batch of −Σ labels · log softmax(logits).
 *
 * With label smoothing α the labels become (1 − α) · labels + α / classes.
 *
 * Source: `cross_entropy_loss` in `flax_training.py` of the reference.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * const loss = nn.crossEntropy(tf.tensor([[0, 0]]), tf.tensor([[1, 0]]));
 * assertEquals(loss.dataSync()[0], Math.fround(Math.log(2)));
 * ```
 *
 * @param logits float32 [batch, classes]
 * @param labels float32 [batch, classes]: one-hot, or any distribution over the classes
 * @returns a scalar
 * @throws RangeError unless label smoothing is in [0, 1] and both have that same shape
 */
export function crossEntropy(
  logits: tf.Tensor,
  labels: tf.Tensor,
  options: SmoothingOptions = {},
): tf.Scalar {
  return tf.tidy(() => tf.mean(exampleCrossEntropies(logits, labels, options)));
}

/**
 * The same for each example, float32 [batch].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * const losses = nn.exampleCrossEntropies(tf.tensor([[0, 0], [0, 0]]), tf.tensor([[1, 0], [0, 1]]));
 * assertEquals(losses.shape, [2]);
 * ```
 */
export function exampleCrossEntropies(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { labelSmoothing = 0 }: SmoothingOptions = {},
): tf.Tensor1D {
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(`Cannot smooth labels by ${labelSmoothing}: it must be in [0, 1]`);
  }
  checkSameShape(logits, labels);
  return tf.tidy(() => {
    const classes = logits.shape[1]!;
    const targets = labelSmoothing === 0
      ? (labels.dtype === "float32" ? labels : tf.cast(labels, "float32"))
      : tf.add(tf.mul(labels, 1 - labelSmoothing), labelSmoothing / classes);
    return softmaxCrossEntropy(logits, targets) as tf.Tensor1D;
  });
}

/** TensorFlow's fused kernel, which returns the gradient with the loss. */
function softmaxCrossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return withGradient(
    [logits],
    (logits) => {
      const inputs = [logits, labels];
      const [value, gradient] = backend.run("SoftmaxCrossEntropyWithLogits", attributes, inputs, 2);
      return { value: value!, saved: [gradient!] };
    },
    (dy, [gradient]) => tf.mul(tf.expandDims(dy, 1), gradient!),
  );
}

/**
 * Mean entropy of the predictions −Σ q log q over the examples, in nats, q being the softmax of the
 * logits: 0 where the network is certain.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * assertAlmostEquals(nn.entropy(tf.zeros([3, 4])).dataSync()[0]!, Math.log(4), 1e-6);
 * ```
 *
 * @param logits float32 [batch, classes]
 */
export function entropy(logits: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const logarithms = tf.logSoftmax(logits, 1);
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.exp(logarithms), logarithms), 1))) as tf.Scalar;
  });
}

/** Which parameters {@linkcode weightDecay} counts. */
export type WeightDecayScope = "all" | "kernels";

/**
 * ½ Σ‖w‖² over all parameters, or over those of rank above 1 (`kernels`: neither batch
 * normalisation's nor biases), to be scaled and added to the loss.
 *
 * Source: `train_step` in `flax_training.py` of the reference, flag `no_weight_decay_on_bn`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * const decay = nn.weightDecay({ kernel: tf.tensor([[1, 2]]), bias: tf.tensor([3]) }, "kernels");
 * assertEquals(decay.dataSync()[0], 2.5); // (1² + 2²) / 2
 * ```
 */
export function weightDecay(params: Tree, scope: WeightDecayScope = "all"): tf.Scalar {
  const counted = leaves(params).filter((param) => scope === "all" || param.rank > 1);
  if (counted.length === 0) return tf.scalar(0);
  return tf.tidy(() => tf.addN(counted.map(halfSquaredNorm)) as tf.Scalar);
}

function halfSquaredNorm(param: tf.Tensor): tf.Tensor {
  return withGradient(
    [param],
    (param) => ({ value: backend.run("L2Loss", attributes, [param])[0]!, saved: [param] }),
    (dy, [param]) => tf.mul(param!, dy),
  );
}

/**
 * Share of examples whose largest logit is not at their largest label: the top-1 error. Of equal
 * ones, the first counts as the largest.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * const error = nn.errorRate(tf.tensor([[2, 1], [2, 1]]), tf.tensor([[1, 0], [0, 1]]));
 * assertEquals(error.dataSync()[0], 0.5);
 * ```
 *
 * @param logits float32 [batch, classes]
 * @param labels float32 [batch, classes]
 * @throws RangeError unless both have that same shape
 */
export function errorRate(logits: tf.Tensor, labels: tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.mean(exampleErrors(logits, labels)));
}

/**
 * The same for each example: 1 for an error, otherwise 0, float32 [batch].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * const errors = nn.exampleErrors(tf.tensor([[2, 1], [2, 1]]), tf.tensor([[1, 0], [0, 1]]));
 * assertEquals([...errors.dataSync()], [0, 1]);
 * ```
 */
export function exampleErrors(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor1D {
  checkSameShape(logits, labels);
  return tf.tidy(() => {
    const wrong = tf.notEqual(tf.argMax(logits, 1), tf.argMax(labels, 1));
    return tf.cast(wrong, "float32") as tf.Tensor1D;
  });
}

/**
 * Share of examples whose largest label is not at one of their `k` largest logits: the top-k error. Of
 * equal logits, the first counts as the largest.
 *
 * The reference's `top_k_error_rate_metric` means this, but counts the hits of the whole batch for
 * each example, so that its value is wrong for batches of more than one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * const [logits, labels] = [tf.tensor([[3, 2, 1]]), tf.tensor([[0, 1, 0]])];
 * assertEquals(nn.topKErrorRate(logits, labels, 1).dataSync()[0], 1);
 * assertEquals(nn.topKErrorRate(logits, labels, 2).dataSync()[0], 0);
 * ```
 *
 * @param logits float32 [batch, classes]
 * @param labels float32 [batch, classes]
 * @throws RangeError unless both have that same shape, and k is from 1 to the number of classes
 */
export function topKErrorRate(logits: tf.Tensor, labels: tf.Tensor, k: number): tf.Scalar {
  checkSameShape(logits, labels);
  const classes = logits.shape[1]!;
  if (!(Number.isInteger(k) && k >= 1 && k <= classes)) {
    throw new RangeError(
      `Cannot find the top ${k} of ${classes} classes: choose from 1 to ${classes}`,
    );
  }
  return tf.tidy(() => {
    const { indices } = tf.topk(logits, k);
    const isHit = tf.any(tf.equal(indices, tf.expandDims(tf.argMax(labels, 1), 1)), 1);
    return tf.mean(tf.cast(tf.logicalNot(isHit), "float32"));
  });
}

/** TensorFlow would broadcast labels of one class, or of one example. */
function checkSameShape(logits: tf.Tensor, labels: tf.Tensor): void {
  checkRank("compare with labels", logits, ["batch", "classes"]);
  if (labels.rank !== 2 || labels.shape.some((size, axis) => size !== logits.shape[axis])) {
    const remedy = labels.rank === 1 ? `. Give tf.oneHot(labels, ${logits.shape[1]})` : "";
    throw new RangeError(
      `Cannot compare logits of shape [${logits.shape}] with labels of shape [${labels.shape}]: ` +
        `they must be the same${remedy}`,
    );
  }
}
