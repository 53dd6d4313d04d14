/**
 * From a configuration to a trained network, against the original code: what `buildTask` and `fit` put
 * together, with the fixtures' batches and initial variables.
 */
import { assert, assertEquals } from "@std/assert";
import type { NamedArrays } from "../../lib/checkpoints/safetensors.ts";
import { dataset, tf } from "../../lib/tensorflow/mod.ts";
import { toArrays } from "../../lib/train/_state_arrays.ts";
import {
  buildTask,
  type ClassificationTask,
  defaultConfig,
  type EpochEvent,
  fit,
  latestCheckpoint,
  saveCheckpoint,
  type TrainConfig,
} from "../../lib/train/mod.ts";
import { trainStep } from "../../lib/train/step.ts";
import { type Fixture, fixture, recordOf } from "../_fixtures.ts";
import { assertMatches, type Sample } from "../_samples.ts";
import { withoutLeaks } from "../_tensors.ts";
import { ofType, withFolder } from "./_runs.ts";

const RUNS = [
  "small_sgd",
  "small_sam",
  "small_sam_ls",
  "small_sam_nowdbn",
  "small_sam_clip",
  "small_sam_noclip",
  "small_sam_rmsprop",
  "small_sgd_ema",
  "small_sgd_ema_late",
];
const TOLERANCE = 1e-5;
/** A fixture's settings as a configuration. */
function configOf({ scalars: { flags } }: Fixture): TrainConfig {
  return {
    ...defaultConfig,
    dataset: "synthetic_16",
    trainCount: 24,
    testCount: 24,
    model: "wide_resnet_10_1",
    epochs: 1,
    batchSize: 8,
    schedule: "constant",
    learningRate: flags.learning_rate,
    weightDecay: flags.weight_decay,
    weightDecayScope: flags.no_weight_decay_on_bn ? "kernels" : "all",
    optimizer: flags.use_rmsprop ? "rmsprop" : "sgd",
    samRho: flags.sam_rho,
    gradientClipping: flags.gradient_clipping || "none",
    labelSmoothing: flags.label_smoothing,
    emaDecay: flags.ema_decay || "none",
    evaluateTop5: true,
  };
}

/** The three batches of a fixture, in their order. */
function batchesOf(oracle: Fixture): ClassificationTask["training"] {
  const joined = (name: string) => {
    const whole = tf.tidy(() => tf.concat([0, 1, 2].map((at) => oracle.array(`${name}_${at}`))));
    const source = { values: whole.dataSync() as Float32Array, shape: whole.shape };
    whole.dispose();
    return source;
  };
  return dataset.fromArrays({ images: joined("image"), labels: joined("label") }).batch(8);
}

/** The task of a configuration with a fixture's batches and initial variables. */
async function taskOf(oracle: Fixture): Promise<ClassificationTask> {
  const batches = batchesOf(oracle);
  return {
    ...await buildTask(configOf(oracle)),
    training: batches,
    evaluation: batches,
    trainEvaluation: batches,
    inputShape: oracle.array("image_0").shape,
    restore: () => ({
      variables: { params: oracle.tree("init_params"), state: oracle.tree("init_state") },
      replaced: [],
    }),
  };
}

/** A checkpoint of a run that has taken so many steps, as if they had changed nothing. */
async function saveAfter(steps: number, folder: string, task: ClassificationTask): Promise<void> {
  const before = task.restore!(task.model.init(0, task.inputShape)).variables;
  const state = trainStep(task.gradient, task.optimizer, task).init(before);
  const arrays = toArrays({ ...state, step: tf.scalar(steps, "int32") });
  await saveCheckpoint(folder, {
    epoch: 0,
    step: 0,
    arrays,
    metadata: { stepInEpoch: "0", loss: "0", error: "0" },
  });
}

/** Throws unless the arrays below a name are those of a tree. */
function assertNear(arrays: NamedArrays, name: string, golden: Sample, tolerance: number): void {
  const below = Object.entries(arrays).filter(([path]) => path.startsWith(`${name}/`));
  tf.tidy(() => {
    const found = recordOf(below.map(([path, array]) => [path.slice(name.length + 1), array]));
    assertMatches(found, golden, tolerance, name);
  });
}

function near(actual: number, expected: number, what: string): void {
  assert(Math.abs(actual - expected) <= TOLERANCE, `${what} is ${actual}, not ${expected}`);
}

/** The original's tags in TensorBoard, and what has its means over the epoch's steps. */
const SUMMARY: Readonly<Record<string, (event: EpochEvent) => number>> = {
  train_loss: ({ row }) => row.trainLoss,
  train_error_rate: ({ row }) => row.trainError,
  gradient_norm: ({ gradientNorm }) => gradientNorm,
  param_norm: ({ parameterNorm }) => parameterNorm,
  learning_rate: ({ learningRate }) => learningRate!,
};

/**
 * The top-5 error by the original's value, which is 1 − the hits of a batch, in the mean over three
 * batches of eight.
 */
function top5ErrorOf({ top_5_error_rate: wrong }: { readonly top_5_error_rate: number }): number {
  return 1 - 3 * (1 - wrong) / 24;
}

/** Mean cross-entropy of variables in a checkpoint with label smoothing, in float64. */
function lossOf(
  arrays: NamedArrays,
  names: { readonly params: string; readonly state: string },
  oracle: Fixture,
  { model }: ClassificationTask,
  alpha = 0,
): number {
  const below = (name: string) =>
    recordOf(
      Object.entries(arrays).filter(([path]) => path.startsWith(`${name}/`))
        .map(([path, array]) => [path.slice(name.length + 1), array]),
    );
  const variables = { params: below(names.params), state: below(names.state) };
  const losses = [0, 1, 2].flatMap((index) => {
    const labels = oracle.array(`label_${index}`).arraySync() as number[][];
    const { output } = model.apply(variables, oracle.array(`image_${index}`));
    return (output.arraySync() as number[][]).map((logits, example) => {
      const logSum = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
      return logits.reduce((loss, logit, label) => {
        const target = (1 - alpha) * labels[example]![label]! + alpha / logits.length;
        return loss - target * (logit - logSum);
      }, 0);
    });
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

for (const name of RUNS) {
  Deno.test({
    name: `wiring: ${name} through buildTask and fit, as the reference`,
    fn: () =>
      withoutLeaks(() =>
        withFolder(async (folder) => {
          tf.engine().startScope();
          const oracle = fixture(name);
          const { per_step: expected, eval_after: evaluated, flags } = oracle.scalars;
          const task = await taskOf(oracle);
          const first = expected[0].step_after - 1;
          if (first > 0) await saveAfter(first, folder, task);
          const events = await Array.fromAsync(fit(task, { folder }));
          for (const [index, { loss, metrics, gradientNorm }] of ofType(events, "step").entries()) {
            near(loss, expected[index].train_loss[0], "loss");
            near(metrics.error!, expected[index].train_error_rate[0], "error");
            near(gradientNorm, expected[index].gradient_norm[0], "gradient norm");
          }
          const epoch = ofType(events, "epoch")[0]!;
          const { row } = epoch;
          const { logged_epoch_summary: logged } = oracle.scalars;
          assertEquals(Object.keys(logged).sort(), Object.keys(SUMMARY).sort());
          for (const [tag, valueOf] of Object.entries(SUMMARY)) {
            near(valueOf(epoch), logged[tag].value, tag);
          }
          near(epoch.lastGradientNorm, expected[2].gradient_norm[0], "last gradient norm");
          near(epoch.lastParameterNorm, expected[2].param_norm[0], "last parameter norm");
          const { arrays } = (await latestCheckpoint(folder))!;
          assertNear(arrays, "params", oracle.sample("final_params"), TOLERANCE);
          assertNear(arrays, "state", oracle.sample("final_state"), TOLERANCE);
          assertNear(arrays, "optimizer/momentum", oracle.sample("final_momentum"), 5 * TOLERANCE);
          if (flags.use_rmsprop) {
            assertNear(arrays, "optimizer/v", oracle.sample("final_v"), 5 * TOLERANCE);
          }
          if (flags.ema_decay > 0) {
            assertNear(arrays, "average/params", oracle.sample("ema_params_2"), TOLERANCE);
            assertNear(arrays, "average/state", oracle.sample("ema_state_2"), TOLERANCE);
          } else {
            // The fixture's evaluation was made without label smoothing; the reference's has it.
            const smoothed = flags.label_smoothing > 0;
            const wanted = smoothed
              ? lossOf(arrays, { params: "params", state: "state" }, oracle, task, 0.1)
              : evaluated.loss;
            assert(!smoothed || Math.abs(wanted - evaluated.loss) > 0.01);
            near(row.testLoss!, wanted, "test loss");
            near(row.evalOnTrainLoss!, wanted, "loss on the training set");
          }
          const hasAverage = flags.ema_decay > 0;
          const last = {
            error: hasAverage ? row.lastTestError : row.testError,
            top5Error: hasAverage ? row.lastTestTop5Error : row.testTop5Error,
          };
          near(last.error!, evaluated.error_rate, "test error");
          near(last.top5Error!, top5ErrorOf(evaluated), "top-5 error");
          near(row.evalOnTrainError!, evaluated.error_rate, "error on the training set");
          near(row.evalOnTrainTop5Error!, top5ErrorOf(evaluated), "the same, top-5");
          if (hasAverage) {
            near(row.lastTestLoss!, evaluated.loss, "test loss at the last parameters");
            const average = { params: "average/params", state: "average/state" };
            near(row.testLoss!, lossOf(arrays, average, oracle, task), "test loss at the average");
            // The average of the first steps is the last parameters.
            assertEquals(Math.abs(row.testLoss! - evaluated.loss) > 1e-3, first > 0);
          }
          tf.engine().endScope();
        })
      ),
  });
}
