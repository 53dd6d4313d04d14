import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  batchNorm,
  type BatchNormOptions,
  model,
  type Variables,
  zeros,
} from "../../lib/nn/mod.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import { assertClose, numericGradient, pytorch, scoped, values } from "../_tensors.ts";

const normalization = (options?: BatchNormOptions) =>
  model((scope, x) => batchNorm(scope, x, options));

/** Variables with the given values. */
function variables(
  { scale, bias, mean = scale.map(() => 0), var: variance = scale.map(() => 1) }: {
    scale: number[];
    bias: number[];
    mean?: number[];
    var?: number[];
  },
): Variables {
  return {
    params: { scale: tf.tensor1d(scale), bias: tf.tensor1d(bias) },
    state: { mean: tf.tensor1d(mean), var: tf.tensor1d(variance) },
  };
}

/** Output, gradients of Σ dy·y and state of a pass in training. */
function train(
  x: tf.Tensor,
  dy: tf.Tensor,
  given: Variables,
  options?: BatchNormOptions,
  meanOverAll?: (own: tf.Tensor) => tf.Tensor,
) {
  let state = {} as Record<string, tf.Tensor>;
  const pass = (x: tf.Tensor, scale: tf.Tensor, bias: tf.Tensor) => {
    const found = normalization(options).apply({ ...given, params: { scale, bias } }, x, {
      train: true,
      meanOverAll,
    });
    state = Object.fromEntries(
      Object.entries(found.state).map((
        [name, value],
      ) => [name, tf.keep((value as tf.Tensor).clone())]),
    );
    return found.output;
  };
  const { scale, bias } = given.params as Record<string, tf.Tensor>;
  const y = pass(x, scale!, bias!);
  const [dx, dscale, dbias] = tf.grads(pass)([x, scale!, bias!], dy);
  return { y, dx: dx!, dscale: dscale!, dbias: dbias!, state };
}

const WHERE = [
  ["", undefined],
  [", over the only process that there is", (own: tf.Tensor) => own.clone()],
] as const;
const cases = WHERE.flatMap((where) => [...pytorch.batchNorm].map((golden) => ({ golden, where })));
for (const { golden, where: [where, meanOverAll] } of cases) {
  Deno.test(
    `batchNorm in training equals PyTorch's: [${golden.shape}]${where}`,
    scoped(() => {
      const x = tf.tensor(golden.x, golden.shape);
      const dy = tf.tensor(golden.dy, golden.shape);
      const given = variables({ ...golden, mean: undefined, var: undefined });
      const { y, dx, dscale, dbias, state } = train(x, dy, given, {}, meanOverAll);
      assertClose(y, golden.y, 1e-5);
      assertClose(dx, golden.dx, 1e-5);
      assertClose(dscale, golden.dscale, 1e-5);
      assertClose(dbias, golden.dbias, 1e-5);
      // The variance is the biased one, unlike that of PyTorch's running averages.
      assertClose(state.mean!, golden.mean.map((value: number) => 0.1 * value));
      assertClose(state.var!, golden.var.map((value: number) => 0.9 + 0.1 * value));
    }),
  );
}

Deno.test(
  "batchNorm in training is the plain formula, and its gradient that of differences",
  scoped(() => {
    const x = tf.randomNormal([3, 2, 2, 2], 1, 2, "float32", 1) as tf.Tensor4D;
    const dy = tf.randomNormal([3, 2, 2, 2], 0, 1, "float32", 2);
    const given = variables({ scale: [0.7, -1.3], bias: [0.2, 0.1] });
    const { y, dx } = train(x, dy, given, { epsilon: 0.01 });
    const plain = (x: tf.Tensor) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      const normalized = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 0.01)));
      return tf.add(tf.mul(normalized, [0.7, -1.3]), [0.2, 0.1]);
    };
    assertClose(y, values(plain(x)), 1e-5);
    assertClose(dx, numericGradient((x) => tf.sum(tf.mul(plain(x), dy)), x), 2e-3);
  }),
);

Deno.test(
  "batchNorm in evaluation uses the state, which stays the same tensors",
  scoped(() => {
    const given = variables({ scale: [2, 3], bias: [-1, 1], mean: [1, 2], var: [4, 0] });
    const x = tf.tensor4d([3, 2, 5, 2.5], [2, 1, 1, 2]);
    const { output, state } = normalization().apply(given, x);
    assertClose(output, [1, 1, 3, 1 + 3 * 0.5 / Math.sqrt(1e-5)], 1e-4);
    assert(state.mean === given.state.mean);
    assert(state.var === given.state.var);
    // Its gradient is that of an affine function.
    const dx = tf.grad((x) => normalization().apply(given, x).output)(x);
    assertClose(dx, [1, 3 / Math.sqrt(1e-5), 1, 3 / Math.sqrt(1e-5)], 1e-3);
  }),
);

Deno.test(
  "batchNorm takes its epsilon in evaluation too, and scale's first value from the initializer",
  scoped(() => {
    const given = variables({ scale: [1], bias: [0], mean: [1], var: [0] });
    const { output } = normalization({ epsilon: 0.25 }).apply(
      given,
      tf.tensor4d([3], [1, 1, 1, 1]),
    );
    assertClose(output, [4]);
    const { params } = normalization({ initializer: zeros }).init(0, [1, 1, 1, 2]);
    assertEquals(values(params.scale as tf.Tensor), [0, 0]);
  }),
);

Deno.test(
  "batchNorm of one value by channel: variance 0, as the reference",
  scoped(() => {
    const given = variables({ scale: [2, 3], bias: [-1, 1], mean: [1, 1], var: [2, 2] });
    const x = tf.tensor4d([5, -7], [1, 1, 1, 2]);
    const { y, dx, dscale, dbias, state } = train(x, tf.ones([1, 1, 1, 2]), given);
    assertClose(y, [-1, 1]);
    assertClose(dx, [0, 0]);
    assertClose(dscale, [0, 0]);
    assertClose(dbias, [1, 1]);
    assertClose(state.mean!, [1.4, 0.2]);
    assertClose(state.var!, [1.8, 1.8]);
  }),
);

Deno.test(
  "batchNorm of equal values has no variance either, and stays finite",
  scoped(() => {
    const given = variables({ scale: [1], bias: [0.5] });
    const { y, dx, state } = train(tf.fill([4, 2, 2, 1], 3), tf.ones([4, 2, 2, 1]), given);
    assertClose(y, Array(16).fill(0.5));
    assert(values(dx).every(Number.isFinite));
    assertClose(state.var!, [0.9]);
  }),
);

Deno.test(
  "batchNorm's momentum: 0 takes the batch's statistics, 1 keeps the state",
  scoped(() => {
    const given = variables({ scale: [1], bias: [0], mean: [10], var: [20] });
    const x = tf.tensor4d([1, 3], [2, 1, 1, 1]);
    for (const [momentum, mean, variance] of [[0, 2, 1], [1, 10, 20], [0.5, 6, 10.5]] as const) {
      const { state } = train(x, tf.ones([2, 1, 1, 1]), given, { momentum });
      assertClose(state.mean!, [mean]);
      assertClose(state.var!, [variance]);
    }
  }),
);

Deno.test(
  "batchNorm refuses options out of range and inputs that are not images",
  scoped(() => {
    for (const momentum of [-0.1, 1.1, NaN]) {
      assertThrows(
        () => normalization({ momentum }).shapes([1, 2, 2, 3]),
        RangeError,
        `Cannot normalize with momentum ${momentum}: it must be in [0, 1]`,
      );
    }
    for (const epsilon of [0, -1, NaN, Infinity]) {
      assertThrows(
        () => normalization({ epsilon }).shapes([1, 2, 2, 3]),
        RangeError,
        `Cannot normalize with epsilon ${epsilon}`,
      );
    }
    assertThrows(
      () => normalization().shapes([8, 3]),
      RangeError,
      "Cannot normalize an input of shape [8,3]: it must be [batch, height, width, channels]",
    );
  }),
);

Deno.test("batchNorm's statistics carry no gradient and are not leaked", () => {
  const before = tf.memory().numTensors;
  const given = variables({ scale: [1], bias: [0] });
  const x = tf.randomNormal([4, 2, 2, 1], 0, 1, "float32", 3);
  const grad = tf.grad((x) => {
    const { output, state } = normalization().apply(given, x, { train: true });
    return tf.add(tf.mul(0, tf.sum(output)), tf.sum(state.mean as tf.Tensor));
  })(x);
  assertEquals(values(grad), Array(16).fill(0));
  const { output, state } = normalization().apply(given, x, { train: true });
  tf.dispose([grad, x, output, state, given] as unknown as tf.TensorContainer);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test(
  "batchNorm: frozen, training uses the running statistics and leaves them",
  scoped(() => {
    const given = variables({ scale: [2, 1], bias: [0, 1], mean: [1, -1], var: [4, 0.25] });
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 1, 2]);
    const network = normalization({ frozen: true });
    const trained = network.apply(given, x, { train: true });
    assertEquals(values(trained.output), values(network.apply(given, x).output));
    for (const name of ["mean", "var"]) {
      assertEquals(
        values(trained.state[name] as tf.Tensor),
        values(given.state[name] as tf.Tensor),
      );
    }
  }),
);

Deno.test(
  "batchNorm: frozen, its gradient is that of a factor and an addend for each channel",
  scoped(() => {
    const epsilon = 0.01;
    const scale = [0.7, -1.3], mean = [1, -1], variance = [4, 0.25];
    const given = variables({ scale, bias: [0.2, 0.1], mean, var: variance });
    const x = tf.randomNormal([3, 2, 2, 2], 1, 2, "float32", 1);
    const dy = tf.randomNormal([3, 2, 2, 2], 0, 1, "float32", 2);
    const { dx, dscale, dbias, state } = train(x, dy, given, { frozen: true, epsilon });
    const factor = variance.map((variance) => 1 / Math.sqrt(variance + epsilon));
    const channel = (c: number, of: (x: number, dy: number) => number) => {
      const [all, dys] = [values(x), values(dy)];
      return all.reduce((sum, x, i) => i % 2 === c ? sum + of(x, dys[i]!) : sum, 0);
    };
    assertClose(dx, values(dy).map((dy, i) => dy * factor[i % 2]! * scale[i % 2]!));
    assertClose(
      dscale,
      [0, 1].map((c) => channel(c, (x, dy) => dy * (x - mean[c]!) * factor[c]!)),
      1e-5,
    );
    assertClose(dbias, [0, 1].map((c) => channel(c, (_, dy) => dy)), 1e-5);
    assertClose(state.mean!, mean, 0);
    assertClose(state.var!, variance, 0);
    tf.dispose(state);
  }),
);
