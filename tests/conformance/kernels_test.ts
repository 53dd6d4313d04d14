/** What the suite of TensorFlow.js leaves open: our kernels against its `cpu` backend, and more. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { backend, compile, tf } from "../../lib/tensorflow/mod.ts";

type Side = [number, number];
type Pad = "same" | "valid" | number | [Side, Side, Side, Side];
type Build = () => tf.Tensor | tf.Tensor[];

const EXPLICIT: [Side, Side, Side, Side] = [[0, 0], [1, 2], [0, 1], [0, 0]];
const PADS: Pad[] = ["same", "valid", 0, 1, 2, EXPLICIT];

/** What our kernels take for the maximum and the mean of nothing; the cpu backend -Infinity, NaN. */
const MAXIMUM_OF_NOTHING = -3.4028234663852886e38;
const MEAN_OF_NOTHING = 0;

/** Numbers in [-1, 1), none twice, the same at every run. */
function numbers(shape: number[], seed = 1): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from({ length: size }, (_, i) => {
    const x = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (x - Math.floor(x)) - 1;
  });
  return tf.tensor(values, shape);
}

function on(name: string, build: Build): { shapes: number[][]; values: number[] } {
  tf.setBackend(name);
  try {
    const results = tf.tidy(() => [build()].flat().map((tensor) => tensor.clone()));
    const shapes = results.map((tensor) => tensor.shape);
    const values = results.flatMap((tensor) => [...tensor.dataSync()]);
    tf.dispose(results);
    return { shapes, values };
  } finally {
    tf.setBackend("tensorflow");
  }
}

/**
 * Asserts that the backends agree.
 *
 * @param ofNothing what stands here for the cpu backend's non-finite results
 */
function assertSame(what: string, build: Build, tolerance = 1e-5, ofNothing?: number): void {
  const handles = backend.binding.getNumOfTensors();
  const actual = on("tensorflow", build);
  assertEquals(backend.binding.getNumOfTensors(), handles, `${what}: handles left behind`);
  const expected = on("cpu", build);
  assertEquals(actual.shapes, expected.shapes, `${what}: shapes`);
  for (const [i, value] of actual.values.entries()) {
    const other = expected.values[i]!;
    const wanted = ofNothing !== undefined && !Number.isFinite(other) ? ofNothing : other;
    const same = Object.is(value, wanted) || Math.abs(value - wanted) <= tolerance;
    assert(same, `${what}: value ${i} is ${value}, not ${wanted}`);
  }
}

/** Asserts that the gradient of a linear function is its adjoint: <dy, f(x)> = <f'(dy), x>. */
function assertAdjoint(what: string, x: tf.Tensor, f: (x: tf.Tensor) => tf.Tensor): void {
  tf.tidy(() => {
    const y = f(x);
    const dy = numbers(y.shape, 3);
    const dx = tf.grad(f)(tf.zerosLike(x), dy);
    const forward = tf.sum(tf.mul(dy, y)).dataSync()[0]!;
    const backward = tf.sum(tf.mul(dx, x)).dataSync()[0]!;
    assert(Math.abs(forward - backward) < 1e-4, `${what}: ${forward} is not ${backward}`);
  });
}

const text = (pad: Pad) => JSON.stringify(pad);

Deno.test("convolutions take every padding, and their gradients are adjoints", () => {
  for (const pad of PADS) {
    for (const stride of [1, 2]) {
      const what = `conv2d pad ${text(pad)} stride ${stride}`;
      const x = () => numbers([2, 7, 8, 3]) as tf.Tensor4D;
      const filter = () => numbers([3, 3, 3, 4], 2) as tf.Tensor4D;
      assertSame(what, () => tf.conv2d(x(), filter(), stride, pad));
      assertAdjoint(what, x(), (x) => tf.conv2d(x as tf.Tensor4D, filter(), stride, pad));
      assertAdjoint(what, filter(), (f) => tf.conv2d(x(), f as tf.Tensor4D, stride, pad));
      if (typeof pad === "number") {
        assertAdjoint(
          `${what} up`,
          x(),
          (x) => tf.conv2d(x as tf.Tensor4D, filter(), stride, pad, "NHWC", 1, "ceil"),
        );
        assertAdjoint(
          `${what} up`,
          filter(),
          (f) => tf.conv2d(x(), f as tf.Tensor4D, stride, pad, "NHWC", 1, "ceil"),
        );
      }
      const deep = `depthwise ${what}`;
      const depthFilter = () => numbers([3, 3, 3, 2], 2) as tf.Tensor4D;
      assertSame(deep, () => tf.depthwiseConv2d(x(), depthFilter(), stride, pad));
      assertAdjoint(
        deep,
        x(),
        (x) => tf.depthwiseConv2d(x as tf.Tensor4D, depthFilter(), stride, pad),
      );
      assertAdjoint(
        deep,
        depthFilter(),
        (f) => tf.depthwiseConv2d(x(), f as tf.Tensor4D, stride, pad),
      );
    }
    assertSame(`dilated conv2d pad ${text(pad)}`, () => {
      const x = numbers([1, 9, 9, 2]) as tf.Tensor4D;
      return tf.conv2d(x, numbers([3, 3, 2, 2], 2) as tf.Tensor4D, 1, pad, "NHWC", 2);
    });
    assertSame(`dilated depthwise conv2d pad ${text(pad)}`, () => {
      const x = numbers([2, 9, 10, 2]) as tf.Tensor4D;
      return tf.depthwiseConv2d(x, numbers([3, 3, 2, 2], 2) as tf.Tensor4D, 1, pad, "NHWC", 2);
    });
  }
});

Deno.test("convolutions with the channels first equal those with the channels last", () => {
  const first = (x: tf.Tensor) => tf.transpose(x, [0, 3, 1, 2]) as tf.Tensor4D;
  for (const pad of PADS) {
    const moved: Pad = Array.isArray(pad) ? [pad[0], pad[3], pad[1], pad[2]] : pad;
    const x = numbers([2, 6, 7, 3]) as tf.Tensor4D;
    const filter = numbers([3, 3, 3, 4], 2) as tf.Tensor4D;
    const expected = tf.conv2d(x, filter, 1, pad);
    const actual = tf.conv2d(first(x), filter, 1, moved, "NCHW");
    assertEquals(actual.dataSync(), first(expected).dataSync());
    assertAdjoint(
      `NCHW ${text(pad)}`,
      first(x),
      (x) => tf.conv2d(x as tf.Tensor4D, filter, 1, moved, "NCHW"),
    );
  }
});

Deno.test("convolutions of volumes take dilations and numbers as padding", () => {
  for (const pad of ["same", "valid", 0, 1, 2] as ("same" | "valid")[]) {
    const x = () => numbers([1, 5, 6, 7, 2]) as tf.Tensor5D;
    const filter = () => numbers([2, 3, 3, 2, 3], 2) as tf.Tensor5D;
    assertSame(`dilated ${pad}`, () => tf.conv3d(x(), filter(), 1, pad, "NDHWC", [1, 2, 2]));
    assertSame(`${pad}`, () => tf.conv3d(x(), filter(), [1, 2, 2], pad));
    assertAdjoint(`${pad}`, x(), (x) => tf.conv3d(x as tf.Tensor5D, filter(), 1, pad));
    assertAdjoint(`${pad}`, filter(), (f) => tf.conv3d(x(), f as tf.Tensor5D, 1, pad));
  }
});

Deno.test("pooling takes every padding and rounding", () => {
  const x = () => numbers([2, 7, 8, 3]) as tf.Tensor4D;
  for (const pad of PADS) {
    for (const [size, stride] of [[2, 1], [3, 2], [3, 3]] as const) {
      for (const rounding of [undefined, "floor", "round", "ceil"] as const) {
        if (rounding !== undefined && typeof pad !== "number") continue;
        const what = `size ${size} stride ${stride} pad ${text(pad)} ${rounding}`;
        assertSame(
          `max ${what}`,
          () => tf.maxPool(x(), size, stride, pad, rounding),
          0,
          MAXIMUM_OF_NOTHING,
        );
        assertAdjoint(
          `avg ${what}`,
          x(),
          (x) => tf.avgPool(x as tf.Tensor4D, size, stride, pad, rounding),
        );
        assertSame(
          `avg ${what}`,
          () => tf.avgPool(x(), size, stride, pad, rounding),
          1e-5,
          MEAN_OF_NOTHING,
        );
        if (rounding === undefined) {
          assertSame(
            `max gradient ${what}`,
            () => tf.grad((x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, size, stride, pad))(x()),
          );
        }
      }
    }
  }
});

Deno.test("pooling of volumes takes numbers as padding and every rounding", () => {
  const x = () => numbers([1, 5, 6, 7, 2]) as tf.Tensor5D;
  for (const pad of ["same", "valid", 0, 1] as ("same" | "valid" | number)[]) {
    for (const rounding of [undefined, "floor", "round", "ceil"] as const) {
      if (rounding !== undefined && typeof pad !== "number") continue;
      const what = `${pad} ${rounding}`;
      assertSame(`max ${what}`, () => tf.maxPool3d(x(), 3, 2, pad, rounding));
      assertSame(`avg ${what}`, () => tf.avgPool3d(x(), 3, 2, pad, rounding));
      assertAdjoint(what, x(), (x) => tf.avgPool3d(x as tf.Tensor5D, 3, 2, pad, rounding));
    }
    assertSame(
      `max gradient ${pad}`,
      () => tf.grad((x: tf.Tensor) => tf.maxPool3d(x as tf.Tensor5D, 3, 2, pad as number))(x()),
    );
  }
});

Deno.test("maxima keep their positions under padding", () => {
  const x = () => numbers([2, 5, 6, 3]) as tf.Tensor4D;
  for (const pad of ["same", "valid", 1, 2]) {
    for (const withBatch of [false, true]) {
      assertSame(`argmax ${pad} ${withBatch}`, () => {
        const { result, indexes } = tf.maxPoolWithArgmax(x(), 3, 2, pad as number, withBatch);
        return [result!, indexes!];
      });
    }
  }
});

Deno.test("images rotate as on the cpu backend", () => {
  const image = () => tf.mul(numbers([2, 9, 7, 4]), 255) as tf.Tensor4D;
  for (const radians of [0, 0.3, Math.PI / 2, 2, -1]) {
    for (const fill of [0, 7.5, [1, 2, 3] as [number, number, number]]) {
      for (const center of [0.5, [0.3, 0.8] as [number, number]]) {
        assertSame(
          `rotate ${radians} ${fill} ${center}`,
          () => tf.image.rotateWithOffset(image(), radians, fill, center),
        );
      }
    }
  }
});

Deno.test("one value at a time as on the cpu backend", () => {
  const x = () => tf.tensor1d([NaN, -Infinity, -2.5, -0.5, -0, 0, 0.5, 1.5, 2.5, Infinity]);
  const int = () => tf.tensor1d([-7, 0, 5, 2 ** 30], "int32");
  for (const [name, f] of Object.entries({ sign: tf.sign, step: tf.step, round: tf.round })) {
    assertSame(name, () => f(x()));
    assertSame(`${name} int32`, () => f(int()));
  }
  assertSame("step with slope", () => tf.step(x(), -0.25));
  assertSame("leaky relu int32", () => tf.leakyRelu(int(), 0.3));
  assertSame("tan", () => tf.tan(tf.tensor1d([1, 1.5707963, 11, 1e4])), 1e-2);
  assertSame("diag bool", () => tf.diag(tf.tensor1d([true, false, true], "bool")));
  assertSame("unique", () => {
    const { values, indices } = tf.unique(tf.tensor1d([NaN, 0, -0, 2, NaN, 2, Infinity]));
    return [tf.cast(tf.isNaN(values), "int32"), indices];
  });
});

Deno.test("draws depend on the seed alone and follow the probabilities", () => {
  tf.tidy(() => {
    const logits = tf.log(tf.tensor1d([0.1, 0.2, 0.7]));
    const draw = (seed?: number) => tf.multinomial(logits as tf.Tensor1D, 5000, seed);
    assertEquals(draw(3).dataSync(), draw(3).dataSync());
    assert(!tf.equal(draw(3), draw(4)).all().dataSync()[0]);
    assert(!tf.equal(draw(), draw()).all().dataSync()[0]);
    const normalized = tf.multinomial(tf.tensor1d([0.1, 0.2, 0.7]), 5000, 3, true);
    assertEquals(normalized.dataSync(), draw(3).dataSync());
    const share = tf.mean(tf.cast(tf.equal(normalized, 2), "float32")).dataSync()[0]!;
    assertAlmostEquals(share, 0.7, 0.03);
  });
});

Deno.test("what the ignored specs refuse", () => {
  assertEquals(tf.einsum("ii->", tf.tensor2d([[1, 2], [3, 4]])).dataSync()[0], 5);
  const x = tf.tensor3d([1, 2, 3, 4], [2, 2, 1]);
  const max = tf.maxPool(x, 1, 2, 1).dataSync();
  assert([...max.slice(0, 3)].every((value) => value < -1e38));
  assertEquals([max[3], [...tf.avgPool(x, 1, 2, 1).dataSync()]], [4, [0, 0, 0, 4]]);
});

Deno.test("kernels can be traced", async () => {
  const strings = tf.tensor1d(["a b", "c"]);
  const x = numbers([1, 6, 6, 2]) as tf.Tensor4D;
  const run = (x: tf.Tensor) => [
    tf.maxPool(x as tf.Tensor4D, 3, 2, 1),
    tf.avgPool(x as tf.Tensor4D, 3, 2, EXPLICIT),
    tf.depthwiseConv2d(x as tf.Tensor4D, numbers([3, 3, 2, 1]) as tf.Tensor4D, 1, 2, "NHWC", 2),
    tf.multinomial(tf.reshape(x, [2, -1]) as tf.Tensor2D, 4, 7),
    tf.image.rotateWithOffset(x as tf.Tensor4D, 0.4, [1, 2, 3]),
    tf.searchSorted(tf.tensor1d([-1, 0, 1]), tf.reshape(x, [-1]), "right"),
    tf.string.stringToHashBucketFast(strings, 10),
    tf.scatterND([1, 3], [5, 6], [4]),
    tf.sign(tf.round(x)),
  ];
  const compiled = compile(run, { optimize: false });
  const expected = run(x);
  const actual = await compiled(x);
  for (const [i, tensor] of actual.entries()) {
    assertEquals(tensor.dataSync(), expected[i]!.dataSync(), `result ${i}`);
  }
});

Deno.test("strings compare by order and broadcast", () => {
  const a = tf.tensor2d(["b", "ä", "", "🙂"], [4, 1]);
  const b = tf.tensor1d(["a", "b", "z"]);
  assertSame("greater", () => tf.greater(a, b));
  assertSame("less or equal", () => tf.lessEqual(a, b));
});
