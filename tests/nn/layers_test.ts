/** Dense layers, convolutions, pooling and ReLU. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  averagePool,
  convolution,
  type ConvolutionOptions,
  dense,
  depthwiseConvolution,
  globalAveragePool,
  maxPool,
  model,
  ones,
  relu,
} from "../../lib/nn/mod.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import { assertClose, numericGradient, scoped, values } from "../_tensors.ts";

Deno.test(
  "relu is max(x, 0) with gradient 0 at 0, in any rank",
  scoped(() => {
    const x = tf.tensor([-2, -1e-30, -0, 0, 1e-30, 3]);
    assertClose(relu(x), [0, 0, 0, 0, Math.fround(1e-30), 3], 0);
    assertEquals(values(tf.grad((x) => relu(x))(x)), [0, 0, 0, 0, 1, 1]);
    const dy = tf.tensor([[[2, 3]]]);
    assertEquals(values(tf.grad((x) => relu(x))(tf.tensor([[[-1, 1]]]), dy)), [0, 3]);
    assertEquals(values(relu(tf.tensor([NaN]))), [NaN]);
    assertEquals(relu(tf.zeros([0, 3])).shape, [0, 3]);
  }),
);

Deno.test(
  "dense is x · kernel + bias",
  scoped(() => {
    const layer = model((scope, x) => dense(scope, x, 2));
    assertEquals([...layer.shapes([5, 3]).params], [["kernel", [3, 2]], ["bias", [2]]]);
    const params = {
      kernel: tf.tensor2d([[1, 2], [3, 4], [5, 6]]),
      bias: tf.tensor1d([0.5, -0.5]),
    };
    const x = tf.tensor2d([[1, 0, -1], [2, 1, 0]]);
    assertClose(layer.apply({ params, state: {} }, x).output, [-3.5, -4.5, 5.5, 7.5]);
    const given = model((scope, x) => dense(scope, x, 2, { initializer: ones }));
    assertEquals(values(given.init(0, [1, 3]).params.kernel as tf.Tensor), [1, 1, 1, 1, 1, 1]);
    for (const outputs of [0, -1, 1.5, NaN]) {
      assertThrows(
        () => model((scope, x) => dense(scope, x, outputs)).shapes([1, 3]),
        RangeError,
        `Cannot connect with outputs of ${outputs}`,
      );
    }
    assertThrows(() => layer.shapes([1, 2, 3]), RangeError, "it must be [batch, inputs]");
  }),
);

const convolve = (channels: number, options?: ConvolutionOptions) =>
  model((scope, x) => convolution(scope, x, channels, options));

Deno.test("convolution's shapes: kernel size, strides and padding", () => {
  const cases: [ConvolutionOptions | undefined, number[], number[]][] = [
    [undefined, [3, 3, 3, 5], [2, 9, 8, 5]],
    [{ kernelSize: 1 }, [1, 1, 3, 5], [2, 9, 8, 5]],
    [{ strides: 2 }, [3, 3, 3, 5], [2, 5, 4, 5]],
    [{ strides: 3, padding: "valid" }, [3, 3, 3, 5], [2, 3, 2, 5]],
    [{ kernelSize: 5, padding: "valid" }, [5, 5, 3, 5], [2, 5, 4, 5]],
  ];
  for (const [options, kernel, output] of cases) {
    const shapes = convolve(5, options).shapes([2, 9, 8, 3]);
    assertEquals([...shapes.params], [["kernel", kernel]]);
    assertEquals(shapes.output, output);
    assertEquals(shapes.state.size, 0);
  }
});

Deno.test(
  "convolution pads at the end first where strides leave one column, and has its gradients",
  scoped(() => {
    const sum = convolve(1, { strides: 2 });
    const params = { kernel: tf.ones([3, 3, 1, 1]) };
    const x = tf.reshape(tf.range(0, 16), [1, 4, 4, 1]);
    const pass = (x: tf.Tensor) => sum.apply({ params, state: {} }, x).output;
    assertClose(pass(x), [45, 39, 66, 50]);
    assertClose(tf.grad((x) => tf.sum(pass(x)))(x), [
      ...[1, 1, 2, 1, 1, 1, 2, 1, 2, 2, 4, 2, 1, 1, 2, 1],
    ]);
    const byKernel = (kernel: tf.Tensor) =>
      tf.sum(tf.square(sum.apply({ params: { kernel }, state: {} }, tf.div(x, 16)).output));
    const kernel = tf.randomNormal([3, 3, 1, 1], 0, 1, "float32", 5);
    assertClose(tf.grad(byKernel)(kernel), numericGradient(byKernel, kernel), 1e-2);
  }),
);

Deno.test("convolution refuses sizes and inputs that make no sense", () => {
  for (const size of [0, -1, 1.5, NaN]) {
    const error = `of ${size}: it must be a positive integer`;
    assertThrows(() => convolve(size).shapes([1, 4, 4, 1]), RangeError, error);
    for (const options of [{ kernelSize: size }, { strides: size }]) {
      assertThrows(() => convolve(1, options).shapes([1, 4, 4, 1]), RangeError, error);
    }
  }
  assertThrows(
    () => convolve(1).shapes([4, 4, 1]),
    RangeError,
    "Cannot convolve an input of shape",
  );
});

Deno.test(
  "averagePool leaves out what fills no window; globalAveragePool averages all",
  scoped(() => {
    const x = tf.reshape(tf.range(0, 25), [1, 5, 5, 1]);
    assertClose(averagePool(x, 2), [3, 5, 13, 15]);
    assertEquals(averagePool(x, 1).shape, [1, 5, 5, 1]);
    assertClose(averagePool(x, 5), [12]);
    assertEquals(averagePool(tf.zeros([2, 7, 6, 3]), 2).shape, [2, 3, 3, 3]);
    assertClose(
      tf.grad((x) => averagePool(x, 2))(x),
      Array.from({ length: 25 }, (_, i) => i % 5 < 4 && i < 20 ? 0.25 : 0),
    );
    const channels = tf.tensor4d([1, 10, 2, 20, 3, 30, 4, 40], [1, 2, 2, 2]);
    const mean = globalAveragePool(channels);
    assertEquals(mean.shape, [1, 2]);
    assertClose(mean, [2.5, 25]);
    for (const size of [0, -2, 0.5, NaN]) {
      assertThrows(() => averagePool(x, size), RangeError, `Cannot pool with size of ${size}`);
    }
    for (const pool of [globalAveragePool, (x: tf.Tensor) => averagePool(x, 2)]) {
      assertThrows(() => pool(tf.zeros([2, 2])), RangeError, "Cannot pool an input of shape [2,2]");
    }
  }),
);

Deno.test(
  "maxPool takes the largest of windows that overlap, padded by nothing that counts",
  scoped(() => {
    const x = tf.reshape(tf.range(-16, 0), [1, 4, 4, 1]);
    assertClose(maxPool(x, 3, 2), [-6, -5, -2, -1]);
    assertEquals(maxPool(x, 3, 1).shape, [1, 4, 4, 1]);
    assertThrows(() => maxPool(x, 3, 0), RangeError, "Cannot pool with strides of 0");
  }),
);

Deno.test(
  "depthwiseConvolution sums each channel by itself, with strides",
  scoped(() => {
    const layer = (strides: number) =>
      model((scope, x) => depthwiseConvolution(scope, x, { strides, initializer: ones }));
    const x = tf.stack([tf.ones([4, 4]), tf.fill([4, 4], 10)], 2).expandDims(0);
    const { params } = layer(2).init(0, x.shape);
    assertEquals((params.depthwise_kernel as tf.Tensor).shape, [3, 3, 2, 1]);
    const pass = (strides: number) => layer(strides).apply({ params, state: {} }, x).output;
    assertClose(pass(2), [9, 90, 6, 60, 6, 60, 4, 40]);
    assertEquals(pass(1).shape, [1, 4, 4, 2]);
  }),
);
