/** bfloat16 as a policy: what computes in it, what does not, and that nobody has to know. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  backend,
  compile,
  lacksBfloat16Units,
  type Precision,
  random,
  tf,
  withPrecision,
} from "../../lib/tensorflow/mod.ts";
import { assertClose, assertSameBits, scoped, values } from "../_tensors.ts";
import { leavesNothing } from "./_leaks.ts";

/** 1 + 2⁻¹⁰, which bfloat16 rounds to 1. */
const FINE = 1 + 2 ** -10;

const fine = () => tf.fill([2, 2], FINE) as tf.Tensor2D;

/** Normal float32 numbers. */
const normal = (index: number, shape: number[]) =>
  random.normal(random.seed(index), shape, 0, 0.5) as tf.Tensor;

/** Operations on what a convolution gives, by name, each with its gradient. */
const OPERATIONS: Record<string, (y: tf.Tensor4D, x: tf.Tensor4D) => tf.Tensor> = {
  add: (y) => tf.add(y, y),
  addMixed: (y, x) => tf.add(y, x),
  addN: (y) => tf.addN([y, y, y]),
  averagePool: (y) => tf.avgPool(y, 2, 2, "same"),
  batchNorm: (y) => tf.batchNorm(y, tf.zeros([4]), tf.ones([4]), tf.zeros([4]), tf.ones([4])),
  castInt: (y, x) => tf.add(x, tf.cast(tf.cast(y, "int32"), "float32")),
  concat: (y) => tf.concat([y, y], 3),
  concatMixed: (y, x) => tf.concat([y, x], 3),
  convolution: (y) => tf.conv2d(y, normal(6, [1, 1, 4, 3]) as tf.Tensor4D, 2, "same"),
  depthwise: (y) => tf.depthwiseConv2d(y, normal(4, [3, 3, 4, 1]) as tf.Tensor4D, 1, "same"),
  div: (y) => tf.div(y, 3),
  matMul: (y) => tf.matMul(tf.reshape(y, [8, 64]), normal(5, [64, 5]) as tf.Tensor2D),
  maxPool: (y) => tf.maxPool(y, 2, 2, "same"),
  mean: (y) => tf.mean(y, [1, 2]),
  mul: (y) => tf.mul(y, y),
  mulByScalar: (y) => tf.mul(y, 0.3),
  pad: (y) => tf.pad(y, [[0, 0], [1, 1], [1, 1], [0, 0]]),
  relu: (y) => tf.relu(y),
  sigmoid: (y) => tf.mul(y, tf.sigmoid(y)),
  slice: (y) => tf.slice(y, [0, 1, 1, 0], [2, 3, 3, 4]),
  softmax: (y) => tf.softmax(y),
  split: (y) => tf.split(y, 2)[1]!,
  stack: (y) => tf.stack([y, y]),
  sub: (y) => tf.sub(1, y),
  transpose: (y) => tf.transpose(y, [0, 3, 1, 2]),
  where: (y) => tf.where(tf.greater(normal(3, [2, 8, 8, 4]), 0), y, tf.zerosLike(y)),
};

/** The value of an operation behind a convolution, and the gradient of its squares. */
function both(operation: (y: tf.Tensor4D, x: tf.Tensor4D) => tf.Tensor, x: tf.Tensor4D) {
  const kernel = normal(2, [3, 3, 4, 4]) as tf.Tensor4D;
  const at = (x: tf.Tensor4D) => operation(tf.conv2d(x, kernel, 1, "same"), x);
  return [at(x), tf.grad((x) => tf.sum(tf.square(at(x as tf.Tensor4D))))(x)];
}

for (const [name, operation] of Object.entries(OPERATIONS)) {
  Deno.test(
    `precision: ${name} behind a convolution in bfloat16 is near float32, eager and compiled`,
    scoped(() => {
      const x = normal(1, [2, 8, 8, 4]) as tf.Tensor4D;
      const exact = both(operation, x);
      const eager = withPrecision("bfloat16", () => both(operation, x));
      const compiled = compile((x: tf.Tensor4D) => both(operation, x), { precision: "bfloat16" });
      for (const found of [eager, compiled.sync(x)]) {
        found.forEach((tensor, index) => {
          assertEquals(tensor.shape, exact[index]!.shape);
          assertNear(tensor, exact[index]!, name === "castInt" ? 0.3 : 0.03);
        });
      }
      assert(values(tf.sub(eager[1]!, exact[1]!)).some((difference) => difference !== 0));
      compiled.dispose();
    }),
  );
}

/** Within a share of the norm. */
function assertNear(actual: tf.Tensor, expected: tf.Tensor, share: number): void {
  const off = values(tf.norm(tf.sub(actual, expected)))[0]!;
  const size = values(tf.norm(expected))[0]!;
  assert(off <= share * size, `off by ${off / size} of the norm`);
}

Deno.test(
  "precision: products round their inputs to bfloat16, and sums of other operations do not",
  scoped(() => {
    const eye = tf.eye(2) as tf.Tensor2D;
    const at = (precision: Precision) =>
      withPrecision(precision, () => ({
        product: tf.matMul(fine(), eye),
        sum: tf.sum(fine()),
        scaled: tf.mul(fine(), 1),
        // In bfloat16 it would be 256 or 258.
        reduction: tf.sum(tf.matMul(tf.ones([257, 2]), tf.eye(2) as tf.Tensor2D), 0),
      }));
    const narrow = at("bfloat16");
    assertClose(narrow.product, [1, 1, 1, 1], 0);
    assertClose(narrow.sum, [4 * FINE], 0);
    assertClose(narrow.reduction, [257, 257], 0);
    assertClose(narrow.scaled, [FINE, FINE, FINE, FINE], 0);
    assertClose(at("float32").product, [FINE, FINE, FINE, FINE], 0);
  }),
);

Deno.test(
  "precision: long sums inside products are float32",
  scoped(() => {
    // In bfloat16, 256 + 1 is 256.
    const ones = tf.ones([1, 4096]) as tf.Tensor2D;
    const product = compile((x: tf.Tensor2D) => tf.matMul(x, tf.transpose(x)), {
      precision: "bfloat16",
    });
    assertClose(product.sync(ones), [4096], 0);
    product.dispose();
  }),
);

Deno.test(
  "precision: inside, values of bfloat16 can be read and are float32 to TensorFlow.js",
  scoped(() => {
    withPrecision("bfloat16", () => {
      const product = tf.matMul(fine(), tf.eye(2) as tf.Tensor2D);
      assertEquals(product.dtype, "float32");
      assertEquals(backend.isBfloat16(product), true);
      assertEquals(values(product), [1, 1, 1, 1]);
      assertEquals(values(product.reshape([4])), [1, 1, 1, 1]);
    });
  }),
);

Deno.test(
  "precision: results leave as float32, under all tensors that share them, and nothing is left",
  () =>
    leavesNothing(() => {
      const before = backend.binding.precision;
      const [product, shared] = withPrecision("bfloat16", () =>
        tf.tidy(() => {
          const product = tf.matMul(fine(), tf.eye(2) as tf.Tensor2D);
          return [product, product.clone()];
        }));
      assertEquals(backend.binding.precision, before);
      assertEquals([product, shared].map((tensor) => backend.isBfloat16(tensor!)), [false, false]);
      assertEquals(values(shared!), [1, 1, 1, 1]);
      tf.dispose([product!, shared!]);
    }),
);

Deno.test(
  "precision: a gradient outside of a part in bfloat16 goes through it",
  scoped(() => {
    const x = normal(1, [1, 8, 8, 4]) as tf.Tensor4D;
    const kernel = normal(2, [3, 3, 4, 4]) as tf.Tensor4D;
    const layer = (x: tf.Tensor4D) => tf.relu(tf.conv2d(x, kernel, 1, "same"));
    const compiled = compile(layer, { precision: "bfloat16" });
    const loss = (part: typeof layer) => (x: tf.Tensor) => tf.sum(part(x as tf.Tensor4D));
    assertNear(tf.grad(loss(compiled.sync))(x), tf.grad(loss(layer))(x), 0.05);
  }),
);

Deno.test(
  "precision: inside of another trace a function without one has that of the trace, and its own else",
  scoped(() => {
    const product = (x: tf.Tensor2D) => tf.matMul(x, tf.eye(2) as tf.Tensor2D);
    const plain = compile(product);
    const exact = compile(product, { precision: "float32" });
    const outer = compile((x: tf.Tensor2D) => [plain.sync(x), exact.sync(x)], {
      precision: "bfloat16",
    });
    const [inherited, own] = outer.sync(fine());
    assertEquals(values(inherited!)[0], 1);
    assertEquals(values(own!)[0], FINE);
    assertEquals(values(plain.sync(fine()))[0], FINE);
    // A call of its own in an eager part takes what is held in bfloat16 there.
    withPrecision("bfloat16", () => {
      const narrow = tf.matMul(fine(), tf.eye(2) as tf.Tensor2D);
      assertEquals(values(plain.sync(narrow as tf.Tensor2D)), [1, 1, 1, 1]);
    });
    for (const compiled of [plain, exact, outer]) compiled.dispose();
  }),
);

Deno.test(
  "precision: a trace captures what an eager part holds in bfloat16",
  scoped(() => {
    withPrecision("bfloat16", () => {
      const narrow = tf.matMul(fine(), tf.eye(2) as tf.Tensor2D);
      const sum = compile((x: tf.Tensor) => tf.add(x, narrow));
      assertEquals(values(sum.sync(tf.zeros([2, 2]))), [1, 1, 1, 1]);
      sum.dispose();
    });
  }),
);

Deno.test(
  "precision: float32 has the same bits as before, when bfloat16 was used too",
  scoped(() => {
    const x = normal(1, [2, 8, 8, 4]) as tf.Tensor4D;
    const run = () => Object.values(OPERATIONS).flatMap((operation) => both(operation, x));
    const first = compile(run).sync();
    withPrecision("bfloat16", run);
    assertSameBits(compile(run).sync(), first);
  }),
);

Deno.test(
  "precision: a number for each image does not widen what it multiplies, one for each channel does",
  scoped(() => {
    const isNarrow = (factor: tf.Tensor) => {
      const of = (x: tf.Tensor4D) => {
        const y = tf.conv2d(x, normal(2, [3, 3, 4, 4]) as tf.Tensor4D, 1, "same");
        return backend.isBfloat16(tf.mul(y, factor));
      };
      return withPrecision("bfloat16", () => of(normal(1, [2, 8, 8, 4]) as tf.Tensor4D));
    };
    const shapes = [[], [2, 1, 1, 1], [4], [2, 1, 1, 4], [2, 8, 8, 4]];
    assertEquals(shapes.map((shape) => isNarrow(tf.ones(shape))), [
      true,
      true,
      false,
      false,
      false,
    ]);
  }),
);

Deno.test("precision: another one is refused", () => {
  const other = "float16" as Precision;
  assertThrows(
    () => withPrecision(other, () => {}),
    RangeError,
    "Cannot compute in float16: choose from float32, bfloat16",
  );
});

Deno.test("precision: tells where bfloat16 gains nothing", () => {
  const flags = (names: string) => `processor : 0\nflags\t\t: fpu ${names} avx512f\n`;
  assertEquals(lacksBfloat16Units(flags("avx512_bf16")), undefined);
  assertEquals(lacksBfloat16Units(flags("amx_bf16 amx_tile")), undefined);
  assertEquals(lacksBfloat16Units("Features\t: fp asimd bf16 i8mm\n"), undefined);
  const reason = "this processor has no units for it (AVX512_BF16 or AMX)";
  assertEquals(lacksBfloat16Units(flags("avx512_vnni")), reason);
  assertEquals(lacksBfloat16Units(undefined), undefined);
});
