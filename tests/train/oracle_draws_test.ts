/** Training steps of networks that draw, with the draws of the original code, number by number. */
import { buildModel, efficientNet } from "../../lib/models/mod.ts";
import type { ApplyOptions, Model } from "../../lib/nn/mod.ts";
import { random, type Tree } from "../../lib/tensorflow/mod.ts";
import { fixture } from "../_fixtures.ts";
import { tinyEfficientNet } from "../models/_tiny_efficientnet.ts";
import { recordedDraws } from "../_recorded_draws.ts";
import { assertMatches } from "../_samples.ts";
import { scoped } from "../_tensors.ts";
import { near, oracleBatch, oracleStep, oracleVariables } from "./_oracle.ts";

const tiny = efficientNet(tinyEfficientNet);
const RUNS: [name: string, model: Model][] = [
  ["shakeshake_mini_8x8_sam", buildModel("WideResnet_ShakeShake_mini", { classes: 10 })],
  ["effnet_tiny_sgd", tiny],
  ["effnet_tiny_sam", tiny],
  ["effnet_tiny_sam_rmsprop", tiny],
  // Two replicas that synchronise their batch norm are one batch.
  ["effnet_tiny_sgd_2rep", tiny],
];
const TOLERANCE = 1e-4;

/** Of the replicas. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

for (const [name, model] of RUNS) {
  Deno.test({
    name: `train step: ${name} as the reference, with its draws`,
    fn: scoped(() => {
      const oracle = fixture(name);
      const { flags, per_step: steps } = oracle.scalars;
      let uniform: ApplyOptions["uniform"];
      const drawing: Model = {
        ...model,
        apply: (variables, images, options) =>
          model.apply(variables, images, { ...options, ...uniform && { uniform } }),
      };
      const { init, step } = oracleStep(flags, drawing);
      let state = init(oracleVariables(oracle));
      for (const [index, expected] of steps.entries()) {
        // One list for both passes of SAM, in the order in which they were drawn.
        const replicas = expected.train_loss.length;
        uniform = recordedDraws(
          oracle,
          (draw) =>
            replicas === 1 ? `train_draw${draw}_step${index}` : Array.from(
              { length: replicas },
              (_, replica) => `train_draw${draw}_replica${replica}_step${index}`,
            ),
        );
        const result = step(state, oracleBatch(oracle, index), random.seed(0));
        state = result.state;
        near(result.metrics.loss, mean(expected.train_loss), TOLERANCE);
        near(result.metrics.error, mean(expected.train_error_rate), 1e-6);
        near(result.metrics.gradientNorm, expected.gradient_norm[0], TOLERANCE);
        near(result.metrics.parameterNorm, expected.param_norm[0], TOLERANCE);
      }
      const close = (actual: Tree, key: string) =>
        assertMatches(actual, oracle.sample(key), TOLERANCE, key);
      close(state.params, "final_params");
      const isReplicated = steps[0].train_loss.length > 1;
      close(state.state, isReplicated ? "final_state_replica0" : "final_state");
      const { momentum, v } = state.optimizer as { momentum: Tree; v?: Tree };
      close(momentum, "final_momentum");
      if (v !== undefined) close(v, "final_v");
    }),
  });
}
