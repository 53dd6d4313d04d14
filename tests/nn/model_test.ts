/** Models, and the scopes in which their layers find things. */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { dense, type Initializer, model, type Scope, zeros } from "../../lib/nn/mod.ts";
import { leaves, random, type TensorRecord, tf } from "../../lib/tensorflow/mod.ts";
import { assertClose, assertSameBits, scoped, values, withoutLeaks } from "../_tensors.ts";

const normal: Initializer = (seed, shape) => random.normal(seed, shape);

/** x · w + running mean, which in training becomes the batch's. */
const small = model((scope, x) => {
  const inner = scope.child("inner");
  const w = inner.param("w", [x.shape[1]!], normal);
  const mean = inner.state("mean", [1], zeros);
  if (scope.train) inner.setState("mean", tf.mean(x, undefined, false).reshape([1]));
  return tf.add(tf.mul(x, w), mean);
});

Deno.test("parts without a name are numbered whatever their type, by scope", () => {
  const paths: string[] = [];
  model((scope, x) => {
    const note = ({ path }: Scope) => paths.push(path);
    assertEquals(scope.path, "");
    note(scope.numbered("Conv"));
    note(scope.child("named"));
    const block = scope.numbered("Block");
    note(block);
    note(block.numbered("Conv"));
    note(block.child("deep").numbered("Dense"));
    note(block.numbered("BatchNorm"));
    note(scope.numbered("Conv"));
    return x;
  }).shapes([1]);
  assertEquals(paths, [
    "Conv_0",
    "named",
    "Block_1",
    "Block_1/Conv_0",
    "Block_1/deep/Dense_0",
    "Block_1/BatchNorm_1",
    "Conv_2",
  ]);
});

Deno.test("a name can be used once", () => {
  for (const kind of ["param", "state"] as const) {
    const twice = model((scope, x) => {
      scope.child("a")[kind]("w", [1], zeros);
      scope.child("a")[kind]("w", [1], zeros);
      return x;
    });
    assertThrows(() => twice.shapes([1]), Error, "Cannot use the name a/w twice in a model");
    assertThrows(() => twice.init(0, [1]), Error, "Cannot use the name a/w twice in a model");
  }
  const both = model((scope, x) => {
    scope.param("w", [1], zeros);
    scope.state("w", [1], zeros);
    return x;
  });
  assertEquals([...both.shapes([1]).params.keys()], ["w"]);
});

Deno.test("state must be declared before it is set", () => {
  const undeclared = model((scope, x) => {
    scope.setState("mean", x);
    return x;
  });
  assertThrows(() => undeclared.init(0, [1]), Error, "Cannot set the state mean");
});

Deno.test("shapes of any size are found without computing anything", () =>
  withoutLeaks(() => {
    const huge = model((scope, x) => dense(scope.numbered("Dense"), x, 1_000_000));
    const shapes = huge.shapes([1000, 1_000_000]);
    assertEquals([...shapes.params], [
      ["Dense_0/kernel", [1_000_000, 1_000_000]],
      ["Dense_0/bias", [1_000_000]],
    ]);
    assertEquals(shapes.output, [1000, 1_000_000]);
  }));

Deno.test("init makes nested variables that depend on the seed and the path only", () =>
  withoutLeaks(() => {
    const first = small.init(3, [2, 4]);
    assertEquals([leaves(first.params).length, leaves(first.state).length], [1, 1]);
    const seed = random.seed(3);
    const again = small.init(seed, [7, 4]);
    const other = small.init(4, [2, 4]);
    assertSameBits(again.params, first.params);
    assertNotEquals(values(leaves(other.params)[0]!), values(leaves(first.params)[0]!));
    // The same path in a model with more parts draws the same; other paths draw other numbers.
    const more = model((scope, x) => {
      scope.child("before").param("w", [4], normal);
      scope.child("inner").param("w", [4], normal);
      return x;
    }).init(3, [2, 4]);
    const drawn = more.params as Record<string, { w: tf.Tensor }>;
    assertSameBits(drawn.inner!, first.params.inner as TensorRecord);
    assertNotEquals(values(drawn.before!.w), values(drawn.inner!.w));
    tf.dispose([first, again, other, more].flatMap(({ params, state }) => leaves([params, state])));
    seed.dispose();
  }));

Deno.test(
  "apply computes with the variables given, and tells training from evaluation",
  scoped(() => {
    const params = { inner: { w: tf.tensor1d([1, 2]) } };
    const state = { inner: { mean: tf.tensor1d([10]) }, other: tf.scalar(1) };
    const x = tf.tensor2d([[1, 1], [3, 3]]);
    const evaluated = small.apply({ params, state }, x);
    assertClose(evaluated.output, [11, 12, 13, 16]);
    assert((evaluated.state.inner as TensorRecord).mean === state.inner.mean);
    const trained = small.apply({ params, state }, x, { train: true });
    assertClose(trained.output, values(evaluated.output), 0);
    assertClose((trained.state.inner as TensorRecord).mean as tf.Tensor, [2]);
    assert(trained.state.other === state.other);
    assertClose(state.inner.mean, [10], 0);
  }),
);

Deno.test("apply leaves the output and the new state behind, nothing else", () =>
  withoutLeaks(() => {
    const { params, state } = small.init(0, [1, 3]);
    const x = tf.ones([2, 3]);
    const before = tf.memory().numTensors;
    const { output } = small.apply({ params, state }, x);
    assertEquals(tf.memory().numTensors, before + 1);
    const trained = small.apply({ params, state }, x, { train: true });
    assertEquals(tf.memory().numTensors, before + 3);
    tf.dispose([x, output, trained.output, ...leaves([params, state, trained.state])]);
  }));

Deno.test(
  "apply names variables that are missing or of another shape",
  scoped(() => {
    const x = tf.ones([2, 3]);
    const state = { inner: { mean: tf.zeros([1]) } };
    const bad: [TensorRecord, string][] = [
      [{}, "it needs inner/w of shape [3], which is missing"],
      [{ inner: {} }, "it needs inner/w of shape [3], which is missing"],
      [{ inner: tf.zeros([3]) }, "it needs inner/w of shape [3], which is missing"],
      [{ inner: { w: { w: tf.zeros([3]) } } }, "it needs inner/w of shape [3], which is missing"],
      [{ inner: { w: tf.zeros([2]) } }, "it needs inner/w of shape [3], got [2]"],
      [{ inner: { w: tf.zeros([3, 1]) } }, "it needs inner/w of shape [3], got [3,1]"],
    ];
    for (const [params, message] of bad) {
      assertThrows(() => small.apply({ params, state }, x), Error, message);
    }
    const params = { inner: { w: tf.zeros([3]) } };
    assertThrows(() => small.apply({ params, state: {} }, x), Error, "it needs inner/mean");
    const unlikely = model((scope, x) => tf.add(x, scope.param("constructor", [1], zeros)));
    assertThrows(() => unlikely.apply({ params: {}, state: {} }, x), Error, "needs constructor");
  }),
);

Deno.test(
  "random numbers of a pass differ by path and need a seed, or are those that are given",
  scoped(() => {
    const noisy = model((scope, x) => {
      const [a, b] = ["a", "b"].map((name) => scope.uniform(name, x.shape));
      return tf.stack([a!, b!, scope.child("a").uniform("b", x.shape)]);
    });
    const nothing = { params: {}, state: {} };
    const x = tf.zeros([3]);
    const draw = (seed: number) =>
      values(noisy.apply(nothing, x, { train: true, seed: random.seed(seed) }).output);
    assertEquals(draw(1), draw(1));
    assertNotEquals(draw(1), draw(2));
    assertEquals(new Set(draw(1)).size, 9);
    assertEquals(noisy.shapes([3]).output, [3, 3]);
    const paths: string[] = [];
    const given = noisy.apply(nothing, x, {
      train: true,
      uniform: (path, shape) => tf.fill([...shape], paths.push(path)),
    });
    assertEquals(values(given.output), [1, 1, 1, 2, 2, 2, 3, 3, 3]);
    assertEquals(paths, ["a", "b", "a/b"]);
    assertThrows(
      () => noisy.apply(nothing, x, { train: true }),
      Error,
      "Cannot draw random numbers at a: apply the model with a seed",
    );
  }),
);
