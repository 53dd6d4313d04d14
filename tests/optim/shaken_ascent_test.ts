/** SAM climbs networks that shake by their true gradient, whatever wraps the gradient function. */
import { assert, assertEquals } from "@std/assert";
import { buildModel, shakeShake } from "../../lib/models/mod.ts";
import type { Model } from "../../lib/nn/mod.ts";
import {
  globalNorm,
  type GradientFunction,
  mSharpness,
  sam,
  sgd,
  valueAndGrad,
} from "../../lib/optim/mod.ts";
import { mapTree, random, type TensorRecord, tf } from "../../lib/tensorflow/mod.ts";
import { type Batch, crossEntropyLoss, type CrossEntropyMetrics } from "../../lib/train/loss.ts";
import { trainStep } from "../../lib/train/step.ts";
import { fixture, largestDifference } from "../_fixtures.ts";
import { recordedDraws } from "../_recorded_draws.ts";
import { assertMatches } from "../_samples.ts";
import { scoped } from "../_tensors.ts";
import { oracleBatch, oracleVariables } from "../train/_oracle.ts";

type Gradient = GradientFunction<TensorRecord, Batch, CrossEntropyMetrics>;

const rho = 0.5;
const m = 4;
type Order = (gradient: Gradient, options: { rho: number; m: number }) => Gradient;
const ORDERS: Record<string, Order> = {
  "sam(mSharpness(…))": (gradient, { rho, m }) => sam(mSharpness(gradient, { m }), { rho }),
  "mSharpness(sam(…))": (gradient, { rho, m }) => mSharpness(sam(gradient, { rho }), { m }),
};

const shaking = shakeShake({ depth: 8, channels: 16, classes: 10 });

function argumentsOf(network: Model): Parameters<Gradient> {
  const { params, state } = network.init(0, [8, 8, 8, 3]);
  const images = tf.randomNormal([8, 8, 8, 3], 0, 1, "float32", 1);
  const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7], "int32"), 10).toFloat();
  return [params, { images, labels }, { state, seed: random.seed(3) }];
}

for (
  const [order, passes] of [
    ["sam(mSharpness(…))", [true, true, false, false]],
    ["mSharpness(sam(…))", [true, false, true, false]],
  ] as const
) {
  Deno.test(
    `${order} climbs by true gradients, and descends by shaken ones`,
    scoped(() => {
      const seen: (boolean | undefined)[] = [];
      const watched: Model = {
        ...shaking,
        apply: (variables, images, options) => {
          seen.push(options?.trueGradient);
          return shaking.apply(variables, images, options);
        },
      };
      ORDERS[order]!(valueAndGrad(crossEntropyLoss(watched)), { rho, m })(...argumentsOf(shaking));
      assertEquals(seen, [...passes]);
    }),
  );
}

/** The examples of a group, and what its pass is. */
function groupOf({ images, labels }: Batch, index: number): Batch {
  return {
    images: tf.slice(images, [index * m], [m]),
    labels: tf.slice(labels, [index * m], [m]),
  };
}

const meanOf = (a: TensorRecord, b: TensorRecord) =>
  mapTree((a, b) => tf.div(tf.add(a, b), 2), a, b);

function climbed(params: TensorRecord, grads: TensorRecord): TensorRecord {
  const scale = tf.div(rho, globalNorm(grads));
  return mapTree((w, g) => tf.add(w, tf.mul(g, scale)), params, grads);
}

Deno.test(
  "both orders by hand, group by group, with the draws of the groups' seeds",
  scoped(() => {
    const gradient = valueAndGrad(crossEntropyLoss(shaking));
    const [params, batch, { state, seed }] = argumentsOf(shaking);
    const at = (params: TensorRecord, index: number, ascent: boolean) => {
      const pass = { state, seed: random.foldIn(seed, index), ascent };
      return gradient(params, groupOf(batch, index), pass).grads;
    };
    const byHand = (ascent: boolean): Record<string, TensorRecord> => {
      const whole = climbed(params, meanOf(at(params, 0, ascent), at(params, 1, ascent)));
      const own = [0, 1].map((index) => climbed(params, at(params, index, ascent)));
      return {
        "sam(mSharpness(…))": meanOf(at(whole, 0, false), at(whole, 1, false)),
        "mSharpness(sam(…))": meanOf(at(own[0]!, 0, false), at(own[1]!, 1, false)),
      };
    };
    const [wanted, shaken] = [byHand(true), byHand(false)];
    for (const [order, transform] of Object.entries(ORDERS)) {
      const { grads } = transform(gradient, { rho, m })(params, batch, { state, seed });
      const difference = largestDifference(grads, wanted[order]!);
      assert(difference <= 1e-6, `${order}: they differ by ${difference}`);
      assert(largestDifference(grads, shaken[order]!) > 1e-4, `${order} climbs by the shaken one`);
    }
  }),
);

for (const [order, transform] of Object.entries(ORDERS)) {
  Deno.test(
    `${order} with m the batch is the reference's step of a network that shakes, with its draws`,
    scoped(() => {
      const oracle = fixture("shakeshake_mini_8x8_sam");
      const { flags } = oracle.scalars;
      const model = buildModel("WideResnet_ShakeShake_mini", { classes: 10 });
      const uniform = recordedDraws(oracle, (draw) => `train_draw${draw}_step0`);
      const drawing: Model = {
        ...model,
        apply: (variables, images, options) =>
          model.apply(variables, images, { ...options, uniform }),
      };
      const loss = crossEntropyLoss(drawing, { weightDecay: flags.weight_decay });
      const batch = oracleBatch(oracle, 0);
      const whole = { rho: flags.sam_rho, m: batch.images.shape[0]! };
      const gradient = transform(valueAndGrad(loss), whole);
      const { init, step } = trainStep(
        gradient,
        sgd(flags.learning_rate, { momentum: 0.9, nesterov: true }),
        { gradientClipping: flags.gradient_clipping },
      );
      const { state } = step(init(oracleVariables(oracle)), batch, random.seed(0));
      assertMatches(state.params, oracle.sample("after_step0_params"), 1e-4, order);
    }),
  );
}
