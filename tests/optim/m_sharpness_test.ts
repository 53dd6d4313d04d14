import { assertEquals, assertThrows } from "@std/assert";
import { wideResNet } from "../../lib/models/wide_resnet.ts";
import { mSharpness, type Pass, sam, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import { compile, random, tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { crossEntropyLoss } from "../../lib/train/loss.ts";
import { type TrainState, trainStep } from "../../lib/train/step.ts";
import { fixture } from "../_fixtures.ts";
import { assertEntries, assertMatches, meanSample } from "../_samples.ts";
import { assertClose, assertSameBits, scoped, values, withoutLeaks } from "../_tensors.ts";
import { oracleBatch, oracleVariables } from "../train/_oracle.ts";

/** The gradient of the mean of w · x over the batch; its metric is the seed's second number. */
const linear = valueAndGrad(
  ({ w }: { w: tf.Tensor }, { x }: { x: tf.Tensor }, { seed }: Pass) => ({
    loss: tf.mean(tf.mul(w, x)),
    state: { mean: tf.mean(x), largest: tf.max(x) },
    metrics: { seed: tf.slice(seed, [1], [1]).toFloat().asScalar() },
  }),
);

const call = (m: number) => {
  const seed = random.seed(7);
  return mSharpness(linear, { m })({ w: tf.scalar(2) }, { x: tf.tensor1d([1, 2, 3, 6]) }, {
    state: {},
    seed,
  });
};

Deno.test(
  "mSharpness gives means over groups, each with a seed of its own",
  scoped(() => {
    const seeds = [0, 1].map((index) => values(random.foldIn(random.seed(7), index))[1]!);
    const { loss, grads, state, metrics } = call(2);
    assertClose(loss, [2 * 3]);
    assertClose(grads.w, [3]);
    const { mean, largest } = state as { mean: tf.Tensor; largest: tf.Tensor };
    assertClose(mean, [3]);
    assertClose(largest, [4]); // of groups whose largest are 2 and 6
    assertClose(metrics.seed!, [(seeds[0]! + seeds[1]!) / 2]);
  }),
);

Deno.test("mSharpness with m = batch is the gradient function itself, bit for bit", () =>
  withoutLeaks(() => {
    tf.tidy(() => {
      assertSameBits(
        call(4) as unknown as Tree,
        linear(
          { w: tf.scalar(2) },
          { x: tf.tensor1d([1, 2, 3, 6]) },
          { state: {}, seed: random.seed(7) },
        ) as unknown as Tree,
      );
    });
  }));

Deno.test(
  "mSharpness refuses groups that cannot be",
  scoped(() => {
    assertThrows(
      () => call(3),
      RangeError,
      "Cannot split a batch of 4 examples into groups of m = 3: m must divide the batch size",
    );
    for (const m of [0, -1, 1.5, NaN, Infinity]) {
      assertThrows(() => mSharpness(linear, { m }), RangeError, `groups of ${m} examples`);
    }
  }),
);

for (
  const [run, name] of [
    ["small_2rep_unsync", "eager"],
    ["small_2rep_unsync", "compiled"],
    ["small_2rep_sgd", "compiled"],
  ] as const
) {
  Deno.test({
    name: `mSharpness with m = 4 of 8 is the reference on two devices, ${run}, ${name}`,
    fn: scoped(() => {
      const oracle = fixture(run);
      const { flags, per_step: steps } = oracle.scalars;
      const model = wideResNet({ depth: 10, width: 1, classes: 10 });
      const loss = crossEntropyLoss(model, { weightDecay: flags.weight_decay });
      const gradient = mSharpness(sam(valueAndGrad(loss), { rho: flags.sam_rho }), { m: 4 });
      const optimizer = sgd(flags.learning_rate, { momentum: 0.9, nesterov: true });
      const { init, step: pure } = trainStep(gradient, optimizer, {
        gradientClipping: flags.gradient_clipping,
      });
      const compiled = name === "compiled" ? compile(pure) : undefined;
      const step = compiled?.sync ?? pure;
      let state: TrainState = init(oracleVariables(oracle));
      for (const [index, expected] of steps.entries()) {
        const result = step(state, oracleBatch(oracle, index), random.seed(0));
        state = result.state;
        assertClose(result.metrics.loss, [mean(expected.train_loss)], 1e-5);
        assertClose(result.metrics.error, [mean(expected.train_error_rate)], 1e-6);
        const key = `after_step${index}_params`;
        assertMatches(state.params, oracle.sample(key), 1e-5, key);
      }
      const of = (replica: number) => oracle.sample(`final_state_replica${replica}`);
      assertEntries(state.state, meanSample(of(0), of(1)), 1e-5, "statistics");
      assertEquals(steps.length, 3);
      compiled?.dispose();
    }),
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
