import { assertEquals, assertThrows } from "@std/assert";
import { clipToNorm, globalNorm, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import { tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { trainStep } from "../../lib/train/step.ts";
import { assertClose, assertSameBits, pytorch, scoped, values } from "../_tensors.ts";

Deno.test(
  "globalNorm is that of all leaves together",
  scoped(() => {
    const tree = { a: tf.tensor([[2, 0], [0, 1]]), b: [tf.scalar(2), tf.tensor([[[4]]])] };
    assertEquals(values(globalNorm(tree)), [5]);
    assertEquals(values(globalNorm(tf.tensor([-3]))), [3]);
    assertEquals(values(globalNorm(tf.zeros([3]))), [0]);
    assertEquals(values(globalNorm(tf.tensor([1, NaN]))), [NaN]);
  }),
);

Deno.test(
  "globalNorm of a tree without values is 0",
  scoped(() => {
    const trees: Tree[] = [{}, [], { a: {}, b: [[]] }, tf.zeros([0, 3])];
    for (const tree of trees) {
      const norm = globalNorm(tree);
      assertEquals([norm.shape, values(norm)], [[], [0]]);
    }
  }),
);

for (const { max_norm: maxNorm, grads, norm, clipped } of pytorch.clip) {
  Deno.test(
    `clipToNorm equals PyTorch's clip_grad_norm_ up to its 1e-6: norm ${norm} to ${maxNorm}`,
    scoped(() => {
      const found = clipToNorm(grads.map((grad: number[]) => tf.tensor(grad)), maxNorm);
      // PyTorch divides by the norm + 1e-6; the reference does not.
      (found as tf.Tensor[]).forEach((grad, index) => assertClose(grad, clipped[index], 2e-6));
      assertClose(globalNorm(grads.map((grad: number[]) => tf.tensor(grad))), [norm]);
    }),
  );
}

Deno.test(
  "clipToNorm leaves small gradients as they are, bit for bit",
  scoped(() => {
    const grads = { w: tf.tensor([0.1, -0.7, 1e-30]), b: tf.tensor([0.3]) };
    for (const maxNorm of [1, 5, Infinity]) {
      assertSameBits(clipToNorm(grads, maxNorm), grads);
    }
    const zero = { w: tf.zeros([2]) };
    assertSameBits(clipToNorm(zero, 0.5), zero);
    assertEquals(clipToNorm({}, 1), {});
  }),
);

Deno.test(
  "clipToNorm scales larger ones to the norm, and hides no NaN",
  scoped(() => {
    const grads = [tf.tensor([3]), tf.tensor([[0, 4]])];
    assertClose(clipToNorm(grads, 1)[0]!, [0.6]);
    assertClose(clipToNorm(grads, 1)[1]!, [0, 0.8]);
    assertClose(globalNorm(clipToNorm(grads, 1e-3)), [1e-3], 1e-9);
    assertClose(globalNorm(clipToNorm(grads, 5)), [5]);
    assertEquals(values(clipToNorm(tf.tensor([NaN, 1]), 1)), [NaN, NaN]);
    assertEquals(values(clipToNorm(tf.tensor([Infinity, 1]), 1)), [NaN, 0]);
  }),
);

Deno.test("clipping refuses norms that are not positive, before any step", () => {
  const gradient = valueAndGrad(({ w }: { w: tf.Tensor }) => tf.sum(w));
  const inSteps = (norm: number) => trainStep(gradient, sgd(0.1), { gradientClipping: norm });
  for (const norm of [0, -1, NaN]) {
    for (const make of [inSteps, (norm: number) => clipToNorm({}, norm)]) {
      assertThrows(() => make(norm), RangeError, `Cannot clip gradients to norm ${norm}`);
    }
  }
});
