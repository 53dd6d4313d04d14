import { assertEquals, assertThrows } from "@std/assert";
import {
  crossEntropy,
  entropy,
  errorRate,
  exampleCrossEntropies,
  exampleErrors,
  topKErrorRate,
  weightDecay,
} from "../../lib/nn/mod.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import {
  assertClose,
  numericGradient,
  pytorch,
  scoped,
  values,
  withoutLeaks,
} from "../_tensors.ts";

for (const golden of pytorch.crossEntropy) {
  const { label_smoothing: labelSmoothing } = golden;
  const isHard = golden.labels.every((value: number) => value === 0 || value === 1);
  Deno.test(
    `crossEntropy equals PyTorch's: ${isHard ? "one-hot" : "soft"}, smoothing ${labelSmoothing}`,
    scoped(() => {
      const logits = tf.tensor2d(golden.logits, [4, 5]);
      const labels = tf.tensor2d(golden.labels, [4, 5]);
      const { value, grad } = tf.valueAndGrad((logits) =>
        crossEntropy(logits, labels, { labelSmoothing })
      )(logits);
      assertClose(value, [golden.loss]);
      assertClose(grad, golden.grad);
      const f = (logits: tf.Tensor) => crossEntropy(logits, labels, { labelSmoothing });
      assertClose(grad, numericGradient(f, logits), 2e-3);
    }),
  );
}

Deno.test(
  "entropy is that of the predictions, with its gradient, also where one is certain",
  scoped(() => {
    const logits = tf.tensor2d([[1, 2, 3], [0, 0, 0]]);
    const q = [1, 2, 3].map((x) => Math.exp(x) / (Math.exp(1) + Math.exp(2) + Math.exp(3)));
    const first = -q.reduce((sum, p) => sum + p * Math.log(p), 0);
    const { value, grad } = tf.valueAndGrad(entropy)(logits);
    assertClose(value, [(first + Math.log(3)) / 2]);
    // d/dz −Σ q log q = −q (log q + H)
    const gradient = q.map((p) => -p * (Math.log(p) + first) / 2);
    assertClose(grad, [...gradient, 0, 0, 0]);
    assertClose(entropy(tf.tensor2d([[1e4, -1e4]])), [0]);
  }),
);

Deno.test(
  "crossEntropy is stable for logits that are far apart, and 0 for one class",
  scoped(() => {
    const labels = tf.tensor2d([[0, 1]]);
    assertClose(crossEntropy(tf.tensor2d([[1e4, -1e4]]), labels), [2e4]);
    assertClose(crossEntropy(tf.tensor2d([[-1e4, 1e4]]), labels), [0]);
    for (const labelSmoothing of [0, 0.1, 1]) {
      const one = tf.tensor2d([[5], [-3]]);
      assertClose(crossEntropy(one, tf.ones([2, 1]), { labelSmoothing }), [0]);
    }
    assertEquals(values(crossEntropy(tf.tensor2d([[NaN, 1]]), labels)), [NaN]);
    assertEquals(values(crossEntropy(tf.zeros([0, 3]), tf.zeros([0, 3]))), [NaN]);
  }),
);

Deno.test(
  "crossEntropy refuses smoothing out of range and shapes that would be broadcast",
  scoped(() => {
    const logits = tf.zeros([2, 3]);
    for (const labelSmoothing of [-0.1, 1.1, NaN]) {
      assertThrows(
        () => crossEntropy(logits, logits, { labelSmoothing }),
        RangeError,
        `Cannot smooth labels by ${labelSmoothing}`,
      );
    }
    for (const shape of [[2, 1], [1, 3], [3], [2, 3, 1]]) {
      const topError = (logits: tf.Tensor, labels: tf.Tensor) => topKErrorRate(logits, labels, 1);
      for (const compare of [crossEntropy, errorRate, topError]) {
        assertThrows(
          () => compare(logits, tf.ones(shape)),
          RangeError,
          `Cannot compare logits of shape [2,3] with labels of shape [${shape}]`,
        );
      }
    }
    assertThrows(() => crossEntropy(tf.zeros([3]), tf.zeros([3])), RangeError, "shape [3]");
  }),
);

Deno.test(
  "errorRate counts logits whose largest is elsewhere; of equal ones the first is the largest",
  scoped(() => {
    const labels = tf.tensor2d([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0.5, 0.5]]);
    const right = tf.tensor2d([[3, 1, 2], [-2, -1, -3], [0, 0, 1], [0, 2, 1]]);
    assertEquals(values(errorRate(right, labels)), [0]);
    assertEquals(values(errorRate(tf.zeros([4, 3]), labels)), [0.75]);
    assertEquals(values(errorRate(tf.neg(right), labels)), [1]);
    assertEquals(values(errorRate(tf.ones([2, 1]), tf.ones([2, 1]))), [0]);
  }),
);

Deno.test(
  "losses and errors of examples are those of batches of one",
  scoped(() => {
    const logits = tf.randomNormal([3, 4], 0, 2, "float32", 1);
    const labels = tf.tensor2d([[1, 0, 0, 0], [0, 0, 1, 0], [0, 0.5, 0.5, 0]]);
    const rows = [0, 1, 2].map((row) => [logits, labels].map((all) => tf.slice(all, row, 1)));
    const options = { labelSmoothing: 0.1 };
    assertClose(
      exampleCrossEntropies(logits, labels, options),
      rows.map(([logits, labels]) => values(crossEntropy(logits!, labels!, options))[0]!),
    );
    assertEquals(
      values(exampleErrors(logits, labels)),
      rows.map(([logits, labels]) => values(errorRate(logits!, labels!))[0]!),
    );
  }),
);

Deno.test(
  "topKErrorRate counts labels that are not among the k largest logits, by example",
  scoped(() => {
    const labels = tf.oneHot(tf.tensor1d([0, 0, 5, 6, 6], "int32"), 7, 1, 0, "float32");
    // The label's logit is the largest, the 5th, the 6th, the last, and one of seven equal ones.
    const logits = tf.tensor2d([
      [9, 1, 2, 3, 4, 5, 6],
      [2, 6, 5, 4, 3, 1, 0],
      [6, 5, 4, 3, 2, 1, 0],
      [6, 5, 4, 3, 2, 1, 0],
      [1, 1, 1, 1, 1, 1, 1],
    ]);
    assertClose(topKErrorRate(logits, labels, 5), [3 / 5]);
    assertClose(topKErrorRate(logits, labels, 6), [2 / 5]);
    assertEquals(values(topKErrorRate(logits, labels, 1)), values(errorRate(logits, labels)));
    assertEquals(values(topKErrorRate(logits, labels, 7)), [0]);
    for (const k of [0, 8, 1.5, NaN]) {
      assertThrows(
        () => topKErrorRate(logits, labels, k),
        RangeError,
        `Cannot find the top ${k} of 7 classes`,
      );
    }
  }),
);

Deno.test(
  "weightDecay is half the squared norm of all parameters, or of kernels",
  scoped(() => {
    const params = {
      conv: { kernel: tf.tensor4d([1, 2], [1, 1, 1, 2]) },
      bn: { scale: tf.tensor1d([3]), bias: tf.tensor1d([-1]) },
      dense: { kernel: tf.tensor2d([[2]]), bias: tf.tensor1d([5]), scalar: tf.scalar(7) },
    };
    assertClose(weightDecay(params), [(1 + 4 + 9 + 1 + 4 + 25 + 49) / 2]);
    assertClose(weightDecay(params, "all"), [(1 + 4 + 9 + 1 + 4 + 25 + 49) / 2]);
    assertClose(weightDecay(params, "kernels"), [(1 + 4 + 4) / 2]);
    assertEquals(values(weightDecay({})), [0]);
    assertEquals(values(weightDecay(params.bn, "kernels")), [0]);
    const gradient = tf.grad((scale) => tf.mul(weightDecay({ scale, bias: params.bn.bias }), 0.5));
    assertClose(gradient(params.bn.scale), [1.5]);
  }),
);

Deno.test("losses leave one scalar", () =>
  withoutLeaks(() => {
    const logits = tf.randomNormal([3, 4], 0, 1, "float32", 1);
    const labels = tf.ones([3, 4]);
    tf.dispose([
      crossEntropy(logits, labels, { labelSmoothing: 0.1 }),
      errorRate(logits, labels),
      topKErrorRate(logits, labels, 2),
      weightDecay({ logits, labels }),
      logits,
      labels,
    ]);
  }));

Deno.test(
  "loss: labels may be integers, one-hot; classes by their numbers are told what to do",
  scoped(() => {
    const logits = tf.tensor2d([[1, 2, 3], [3, 2, 1]]);
    const numbers = tf.tensor1d([0, 2], "int32");
    const ofIntegers = crossEntropy(logits, tf.oneHot(numbers, 3));
    const ofFloats = crossEntropy(logits, tf.oneHot(numbers, 3, 1, 0, "float32"));
    assertEquals(values(ofIntegers), values(ofFloats));
    assertThrows(
      () => crossEntropy(logits, numbers),
      RangeError,
      "with labels of shape [2]: they must be the same. Give tf.oneHot(labels, 3)",
    );
  }),
);
