/**
 * m-sharpness of a configuration, batch norm synchronised over the groups and not: against JAX's
 * replicas, from a file of the repository, and against those of the original code.
 */
import { assert, assertEquals } from "@std/assert";
import { decodeSafetensors, type NamedArrays } from "../../lib/checkpoints/safetensors.ts";
import { efficientNet, wideResNet } from "../../lib/models/mod.ts";
import type { ApplyOptions, Model } from "../../lib/nn/mod.ts";
import { sgd } from "../../lib/optim/mod.ts";
import { compile, random, type TensorRecord, tf } from "../../lib/tensorflow/mod.ts";
import { gradientOf } from "../../lib/train/build_task.ts";
import { defaultConfig } from "../../lib/train/config.ts";
import type { TrainConfig } from "../../lib/train/train_config.ts";
import { type TrainState, trainStep } from "../../lib/train/step.ts";
import { fixture, largestDifference, recordOf, tensorOf } from "../_fixtures.ts";
import { recordedDraws } from "../_recorded_draws.ts";
import { assertEntries, assertMatches, meanSample } from "../_samples.ts";
import { assertClose, scoped } from "../_tensors.ts";
import { tinyEfficientNet } from "../models/_tiny_efficientnet.ts";
import { oracleBatch, oracleVariables } from "./_oracle.ts";

type Uniform = NonNullable<ApplyOptions["uniform"]>;

/** A configuration's step of a model that takes its random numbers from `uniform`. */
function stepOf(
  changes: Partial<TrainConfig>,
  model: Model,
  uniform: Uniform | undefined,
) {
  const config: TrainConfig = { ...defaultConfig, schedule: "constant", ...changes };
  const drawing: Model = {
    ...model,
    apply: (variables, images, options) =>
      model.apply(variables, images, { ...options, ...uniform && { uniform } }),
  };
  const optimizer = sgd(config.learningRate, { momentum: config.momentum, nesterov: true });
  const { gradientClipping: clipping } = config;
  const gradientClipping = clipping === "none" ? undefined : clipping;
  return trainStep(gradientOf(config, drawing), optimizer, { gradientClipping });
}

/** Made by `m_sharpness.py` beside them. */
const arrays = Object.assign(
  {},
  ...["m_sharpness", "m_sharpness_together"].map((name) => {
    const path = new URL(`../goldens/${name}.safetensors`, import.meta.url);
    return decodeSafetensors(Deno.readFileSync(path)).arrays;
  }),
) as NamedArrays;

const tensor = (name: string) => tensorOf(arrays[name]!);

/** The arrays below a name, as a tree. */
function tree(prefix: string): TensorRecord {
  const below = Object.entries(arrays).filter(([name]) => name.startsWith(`${prefix}/`));
  return recordOf(below.map(([name, array]) => [name.slice(prefix.length + 1), array]));
}

const small = efficientNet({
  classes: 3,
  width: 1,
  depth: 1,
  dropoutRate: 0.3,
  stochasticDepthRate: 0.6,
  stemChannels: 8,
  headChannels: 16,
  rows: [
    { inputs: 8, outputs: 8, kernelSize: 3, repeats: 1, expansion: 1, strides: 1 },
    { inputs: 8, outputs: 16, kernelSize: 3, repeats: 2, expansion: 2, strides: 2 },
  ],
});

/**
 * The draws of a step, for the whole batch or for one group after another: first those that climb
 * together, then the same again, as they descend.
 */
function goldenDraws(step: number, together: number): Uniform {
  const calls = new Map<string, number>();
  return (path, shape) => {
    const all = tensor(`step${step}/draws/${path}`);
    if (shape[0] === all.shape[0]) return all;
    const call = calls.get(path) ?? 0;
    calls.set(path, call + 1);
    const m = shape[0]!;
    const group = Math.floor(call / (2 * together)) * together + call % together;
    return tf.slice(all, [group * m], [m]);
  };
}

const apart = { syncBatchNorm: false };
const together = { syncPerturbations: true };
const pairs = { ...together, innerGroupSize: 2 };
const KINDS: [kind: string, changes: Partial<TrainConfig>][] = [
  ["synced", {}], // the default for EfficientNets
  ["synced", { syncBatchNorm: true }],
  ["own", apart],
  ["own_all", { ...apart, ...together }],
  ["own_pairs", { ...apart, ...pairs }],
  ["synced_all", together],
  ["synced_pairs", pairs],
];

for (const [kind, changes] of KINDS) {
  for (const mode of ["eager", "compiled"]) {
    Deno.test(
      `m-sharpness ${JSON.stringify(changes)} is JAX's on four replicas, ${kind}, ${mode}`,
      scoped(() => {
        let state: TrainState | undefined;
        for (const index of [0, 1, 2]) {
          const { init, step: pure } = stepOf(
            {
              batchSize: 8,
              m: 2,
              samRho: 0.3,
              learningRate: 0.1,
              weightDecay: 0.01,
              gradientClipping: 2,
              ...changes,
            },
            small,
            goldenDraws(index, kind.endsWith("_all") ? 4 : kind.endsWith("_pairs") ? 2 : 1),
          );
          state ??= init({ params: tree("params"), state: tree("state") });
          const compiled = mode === "compiled" ? compile(pure) : undefined;
          const batch = {
            images: tensor(`step${index}/images`),
            labels: tensor(`step${index}/labels`),
          };
          const found = (compiled?.sync ?? pure)(state, batch, random.seed(0));
          compiled?.dispose();
          state = found.state;
          const expected = (name: string) => tensor(`${kind}/step${index}/${name}`).dataSync();
          assertClose(found.metrics.loss, expected("loss"), 1e-5);
          assertClose(found.metrics.error, expected("error"), 1e-6);
          // JAX computed in float64; by two examples each, batch norm makes rounding larger.
          assertClose(found.metrics.gradientNorm, expected("gradient_norm"), 1.5e-5);
        }
        for (const name of ["params", "state"] as const) {
          const difference = largestDifference(state![name], tree(`${kind}/${name}`));
          // 1.2e-5 with oneDNN, 1.5e-5 without, where groups of two are normalised apart.
          assert(difference <= 2e-5, `${name} differ by ${difference}`);
        }
      }),
    );
  }
}

Deno.test(
  "m-sharpness with synchronised batch norm has the configuration's loss, decay and smoothing",
  scoped(() => {
    const model = wideResNet({ depth: 10, width: 1, classes: 10 });
    const variables = model.init(0, [8, 8, 8, 3]);
    const images = random.normal(random.seed(1), [8, 8, 8, 3]);
    const labels = tf.oneHot(tf.range(0, 8, 1, "int32"), 10).toFloat();
    const shared = { ...defaultConfig, batchSize: 8, weightDecay: 0.1, syncBatchNorm: true };
    for (const labelSmoothing of [0, 0.2]) {
      for (const weightDecayScope of ["all", "kernels"] as const) {
        const config = { ...shared, labelSmoothing, weightDecayScope };
        const found = [{ samRho: 1e-30, m: 2 }, { samRho: 0, m: "none" as const }].map((changes) =>
          gradientOf({ ...config, ...changes }, model)(
            variables.params,
            { images, labels },
            { state: variables.state, seed: random.seed(0) },
          )
        );
        const difference = largestDifference(found[0]!.grads, found[1]!.grads);
        assert(difference <= 1e-5, `gradients differ by ${difference}`);
      }
    }
  }),
);

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const TINY = efficientNet(tinyEfficientNet);
const ORACLES: [name: string, rho: number | undefined, model: Model, tolerance: number][] = [
  ["small_2rep_unsync", undefined, wideResNet({ depth: 10, width: 1, classes: 10 }), 1e-5],
  ["effnet_tiny_sgd_2rep", undefined, TINY, 1e-4],
  // Too small to move a parameter: two groups in two passes.
  ["effnet_tiny_sgd_2rep", 1e-30, TINY, 1e-4],
];

for (const [name, rho, model, tolerance] of ORACLES) {
  Deno.test({
    name: `m-sharpness by default is the reference's: ${name}${rho ? `, rho ${rho}` : ""}`,
    fn: scoped(() => {
      const oracle = fixture(name);
      const { flags, per_step: steps } = oracle.scalars;
      let state: TrainState | undefined;
      for (const [index, expected] of steps.entries()) {
        const draws = recordedDraws(
          oracle,
          (draw) => [0, 1].map((replica) => `train_draw${draw % 4}_replica${replica}_step${index}`),
        );
        const { init, step } = stepOf(
          {
            batchSize: 8,
            m: 4,
            samRho: rho ?? flags.sam_rho,
            learningRate: flags.learning_rate,
            weightDecay: flags.weight_decay,
            gradientClipping: flags.gradient_clipping,
          },
          model,
          draws,
        );
        state ??= init(oracleVariables(oracle));
        const found = step(state, oracleBatch(oracle, index), random.seed(0));
        state = found.state;
        assertClose(found.metrics.loss, [mean(expected.train_loss)], tolerance);
        assertClose(found.metrics.error, [mean(expected.train_error_rate)], 1e-6);
        assertClose(found.metrics.gradientNorm, [expected.gradient_norm[0]], tolerance);
      }
      const of = (replica: number) => oracle.sample(`final_state_replica${replica}`);
      const { momentum } = state!.optimizer as { momentum: TensorRecord };
      assertMatches(state!.params, oracle.sample("final_params"), tolerance, "parameters");
      assertEntries(state!.state, meanSample(of(0), of(1)), tolerance, "statistics");
      // Momenta are larger, and differ more.
      assertMatches(momentum, oracle.sample("final_momentum"), 5 * tolerance, "momenta");
      assertEquals(steps.length, 3);
    }),
  });
}
