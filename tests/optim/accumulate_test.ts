import { assert, assertEquals, assertThrows } from "@std/assert";
import { wideResNet } from "../../lib/models/mod.ts";
import {
  convolution,
  dense,
  globalAveragePool,
  type Model,
  model,
  relu,
} from "../../lib/nn/mod.ts";
import { accumulate, mSharpness, sam, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import { compile, leaves, random, tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { crossEntropyLoss } from "../../lib/train/loss.ts";
import { trainStep } from "../../lib/train/step.ts";
import { largestDifference } from "../_fixtures.ts";
import { assertSameBits, scoped, withoutLeaks } from "../_tensors.ts";

const SHAPE = [12, 8, 8, 3];
const weightDecay = 0.01;
const plain = model((scope, images) => {
  const x = relu(convolution(scope.child("conv"), images, 4, { strides: 2, bias: true }));
  return dense(scope.child("dense"), globalAveragePool(x), 10);
});
const wide = wideResNet({ depth: 10, width: 1, classes: 10 });

function batchOf() {
  return {
    images: tf.randomNormal(SHAPE, 0, 1, "float32", 1),
    labels: tf.oneHot(tf.range(0, 12, 1, "int32").mod(tf.scalar(10, "int32")), 10).toFloat(),
  };
}

const gradientOf = (network: Model) => valueAndGrad(crossEntropyLoss(network, { weightDecay }));

/** What a gradient function finds, after `steps` of SAM. */
function trained(network: Model, gradient: ReturnType<typeof gradientOf>, steps = 3) {
  const { init, step } = trainStep(gradient, sgd(0.1, { momentum: 0.9, nesterov: true }), {
    gradientClipping: 5,
  });
  const compiled = compile(step);
  let state = init(network.init(0, SHAPE));
  for (let index = 0; index < steps; index++) {
    state = compiled.sync(state, batchOf(), random.seed(2)).state;
  }
  compiled.dispose();
  return state as unknown as Tree;
}

for (const microBatchSize of [1, 4, 6]) {
  Deno.test(
    `accumulate by ${microBatchSize} is the whole batch to 1e-5 after three steps of SAM, without batch norm`,
    scoped(() => {
      const gradient = gradientOf(plain);
      const whole = trained(plain, sam(gradient, { rho: 0.1 }));
      const parts = trained(plain, sam(accumulate(gradient, { microBatchSize }), { rho: 0.1 }));
      const difference = largestDifference(parts, whole);
      assert(difference <= 1e-5, `they differ by ${difference}`);
      // Each micro-batch climbing by itself is something else.
      const apart = trained(plain, mSharpness(sam(gradient, { rho: 0.1 }), { m: microBatchSize }));
      assert(largestDifference(apart, whole) > 1e-4);
    }),
  );
}

Deno.test(
  "accumulate composes with mSharpness: each group climbs by its own gradient, accumulated",
  scoped(() => {
    const gradient = gradientOf(plain);
    const small = accumulate(gradient, { microBatchSize: 2 });
    const found = trained(plain, mSharpness(sam(small, { rho: 0.1 }), { m: 6 }));
    const expected = trained(plain, mSharpness(sam(gradient, { rho: 0.1 }), { m: 6 }));
    assert(largestDifference(found, expected) <= 1e-5);
  }),
);

Deno.test(
  "accumulate with batch norm normalises each micro-batch, and takes means of running statistics",
  scoped(() => {
    const gradient = gradientOf(wide);
    const found = trained(wide, accumulate(gradient, { microBatchSize: 4 }), 1);
    const groups = trained(wide, mSharpness(gradient, { m: 4 }), 1);
    assert(largestDifference(found, groups) <= 1e-5);
    assert(largestDifference(found, trained(wide, gradient, 1)) > 1e-4);
  }),
);

Deno.test(
  "accumulate in micro-batches of the batch's size is the gradient itself, bit for bit",
  scoped(() => {
    const { params, state } = wide.init(0, SHAPE);
    const args = [params, batchOf(), { state, seed: random.seed(3) }] as const;
    const gradient = gradientOf(wide);
    const found = accumulate(gradient, { microBatchSize: 12 })(...args);
    assertSameBits(found as unknown as Tree, gradient(...args) as unknown as Tree);
  }),
);

Deno.test("accumulate gives each micro-batch a seed of its own, compiled as eager", () =>
  withoutLeaks(() => {
    tf.tidy(() => {
      const noisy = valueAndGrad(
        ({ w }: { w: tf.Tensor }, x: tf.Tensor, { seed }) =>
          tf.mean(tf.mul(tf.mul(w, x), random.uniform(seed, x.shape))),
      );
      const gradient = accumulate(noisy, { microBatchSize: 1 });
      const args = [{ w: tf.scalar(1) }, tf.ones([3]), {
        state: {},
        seed: random.seed(5),
      }] as const;
      const eager = gradient(...args);
      const seeds = [0, 1, 2].map((index) =>
        random.uniform(random.foldIn(args[2].seed, index), [1])
      );
      const mean = tf.mean(tf.concat(seeds));
      assert(Math.abs(eager.grads.w.dataSync()[0]! - mean.dataSync()[0]!) < 1e-6);
      const compiled = compile(gradient);
      const found = compiled.sync(...args);
      assert(largestDifference(found as unknown as Tree, eager as unknown as Tree) < 1e-6);
      compiled.dispose();
    });
  }));

Deno.test(
  "accumulate is traced once, however many micro-batches there are",
  scoped(() => {
    const nodes = [12, 120].map((examples) => {
      let count = 0;
      const gradient = accumulate(gradientOf(plain), { microBatchSize: 4 });
      const compiled = compile(gradient, { onTrace: ({ nodes }) => count = nodes });
      const { params, state } = plain.init(0, SHAPE);
      const images = tf.zeros([examples, 8, 8, 3]);
      compiled.trace(params, { images, labels: tf.zeros([examples, 10]) }, {
        state,
        seed: random.seed(0),
      });
      compiled.dispose();
      return count;
    });
    const perCall = (nodes[1]! - nodes[0]!) / 27;
    const outputs = leaves(plain.init(0, SHAPE) as unknown as Tree).length + 3;
    assert(perCall < 20 + 2 * outputs, `${perCall} nodes a micro-batch`);
  }),
);

Deno.test(
  "accumulate refuses sizes that cannot be",
  scoped(() => {
    const gradient = gradientOf(plain);
    for (const microBatchSize of [0, -1, 1.5, NaN]) {
      assertThrows(
        () => accumulate(gradient, { microBatchSize }),
        RangeError,
        `micro-batches of ${microBatchSize} examples`,
      );
    }
    const { params, state } = plain.init(0, SHAPE);
    assertThrows(
      () =>
        accumulate(gradient, { microBatchSize: 5 })(params, batchOf(), {
          state,
          seed: random.seed(0),
        }),
      RangeError,
      "Cannot accumulate a batch of 12 examples in micro-batches of 5: the size must divide",
    );
    assertEquals(typeof accumulate(gradient, { microBatchSize: 3 }), "function");
  }),
);
