import { assertEquals, assertThrows } from "@std/assert";
import { sam, valueAndGrad } from "../../lib/optim/mod.ts";
import { compile, leaves, mapTree, random, tf } from "../../lib/tensorflow/mod.ts";
import { PASS } from "../_pass.ts";
import { assertClose, assertSameBits } from "../_tensors.ts";
import { leavesNothing } from "./_leaks.ts";

const normal = (...shape: number[]) => tf.tidy(() => random.normal(random.seed(1), shape));

type Case = readonly [fn: (...args: tf.Tensor[]) => tf.Tensor, ...args: tf.Tensor[]];

/** Made anew for each test, which disposes the arguments. */
const cases = (): Record<string, Case> => ({
  arithmetic: [(x, y) => tf.add(tf.mul(x, y), tf.div(x, 3)), normal(5, 7), normal(7)],
  reductions: [(x) => tf.logSoftmax(tf.sub(x, tf.max(x, 1, true))), normal(16, 10)],
  matrices: [(x, y) => tf.tanh(tf.matMul(x, y)), normal(9, 33), normal(33, 17)],
  indices: [(x) => tf.oneHot(tf.argMax(x, 1), 10).mul(tf.scalar(2, "int32")), normal(16, 10)],
  slices: [(x) => tf.concat([tf.slice(x, [1, 0], [2, 3]), tf.reverse(x, 0)]), normal(4, 3)],
  casts: [(x) => tf.cast(tf.logicalNot(tf.greater(x, 0)), "int32"), normal(20)],
  complex: [(x) => tf.abs(tf.fft(tf.complex(x, tf.neg(x)))), normal(2, 8)],
  gradient: [(x) => tf.grad((x) => tf.sum(tf.square(tf.sin(x))))(x), normal(50)],
  "second derivative": [
    (x) => tf.grad((x) => tf.sum(tf.grad((x) => tf.sum(tf.pow(x, 3)))(x)))(x),
    normal(8),
  ],
});

/** A SAM step of a small convolutional network. */
function samStep(params: { filter: tf.Tensor; dense: tf.Tensor }, images: tf.Tensor) {
  const loss = (at: typeof params) => {
    const hidden = tf.conv2d(images as tf.Tensor4D, at.filter as tf.Tensor4D, 1, "same");
    const pooled = tf.mean(tf.maxPool(tf.relu(hidden), 2, 2, "valid"), [1, 2]);
    const logits = tf.matMul(pooled, at.dense);
    const value = tf.mean(tf.logSumExp(logits, 1)).sub(tf.mean(logits));
    return { loss: value as tf.Scalar, state: {}, metrics: {} };
  };
  const { grads, loss: value } = sam(valueAndGrad(loss), { rho: 0.1 })(params, {}, PASS);
  return { loss: value, params: mapTree((w, g) => tf.sub(w, tf.mul(g, 0.1)), params, grads) };
}

const samArguments = (): Parameters<typeof samStep> => [
  { filter: normal(3, 3, 2, 4), dense: normal(4, 3) },
  normal(8, 6, 6, 2),
];

for (const optimize of [true, false]) {
  Deno.test(`compile equals eager bit for bit (optimize: ${optimize})`, () =>
    leavesNothing(() => {
      for (const [name, [fn, ...args]] of Object.entries(cases())) {
        const compiled = compile(fn, { optimize, name });
        const [eager, graph] = [tf.tidy(() => fn(...args)), compiled.sync(...args)];
        assertSameBits({ [name]: graph }, { [name]: eager });
        assertEquals([graph.shape, graph.dtype], [eager.shape, eager.dtype]);
        compiled.dispose();
        tf.dispose([eager, graph, args]);
      }
    }));

  Deno.test(`compile makes a SAM step equal to eager bit for bit (optimize: ${optimize})`, () =>
    leavesNothing(async () => {
      const step = compile(samStep, { optimize });
      const [params, images] = samArguments();
      let [eager, graph] = [params, mapTree((w) => w.clone(), params)];
      for (let i = 0; i < 3; i++) {
        const after = [tf.tidy(() => samStep(eager, images)), await step(graph, images)] as const;
        assertSameBits(after[1], after[0]);
        tf.dispose([eager, graph, after[0].loss, after[1].loss]);
        [eager, graph] = [after[0].params, after[1].params];
      }
      assertEquals(step.traceCount, 1);
      tf.dispose([eager, graph, images]);
      step.dispose();
    }));
}

Deno.test("compile makes softmax equal to eager within 1e-6: oneDNN's in graphs, Eigen's else", () =>
  leavesNothing(() => {
    const x = normal(16, 10);
    const softmax = compile((x: tf.Tensor) => tf.softmax(x));
    tf.tidy(() => assertClose(softmax.sync(x), tf.softmax(x).dataSync(), 1e-6));
    softmax.dispose();
    x.dispose();
  }));

Deno.test("trace runs nothing, is that of the call after it, and throws what the call would", () =>
  leavesNothing(async () => {
    let calls = 0;
    const double = compile((x: tf.Tensor) => {
      calls++;
      return tf.mul(x, 2);
    });
    const x = tf.tensor1d([1, 2]);
    double.trace(x);
    double.trace(x);
    assertEquals([double.traceCount, calls, x.isDisposed], [1, 1, false]);
    const y = await double(x);
    assertEquals([double.traceCount, ...y.dataSync()], [1, 2, 4]);
    const wrong = compile((x: tf.Tensor) => tf.reshape(x, [3]));
    assertThrows(() => wrong.trace(x), Error, "reshape");
    tf.dispose([x, y]);
    double.dispose();
  }));

Deno.test("compile with XLA equals eager within 1e-5", () =>
  leavesNothing(() => {
    for (const [fn, ...args] of Object.values(cases())) {
      const compiled = compile(fn, { jit: "xla" });
      const [eager, xla] = [tf.tidy(() => fn(...args)), compiled.sync(...args)];
      assertClose(xla, eager.dataSync(), 1e-5);
      compiled.dispose();
      tf.dispose([eager, xla, args]);
    }
    const [params, images] = samArguments();
    const step = compile(samStep, { jit: "xla" });
    const [eager, xla] = [tf.tidy(() => samStep(params, images)), step.sync(params, images)];
    leaves(xla).forEach((leaf, i) => assertClose(leaf, leaves(eager)[i]!.dataSync(), 1e-5));
    step.dispose();
    tf.dispose([params, images, eager, xla]);
  }));
