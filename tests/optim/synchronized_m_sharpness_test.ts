/** Identities; `train/m_sharpness_test.ts` compares with JAX's and the original code's replicas. */
import { assert, assertThrows } from "@std/assert";
import { efficientNet, shakeShake, wideResNet } from "../../lib/models/mod.ts";
import { convolution, dense, dropout, globalAveragePool, model, relu } from "../../lib/nn/mod.ts";
import type { Model } from "../../lib/nn/mod.ts";
import {
  mSharpness,
  type Pass,
  sam,
  synchronizedMSharpness,
  valueAndGrad,
} from "../../lib/optim/mod.ts";
import { compile, random, type TensorRecord, tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { type Batch, crossEntropyLoss } from "../../lib/train/loss.ts";
import { largestDifference } from "../_fixtures.ts";
import { assertSameBits, scoped, withoutLeaks } from "../_tensors.ts";
import { tinyEfficientNet } from "../models/_tiny_efficientnet.ts";

const SHAPE = [8, 32, 32, 3];
const weightDecay = 0.01;

const wide = wideResNet({ depth: 10, width: 1, classes: 10 });
const tiny = efficientNet(tinyEfficientNet);
const frozen = efficientNet({ ...tinyEfficientNet, frozenBatchNorm: true });
const shaking = shakeShake({ depth: 8, channels: 16, classes: 10 });
const plain = model((scope, images) => {
  const x = relu(convolution(scope.child("conv"), images, 4, { strides: 2, bias: true }));
  return dense(scope.child("dense"), globalAveragePool(dropout(scope, x, 0.5)), 10);
});

/** What a gradient function is called with. */
function argumentsOf(network: Model): [TensorRecord, Batch, Pass] {
  const { params, state } = network.init(0, SHAPE);
  const batch = {
    images: tf.randomNormal(SHAPE, 0, 1, "float32", 1),
    labels: tf.oneHot(tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7], "int32"), 10).toFloat(),
  };
  return [params, batch, { state, seed: random.seed(3) }];
}

const synchronized = (network: Model, rho: number, m: number) =>
  synchronizedMSharpness(
    valueAndGrad(crossEntropyLoss<readonly TensorRecord[]>(network, { weightDecay })),
    { rho, m },
  );
const whole = (network: Model, rho: number) =>
  sam(valueAndGrad(crossEntropyLoss(network, { weightDecay })), { rho });

for (
  const [what, rho, m] of [
    ["m = batch is sam", 0.5, 8],
    ["rho = 0 is the whole batch's gradient", 0, 2],
  ] as const
) {
  Deno.test(
    `synchronizedMSharpness with ${what}, bit for bit`,
    scoped(() => {
      // One that climbs by another gradient than it descends by is among them.
      for (const network of [wide, tiny, shaking]) {
        const args = argumentsOf(network);
        const found = synchronized(network, rho, m)(...args) as unknown as Tree;
        assertSameBits(found, whole(network, rho)(...args) as unknown as Tree);
      }
    }),
  );
}

Deno.test(
  "synchronizedMSharpness with a rho that moves nothing is it too, to 1e-5",
  scoped(() => {
    const args = argumentsOf(wide);
    const found = synchronized(wide, 1e-30, 2)(...args) as unknown as Tree;
    const expected = whole(wide, 0)(...args) as unknown as Tree;
    assert(largestDifference(found, expected) <= 1e-5);
  }),
);

for (const [name, network] of [["none", plain], ["frozen", frozen]] as const) {
  Deno.test(
    `synchronizedMSharpness is mSharpness with batch norm ${name}, draws included, to 1e-5`,
    scoped(() => {
      const args = argumentsOf(network);
      const found = synchronized(network, 0.5, 2)(...args);
      const expected = mSharpness(whole(network, 0.5), { m: 2 })(...args);
      assert(largestDifference(found.grads, expected.grads) <= 1e-5);
      assert(largestDifference(found.metrics, expected.metrics) <= 1e-5);
      const unperturbed = whole(network, 0)(...args);
      assert(largestDifference(found.grads, unperturbed.grads) > 1e-3);
    }),
  );
}

Deno.test(
  "synchronizedMSharpness differs from mSharpness and sam where there is batch norm",
  scoped(() => {
    const args = argumentsOf(wide);
    const { grads } = synchronized(wide, 0.5, 2)(...args);
    for (const other of [whole(wide, 0.5), mSharpness(whole(wide, 0.5), { m: 2 })]) {
      assert(largestDifference(grads, other(...args).grads) > 1e-3);
    }
  }),
);

Deno.test("synchronizedMSharpness, compiled, is the same to 1e-5, and leaks nothing", () =>
  withoutLeaks(() => {
    tf.tidy(() => {
      const args = argumentsOf(tiny);
      const before = tf.memory().numTensors;
      const gradient = synchronized(tiny, 0.5, 4);
      const eager = gradient(...args) as unknown as Tree;
      const compiled = compile(gradient);
      const found = compiled.sync(...args) as unknown as Tree;
      assert(largestDifference(found, eager) <= 1e-5);
      compiled.dispose();
      tf.dispose([eager, found] as unknown as tf.TensorContainer);
      const left = tf.memory().numTensors;
      assert(left === before, `${left - before} tensors are left`);
    });
  }));

Deno.test(
  "synchronizedMSharpness refuses groups and radii that cannot be",
  scoped(() => {
    const args = argumentsOf(plain);
    assertThrows(
      () => synchronized(plain, 0.5, 3)(...args),
      RangeError,
      "Cannot split a batch of 8 examples into groups of m = 3: m must divide the batch size",
    );
    for (const m of [0, -1, 1.5, NaN]) {
      assertThrows(() => synchronized(plain, 0.5, m), RangeError, `groups of ${m} examples`);
    }
    for (const rho of [-1, NaN, Infinity]) {
      assertThrows(() => synchronized(plain, rho, 2), RangeError, `with rho ${rho}`);
    }
  }),
);
