/** Windows that fit nowhere, and extents of 0: TensorFlow's kernels are not to be trusted with them. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { compile, tf } from "../../lib/tensorflow/mod.ts";
import { assertClose, scoped } from "../_tensors.ts";

const ones = <T extends tf.Tensor>(...shape: number[]) => tf.ones(shape) as T;

/** What gives no value, by the shape of that. */
const EMPTY: readonly [shape: number[], run: () => tf.Tensor][] = [
  [[1, 0, 0, 1], () => tf.conv2d(ones<tf.Tensor4D>(1, 64, 64, 1), ones(65, 65, 1, 1), 1, "valid")],
  [[2, 0, 0, 5], () => tf.conv2d(ones<tf.Tensor4D>(2, 3, 3, 1), ones(4, 4, 1, 5), 1, "valid")],
  [[0, 2, 2, 3], () => tf.conv2d(ones<tf.Tensor4D>(0, 3, 3, 2), ones(2, 2, 2, 3), 1, "valid")],
  [[2, 2, 2, 0], () => tf.conv2d(ones<tf.Tensor4D>(2, 3, 3, 1), ones(2, 2, 1, 0), 1, "valid")],
  [
    [2, 5, 0, 0],
    () => tf.conv2d(ones<tf.Tensor4D>(2, 1, 3, 3), ones(4, 4, 1, 5), 1, "valid", "NCHW"),
  ],
  [
    [1, 0, 0, 2],
    () => tf.conv2d(ones<tf.Tensor4D>(1, 4, 4, 1), ones(3, 3, 1, 2), 1, "valid", "NHWC", 2),
  ],
  [[2, 0, 3], () => tf.conv1d(ones<tf.Tensor3D>(2, 3, 2), ones(4, 2, 3), 1, "valid")],
  [
    [2, 0, 0, 5],
    () => tf.depthwiseConv2d(ones<tf.Tensor4D>(2, 3, 3, 1), ones(4, 4, 1, 5), 1, "valid"),
  ],
  [
    [0, 1, 1, 2],
    () =>
      tf.separableConv2d(
        ones<tf.Tensor4D>(0, 4, 4, 3),
        ones(4, 4, 3, 1),
        ones<tf.Tensor4D>(1, 1, 3, 2),
        1,
        "valid",
      ),
  ],
  [
    [2, 0, 0, 5],
    () =>
      tf.fused.conv2d({
        x: ones<tf.Tensor4D>(2, 3, 3, 1),
        filter: ones(4, 4, 1, 5),
        strides: 1,
        pad: "valid",
        bias: ones(5),
        activation: "relu",
      }),
  ],
  [
    [2, 0, 0, 0, 5],
    () => tf.conv3d(ones<tf.Tensor5D>(2, 3, 3, 3, 1), ones(4, 4, 4, 1, 5), 1, "valid"),
  ],
  [
    [0, 2, 2, 2, 5],
    () => tf.conv3d(ones<tf.Tensor5D>(0, 3, 3, 3, 1), ones(2, 2, 2, 1, 5), 1, "valid"),
  ],
  [[1, 2, 2, 0], () => tf.maxPool(ones<tf.Tensor4D>(1, 3, 3, 0), 2, 1, "valid")],
  [
    [0, 2, 2, 2],
    () => tf.maxPoolWithArgmax(ones<tf.Tensor4D>(0, 3, 3, 2), 2, 1, "valid").indexes!,
  ],
  // Of 9 · 10¹⁴ pixels, each of which TensorFlow would visit.
  [
    [5, 32769 ** 2, 5 * 32769, 0],
    () => tf.depthToSpace(ones<tf.Tensor4D>(5, 32769, 5, 0), 32769),
  ],
];

Deno.test(
  "operations whose result holds nothing give its shape, compiled too",
  scoped(() => {
    for (const [shape, run] of EMPTY) {
      assertEquals(run().shape, shape, `${run}`);
      const compiled = compile((one: tf.Tensor) => [run(), tf.neg(one)] as const);
      assertEquals(compiled.sync(ones(1))[0].shape, shape, `${run} compiled`);
      compiled.dispose();
    }
  }),
);

/** Functions and inputs, from which no value comes on which the input has an influence. */
const UNUSED: readonly [shape: number[], run: (x: tf.Tensor) => tf.Tensor][] = [
  [[2, 3, 3, 1], (x) => tf.conv2d(x as tf.Tensor4D, ones(4, 4, 1, 5), 1, "valid")],
  [[4, 4, 1, 5], (f) => tf.conv2d(ones<tf.Tensor4D>(2, 3, 3, 1), f as tf.Tensor4D, 1, "valid")],
  [[2, 2, 1, 5], (f) => tf.conv2d(ones<tf.Tensor4D>(0, 3, 3, 1), f as tf.Tensor4D, 1, "valid")],
  [
    [2, 2, 1, 5],
    (f) => tf.depthwiseConv2d(ones<tf.Tensor4D>(0, 3, 3, 1), f as tf.Tensor4D, 1, "valid"),
  ],
  [
    [4, 4, 4, 1, 5],
    (f) => tf.conv3d(ones<tf.Tensor5D>(2, 3, 3, 3, 1), f as tf.Tensor5D, 1, "valid"),
  ],
  [[1, 3, 3, 2], (x) => tf.maxPool(x as tf.Tensor4D, 4, 1, "valid")],
  [[0, 3, 3, 2], (x) => tf.maxPool(x as tf.Tensor4D, 2, 1, "valid")],
  [[1, 3, 3, 2], (x) => tf.avgPool(x as tf.Tensor4D, 4, 1, "valid")],
  [[1, 3, 3, 3, 2], (x) => tf.maxPool3d(x as tf.Tensor5D, 4, 1, "valid")],
];

Deno.test(
  "gradients through results that hold nothing are zeros, compiled too",
  scoped(() => {
    for (const [shape, run] of UNUSED) {
      const gradient = tf.grad(run);
      const compiled = compile((x: tf.Tensor) => [gradient(x), tf.neg(x)] as const);
      for (const dx of [gradient(ones(...shape)), compiled.sync(ones(...shape))[0]]) {
        assertEquals(dx.shape, shape, `${run}`);
        assert(dx.dataSync().every((value) => value === 0), `${run}`);
      }
      compiled.dispose();
    }
  }),
);

Deno.test(
  "sums over no channels are zeros",
  scoped(() => {
    const y = tf.conv2d(ones<tf.Tensor4D>(1, 2, 2, 0), ones(1, 1, 0, 3), 1, "valid");
    assertEquals(y.shape, [1, 2, 2, 3]);
    assertClose(y, new Array(12).fill(0));
  }),
);

Deno.test(
  "windows that would give a negative size are refused",
  scoped(() => {
    const image = ones<tf.Tensor4D>(1, 3, 3, 1);
    assertThrows(
      () => tf.conv2d(image, ones(5, 5, 1, 1), 1, "valid"),
      RangeError,
      "Cannot move a window of 5 by steps of 1 over 3 pixels",
    );
    assertThrows(() => tf.maxPool(image, 5, 1, "valid"), RangeError, "window of 5");
    assertThrows(
      () =>
        tf.conv2dTranspose(
          ones<tf.Tensor4D>(0, 1, 0, 3),
          ones(1, 1, 3, 3),
          [0, 1, -1, 3],
          2,
          "valid",
        ),
      RangeError,
      "Cannot make a tensor of shape [0,1,-1,3]",
    );
  }),
);

Deno.test(
  "convolutions whose steps differ by axis are not oneDNN's, which is wrong there",
  scoped(() => {
    const columns = tf.conv2d(
      tf.range(0, 8).reshape([2, 4, 1, 1]) as tf.Tensor4D,
      ones(3, 4, 1, 1),
      [1, 3],
      "same",
    );
    assertClose(columns, [1, 3, 6, 5, 9, 15, 18, 13]);
    const volume = tf.conv3d(
      tf.range(0, 8).reshape([1, 2, 4, 1, 1]) as tf.Tensor5D,
      ones(1, 1, 1, 1, 1),
      [1, 1, 2],
      "same",
    );
    assertClose(volume, [0, 1, 2, 3, 4, 5, 6, 7]);
  }),
);

Deno.test(
  "`same` pooling over volumes never pads by a negative number",
  scoped(() => {
    const x = tf.range(0, 3).reshape([1, 3, 1, 1, 1]) as tf.Tensor5D;
    assertClose(tf.maxPool3d(x, 1, 3, "same"), [0]);
    assertClose(tf.avgPool3d(x, 1, 3, "same"), [0]);
    const max = (x: tf.Tensor) => tf.maxPool3d(x as tf.Tensor5D, 1, 3, "same");
    assertClose(tf.grad(max)(x), [1, 0, 0]);
  }),
);

Deno.test(
  "choices broadcast, and truth values compare by order",
  scoped(() => {
    const nothing = tf.where(tf.tensor2d([[true]]), tf.ones([0, 1]), tf.ones([0, 1]));
    assertEquals(nothing.shape, [0, 1]);
    assertEquals([...tf.less(tf.tensor1d([false, true]), tf.tensor1d([true, true])).dataSync()], [
      1,
      0,
    ]);
  }),
);

Deno.test(
  "nothing of 2³¹ extents is normalised, dilated and counted",
  scoped(() => {
    const nothing = (...shape: number[]) => tf.zeros<tf.Rank>(shape) as tf.Tensor4D;
    const normalise = (x: tf.Tensor) => tf.localResponseNormalization(x as tf.Tensor4D, 2);
    const dilate = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.dilation2d(x as tf.Tensor4D, filter as tf.Tensor3D, 1, "same");
    for (const shape of [[0, 7, 2, 2 ** 31], [2 ** 31, 0, 2 ** 20, 0], [2 ** 31, 0, 1, 1]]) {
      assertEquals(normalise(nothing(...shape)).shape, shape);
      assertEquals(tf.grad(normalise)(nothing(...shape)).shape, shape);
    }
    for (const shape of [[2 ** 31, 0, 2 ** 20, 0], [2 ** 31, 0, 1, 1]]) {
      const filter = tf.ones([2, 2, shape[3]!]);
      assertEquals(dilate(nothing(...shape), filter).shape, shape);
      const [dx, dFilter] = tf.grads(dilate)([nothing(...shape), filter]);
      assertEquals(dx!.shape, shape);
      assertEquals([...dFilter!.dataSync()], filter.shape[2] === 0 ? [] : [0, 0, 0, 0]);
    }
    const rows = tf.zeros([2 ** 31, 0], "int32") as tf.Tensor2D;
    assertEquals(tf.denseBincount(rows, [], 0).shape, [2 ** 31, 0]);
    const few = tf.denseBincount(tf.zeros([2, 0], "int32") as tf.Tensor2D, [], 3);
    assertEquals([few.dtype, ...few.dataSync()], ["float32", 0, 0, 0, 0, 0, 0]);
  }),
);
