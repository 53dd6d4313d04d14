/** Arguments of enormous sizes: refused with a sentence, at once, compiled and in data sets. */
import { assertEquals, assertThrows } from "@std/assert";
import { backend, compile, dataset, DType, random, tf } from "../../lib/tensorflow/mod.ts";
import { leavesNothing } from "./_leaks.ts";

const ones = <T extends tf.Tensor>(...shape: number[]) => tf.ones(shape) as T;
const image = (...shape: number[]) => ones<tf.Tensor4D>(...shape);
const refused = (body: () => unknown, message: string) => assertThrows(body, RangeError, message);
const HUGE = 2 ** 32 + 1;

/** Results for which no machine has memory, by how their refusal begins and goes on. */
const TOO_LARGE: readonly [text: string, run: (x: tf.Tensor) => tf.Tensor][] = [
  [
    "[1,4000,4000,2097152] takes 125000.0 GiB",
    (x) => tf.conv2d(tf.tile(x.reshape([1, 1, 1, 1]), [1, 4000, 4000, 1]), wide(), 1, "same"),
  ],
  [
    "[1,4000,4000,2097152] takes 125000.0 GiB",
    (x) =>
      tf.depthwiseConv2d(tf.tile(x.reshape([1, 1, 1, 1]), [1, 4000, 4000, 1]), wide(), 1, "same"),
  ],
  [
    "[1,1,16777216,2097152] takes 131072.0 GiB",
    (x) =>
      tf.conv1d(
        tf.tile(x.reshape([1, 1, 1]), [1, 2 ** 24, 1]) as tf.Tensor3D,
        tf.reshape(wide(), [1, 1, 2 ** 21]) as tf.Tensor3D,
        1,
        "same",
      ),
  ],
  [
    "[1,256,256,256,2097152] takes 131072.0 GiB",
    (x) =>
      tf.conv3d(
        tf.tile(x.reshape([1, 1, 1, 1, 1]), [1, 256, 256, 256, 1]) as tf.Tensor5D,
        tf.reshape(wide(), [1, 1, 1, 1, 2 ** 21]) as tf.Tensor5D,
        1,
        "same",
      ),
  ],
  [
    "[1,2000004,2000004,1] takes 14901.2 GiB",
    (x) => tf.conv2d(tf.tile(x.reshape([1, 1, 1, 1]), [1, 4, 4, 1]), image(1, 1, 1, 1), 1, 1e6),
  ],
  [
    "[1,2000000,2000000,1] takes 14901.2 GiB",
    (x) =>
      tf.conv2dTranspose(
        tf.tile(x.reshape([1, 1, 1, 1]), [1, 2, 2, 1]),
        image(1, 1, 1, 1),
        [1, 2e6, 2e6, 1],
        1e6,
        "same",
      ),
  ],
  ["[2000004,2000004] takes 14901.2 GiB", (x) =>
    tf.pad(tf.tile(x.reshape([1, 1]), [4, 4]), [
      [1e6, 1e6],
      [1e6, 1e6],
    ])],
  ["[2000000,2000000] takes", (x) => tf.tile(x.reshape([1, 1]), [2e6, 2e6])],
  ["[2000000,2000000] takes", (x) => tf.broadcastTo(x.reshape([1, 1]), [2e6, 2e6])],
  ["[2000000,2000000] takes", (x) => tf.fill([2e6, 2e6], 1).mul(x)],
  ["[2000000,2000000] takes", (x) => tf.add(column(x), column(x).transpose())],
  ["[2000000,2000000] takes", (x) => tf.where(tf.greater(column(x), 0), column(x).transpose(), 0)],
  ["[2000000,2000000] takes", (x) => tf.matMul(column(x), column(x).transpose())],
  ["[2000000,2000000] takes", (x) => tf.einsum("ij,kj->ik", column(x), column(x))],
  ["[2000000,2000000] takes", (x) => tf.oneHot(tf.cast(column(x).flatten(), "int32"), 2e6)],
  ["[2000000,2000000] takes", (x) => tf.diag(column(x).flatten())],
  [
    "[1,2000000,2000000,1] takes",
    (x) => tf.image.resizeBilinear(tf.tile(x.reshape([1, 1, 1, 1]), [1, 2, 2, 1]), [2e6, 2e6]),
  ],
  [
    "[1,2000000,2000000,1] takes",
    (x) =>
      tf.image.resizeNearestNeighbor(tf.tile(x.reshape([1, 1, 1, 1]), [1, 2, 2, 1]), [2e6, 2e6]),
  ],
  ["[1,2000000,2000000,1] takes", (x) =>
    tf.image.cropAndResize(
      tf.tile(x.reshape([1, 1, 1, 1]), [1, 2, 2, 1]),
      tf.tensor2d([[0, 0, 1, 1]]),
      tf.tensor1d([0], "int32"),
      [2e6, 2e6],
    )],
  [
    "[2000000,2000000] takes",
    (x) => tf.unsortedSegmentSum(column(x).transpose(), tf.tensor1d([0], "int32"), 2e6),
  ],
  ["[2000000,2000000] takes", (x) => tf.gather(column(x).transpose(), tf.zeros([2e6], "int32"))],
  [
    "[1,2000002,2000002,1] takes",
    (x) =>
      tf.spaceToBatchND(tf.tile(x.reshape([1, 1, 1, 1]), [1, 2, 2, 1]), [1, 1], [
        [1e6, 1e6],
        [1e6, 1e6],
      ]),
  ],
  [
    "[2000000,2000000] takes",
    (x) =>
      tf.localResponseNormalization(
        column(x).reshape([1, 1, 1, 2e6]) as tf.Tensor4D,
        1,
        1,
        1,
        0.75,
      ),
  ],
  ["[2000000,2000000] takes", (x) => random.normal(random.seed(1), [2e6, 2e6]).mul(x)],
];

const wide = () => image(1, 1, 1, 2 ** 21);
const column = (x: tf.Tensor) => tf.tile(x.reshape([1, 1]), [2e6, 1]);

Deno.test("results for which there is no memory are refused with their shape and size", () =>
  leavesNothing(() => {
    tf.tidy(() => {
      for (const [text, run] of TOO_LARGE) refused(() => run(tf.scalar(1)), text);
    });
  }));

Deno.test("compiled functions and data sets refuse them when they are traced", () => {
  const scalars = dataset.fromArrays({ x: { values: Float32Array.of(1), shape: [1] } });
  leavesNothing(() => {
    tf.tidy(() => {
      for (const [, run] of TOO_LARGE) {
        refused(() => compile(run).trace(tf.scalar(1)), "GiB of memory are available");
        refused(() => scalars.map(({ x }) => run(x)), "GiB of memory are available");
      }
    });
  });
});

Deno.test("results without elements whose extents multiply to too much are refused", () =>
  leavesNothing(() => {
    tf.tidy(() => {
      const many = "more elements than 2⁵³";
      const nothing = (...shape: number[]) => tf.zeros(shape);
      const cases = [
        () => tf.matMul(nothing(2 ** 40, 0), nothing(0, 2 ** 40)),
        () => tf.add(nothing(2 ** 40, 1, 0), nothing(1, 2 ** 40, 0)),
        () => tf.maximum(nothing(2 ** 40, 1, 0), nothing(1, 2 ** 40, 0)),
        () => tf.einsum("ij,kj->ik", nothing(2 ** 40, 0), nothing(2 ** 40, 0)),
        () => tf.prelu(nothing(2 ** 40, 1, 0), nothing(1, 2 ** 40, 0)),
        () => tf.reshape(nothing(0), [2 ** 40, 2 ** 40, 0]),
        () => tf.concat(new Array(4).fill(nothing(2 ** 52, 0))),
      ];
      for (const run of cases.slice(0, -2)) {
        refused(run, many);
        refused(() => compile((x: tf.Tensor) => [run(), tf.neg(x)]).trace(tf.scalar(1)), many);
      }
      refused(cases.at(-2)!, many);
      refused(cases.at(-1)!, "result of shape [18014398509481984,0]");
      refused(() => tf.sum(nothing(2 ** 45, 0), 1), "GiB of memory are available");
    });
  }));

Deno.test("what is only inferred, or fused by XLA, may be of any size that can be counted", () =>
  leavesNothing(() => {
    backend.binding.tracing("sizes", { anySize: true }, (trace) => {
      backend.binding.requireResult("MatMul", [2e6, 2e6], DType.float32);
      refused(
        () => backend.binding.requireResult("MatMul", [2 ** 40, 2 ** 40], DType.float32),
        "more elements",
      );
      trace.graph.delete();
    });
  }));

Deno.test("sizes and places beyond 32 bits are refused by name", () =>
  leavesNothing(() => {
    tf.tidy(() => {
      const vector = tf.tensor1d([1, 2, 3]);
      const picture = image(1, 2, 2, 1);
      const ids = tf.tensor1d([0, 1, 2], "int32");
      const cases: Record<string, () => unknown> = {
        paddings: () => tf.pad(vector, [[HUGE, 0]]),
        reps: () => tf.tile(vector, [HUGE]),
        shape: () => tf.fill([HUGE], 1),
        num: () => tf.linspace(0, 1, HUGE),
        depth: () => tf.oneHot(ids, HUGE),
        size: () => tf.image.resizeBilinear(picture, [HUGE, 1]),
        cropSize: () =>
          tf.image.cropAndResize(picture, tf.tensor2d([[0, 0, 1, 1]]), tf.tensor1d([0], "int32"), [
            1,
            HUGE,
          ]),
        begin: () => tf.slice(vector, [HUGE], [1]),
        end: () => tf.stridedSlice(vector, [0], [HUGE], [1]),
        numSegments: () => tf.unsortedSegmentSum(vector, ids, HUGE),
        crops: () => tf.batchToSpaceND(ones<tf.Tensor4D>(4, 2, 2, 1), [2, 2], [[0, 0], [0, HUGE]]),
        blockShape: () => tf.spaceToBatchND(picture, [HUGE, 1], [[0, HUGE - 2], [0, 0]]),
      };
      for (const [name, run] of Object.entries(cases)) {
        refused(run, `with ${name} ${HUGE}: it does not fit into 32 bits`);
        refused(
          () => compile((x: tf.Tensor) => [run() as tf.Tensor, tf.neg(x)]).trace(vector),
          `with ${name} ${HUGE}: it does not fit into 32 bits`,
        );
      }
      const scattered = () => tf.scatterND(tf.tensor2d([[0]], [1, 1], "int32"), [1], [HUGE]);
      refused(scattered, "with an argument 4294967297: it does not fit into 32 bits");
      refused(() => tf.bincount(ids, tf.tensor1d([]), HUGE), "with size 4294967297");
      refused(() => random.normal(random.seed(1), [HUGE]), "an integer of 32 bits");
    });
  }));

Deno.test("padding, windows and steps that no kernel takes are refused with a sentence", () =>
  leavesNothing(() => {
    tf.tidy(() => {
      const [x, filter] = [image(1, 4, 4, 1), image(3, 3, 1, 1)];
      const far: tf.backend_util.ExplicitPadding = [[0, 0], [2 ** 31 - 20, 0], [0, 0], [0, 0]];
      const same = "same" as const;
      refused(() => tf.conv2d(x, filter, 1, -1), "Cannot pad by -1: take a slice");
      refused(() => tf.maxPool(x, 3, 1, -1), "Cannot pad by -1: take a slice");
      refused(
        () => tf.conv2d(x, filter, 1, 0.5),
        "Cannot pad by 0.5 pixels: it must be an integer",
      );
      refused(() => tf.maxPool(x, 3, 0.5, same), "by steps of 0.5: it must be an integer >= 1");
      refused(() => tf.depthToSpace(image(1, 2, 2, 0), 2.5), "blocks of 2.5 pixels");
      refused(() => tf.conv2d(x, filter, 2 ** 30, 2 ** 30), "Cannot pad by 1073741824 pixels");
      refused(() => tf.conv2d(x, filter, 1, far), "Cannot pad by 2147483628 pixels");
      refused(() => tf.conv2d(x, filter, 1, same, "NHWC", 2 ** 30 + 1), "a window over 2147483651");
      refused(() => tf.depthwiseConv2d(x, filter, 1, same, "NHWC", 2 ** 31 - 1), "a window over");
      const [volume, cube] = [ones<tf.Tensor5D>(1, 4, 4, 4, 1), ones<tf.Tensor5D>(3, 3, 3, 1, 1)];
      refused(() => tf.conv3d(volume, cube, 1, same, "NDHWC", 2 ** 31 - 1), "a window over");
      const far2 = tf.conv2d(image(1, 1, 1, 1), image(1, 1, 1, 1), 2 ** 20, 2 ** 20);
      assertEquals([...far2.dataSync()], [0, 0, 0, 0, 1, 0, 0, 0, 0]);
      assertEquals(tf.softmax(tf.zeros([2 ** 31, 0])).shape, [2 ** 31, 0]);
    });
  }));

Deno.test("steps of any length over one position give it", () =>
  leavesNothing(() => {
    tf.tidy(() => {
      const pixels = tf.range(0, 9).reshape([1, 3, 3, 1]) as tf.Tensor4D;
      const filter = image(2, 2, 1, 1);
      for (const step of [3, 2 ** 24 + 1, 2 ** 26, 2 ** 31 - 1, 2 ** 40]) {
        assertEquals([...tf.conv2d(pixels, filter, step, "valid").dataSync()], [8]);
        assertEquals([...tf.depthwiseConv2d(pixels, filter, step, "same").dataSync()], [8]);
        assertEquals([...tf.maxPool(pixels, 2, step, "same").dataSync()], [4]);
        const dx = tf.grad((x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter, step, "valid"))(
          pixels,
        );
        assertEquals([...dx.dataSync()], [1, 1, 0, 1, 1, 0, 0, 0, 0]);
        const y = tf.conv2dTranspose(image(1, 1, 1, 1), filter, [1, 3, 3, 1], step, "same");
        assertEquals(y.shape, [1, 3, 3, 1]);
        const volume = tf.reshape(pixels, [1, 1, 3, 3, 1]) as tf.Tensor5D;
        const cube = ones<tf.Tensor5D>(1, 2, 2, 1, 1);
        assertEquals([...tf.conv3d(volume, cube, step, "valid").dataSync()], [8]);
      }
    });
  }));
