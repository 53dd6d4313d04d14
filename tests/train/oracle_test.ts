/** Training steps against those of the original code, number by number. */
import { assert, assertEquals } from "@std/assert";
import { wideResNet } from "../../lib/models/wide_resnet.ts";
import { sam, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import { compile, type CompileOptions, random, tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { crossEntropy } from "../../lib/train/loss.ts";
import { initialState, trainStep } from "../../lib/train/step.ts";
import { fixture, ignoreFixtures, largestDifference } from "../_fixtures.ts";

const RUNS = [
  "small_sgd",
  "small_sam",
  "small_sam_ls",
  "small_sam_nowdbn",
  "small_sam_clip",
  "small_sam_noclip",
];

/** Tolerances of FIXTURES.md, and a wider one where XLA fuses and rounds differently. */
const MODES: { name: string; options?: CompileOptions; tolerance: number; momentum: number }[] = [
  { name: "eager", tolerance: 1e-5, momentum: 5e-5 },
  { name: "compiled", options: {}, tolerance: 1e-5, momentum: 5e-5 },
  { name: "compiled with XLA", options: { jit: "xla" }, tolerance: 1e-4, momentum: 1e-4 },
];

for (const run of RUNS) {
  for (const { name, options, tolerance, momentum } of MODES) {
    Deno.test({
      name: `train step: ${run} as the reference, ${name}`,
      ignore: ignoreFixtures,
      fn() {
        const before = tf.memory().numTensors;
        tf.engine().startScope();
        const oracle = fixture(run);
        const { flags, per_step: steps } = oracle.scalars;
        const model = wideResNet({ depth: 10, width: 1, classes: 10 });
        const loss = crossEntropy(model, {
          labelSmoothing: flags.label_smoothing,
          weightDecay: flags.weight_decay,
          weightDecayScope: flags.no_weight_decay_on_bn ? "kernels" : "all",
        });
        const optimizer = sgd(flags.learning_rate, { momentum: 0.9, nesterov: true });
        const pure = trainStep(sam(valueAndGrad(loss), { rho: flags.sam_rho }), optimizer, {
          gradientClipping: flags.gradient_clipping || undefined,
        });
        const compiled = options && compile(pure, options);
        const step = compiled?.sync ?? pure;

        let state = initialState(
          { params: oracle.tree("init_params"), state: oracle.tree("init_state") },
          optimizer,
        );
        for (const [index, expected] of steps.entries()) {
          const batch = {
            images: oracle.array(`image_${index}`),
            labels: oracle.array(`label_${index}`),
          };
          const result = step(state, batch, random.seed(0));
          state = result.state;
          const close = (what: string, actual: Tree, key: string, within: number) => {
            const difference = largestDifference(actual, oracle.tree(`after_step${index}_${key}`));
            assert(difference <= within, `${what} after step ${index} differ by ${difference}`);
          };
          close("parameters", state.params, "params", tolerance);
          close("batch statistics", state.state, "state", tolerance);
          const { momentum: accumulated } = state.optimizer as { momentum: Tree };
          close("momenta", accumulated, "momentum", momentum);
          const { loss, error, gradientNorm, parameterNorm } = result.metrics;
          near(loss, expected.train_loss[0], tolerance);
          near(error, expected.train_error_rate[0], 0);
          near(gradientNorm, expected.gradient_norm[0], tolerance);
          near(parameterNorm, expected.param_norm[0], 1e-4);
        }
        assertEquals(state.step.dataSync()[0], 3);
        compiled?.dispose();
        tf.engine().endScope();
        assertEquals(tf.memory().numTensors, before);
      },
    });
  }
}

function near(actual: tf.Tensor, expected: number, tolerance: number): void {
  const value = actual.dataSync()[0]!;
  assert(Math.abs(value - expected) <= tolerance, `Expected ${expected}, got ${value}`);
}
