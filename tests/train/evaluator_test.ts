/** What is evaluated at the end of an epoch, against sums over examples that are made here. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import type { NamedArrays } from "../../lib/checkpoints/mod.ts";
import type { dataset } from "../../lib/tensorflow/mod.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import {
  type Batch,
  buildTask,
  type ClassificationTask,
  ConfigError,
  type EpochRow,
  fit,
  latestCheckpoint,
  noisyEvaluationStep,
  type TrainConfig,
} from "../../lib/train/mod.ts";
import { treeFromArrays } from "../../lib/train/_state_arrays.ts";
import { testData } from "../_data_dir.ts";
import { testUnless } from "../_skip.ts";
import { withoutLeaks } from "../_tensors.ts";
import { ofType, tinyConfig, withFolder } from "./_runs.ts";

function test(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test(`evaluator: ${name}`, () => withoutLeaks(() => withFolder(body)));
}

/** One epoch of three steps; a rest of ten examples is not trained on. */
const config = { ...tinyConfig, epochs: 1, labelSmoothing: 0.1 };

/** Trains, and gives the last row with the state that was evaluated. */
async function trained(folder: string, changes: Partial<TrainConfig>) {
  const task = await buildTask({ ...config, ...changes });
  const events = await Array.fromAsync(fit(task, { folder }));
  const { arrays } = (await latestCheckpoint(folder))!;
  return { task, arrays, row: ofType(events, "epoch").at(-1)!.row };
}

/** The logits of a set by the parameters below a name in a checkpoint, and its labels. */
async function predicted(
  { model, inputShape }: ClassificationTask,
  arrays: NamedArrays,
  batches: dataset.Dataset<Batch>,
) {
  const logits: number[][] = [];
  const labels: number[] = [];
  for await (const batch of batches.epoch()) {
    tf.tidy(() => {
      const { params, state } = model.init(0, inputShape);
      const initial = { params, state };
      const own = Object.entries(arrays).filter(([name]) => /^(params|state)\//.test(name));
      const variables = treeFromArrays(Object.fromEntries(own), initial, "");
      logits.push(...model.apply(variables, batch.images).output.arraySync() as number[][]);
      labels.push(...batch.labels.argMax(1).dataSync());
    });
    tf.dispose([batch.images, batch.labels]);
  }
  return { logits, labels };
}

/** Smoothed cross-entropy of an example, in float64. */
function lossOf(logits: readonly number[], label: number): number {
  const norm = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  return logits.reduce((sum, logit, index) => {
    const target = 0.9 * Number(index === label) + 0.1 / logits.length;
    return sum + target * (norm - logit);
  }, 0);
}

/** How many logits are larger than the label's. */
function rankOf(logits: readonly number[], label: number): number {
  return logits.filter((logit) => logit > logits[label]!).length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

interface Examples {
  readonly logits: readonly number[][];
  readonly labels: ArrayLike<number>;
}

/** Throws unless a row has the figures of some of these examples under a name. */
function assertFigures(
  row: EpochRow,
  name: string,
  { logits, labels }: Examples,
  indices = logits.map((_, index) => index),
) {
  const figures = row as unknown as Record<string, number>;
  const ranks = indices.map((index) => rankOf(logits[index]!, labels[index]!));
  const losses = indices.map((index) => lossOf(logits[index]!, labels[index]!));
  assertAlmostEquals(figures[`${name}Loss`]!, mean(losses), 1e-5);
  assertAlmostEquals(figures[`${name}Error`]!, mean(ranks.map((rank) => Number(rank >= 1))), 1e-6);
  const top5 = figures[`${name}Top5Error`];
  if (top5 === undefined) return;
  assertAlmostEquals(top5, mean(ranks.map((rank) => Number(rank >= 5))), 1e-6);
}

const FIGURES = /Loss$|Error$/;
const figuresOf = (row: EpochRow) => Object.keys(row).filter((name) => FIGURES.test(name));

test("the test set alone, unless more is asked for", async (folder) => {
  const { row } = await trained(folder, {});
  assertEquals(figuresOf(row), ["trainLoss", "trainError", "testLoss", "testError"]);
});

test("the whole training set without augmentation, and top-5 errors", async (folder) => {
  const { task, arrays, row } = await trained(folder, {
    evaluateTrainingSet: true,
    evaluateTop5: true,
    batchAugmentation: "mixup",
  });
  assertEquals(figuresOf(row), [
    ...["trainLoss", "trainError", "testLoss", "testError", "testTop5Error"],
    ...["evalOnTrainLoss", "evalOnTrainError", "evalOnTrainTop5Error"],
  ]);
  const plain = await buildTask({ ...config, testCount: 70, augmentation: "none" });
  const { logits, labels } = await predicted(task, arrays, task.trainEvaluation!);
  assertEquals(logits.length, 70);
  assertFigures(row, "evalOnTrain", { logits, labels });
  const tested = await predicted(task, arrays, task.evaluation);
  assertFigures(row, "test", tested);
  assert(row.testTop5Error! > 0 && row.testTop5Error! < row.testError!);
  // The training set's images in its order, as they are.
  const first = async (batches: dataset.Dataset<Batch>, seed?: number) => {
    for await (const { images, labels } of batches.epoch(seed)) {
      const values = [...images.dataSync()];
      tf.dispose([images, labels]);
      return values;
    }
  };
  assertEquals(await first(task.trainEvaluation!), await first(task.trainEvaluation!, 7));
  const images = (await first(task.trainEvaluation!))!;
  const size = images.length / 20;
  const seen = new Set<string>();
  for await (const batch of plain.training.epoch(3)) {
    const all = batch.images.dataSync();
    for (let i = 0; i < 20; i++) seen.add(all.slice(i * size, (i + 1) * size).join());
    tf.dispose([batch.images, batch.labels]);
  }
  const whole = [...Array(20).keys()].filter((i) =>
    seen.has(images.slice(i * size, (i + 1) * size).join())
  );
  assert(whole.length >= 10, `${whole.length} of 20 are trained on without augmentation`);
});

test("validation images beside the test set", async (folder) => {
  const { task, arrays, row } = await trained(folder, { evaluateOn: "both", evaluateTop5: true });
  assertEquals(figuresOf(row), [
    ...["trainLoss", "trainError", "testLoss", "testError", "testTop5Error"],
    ...["validationLoss", "validationError", "validationTop5Error"],
  ]);
  assertFigures(row, "validation", await predicted(task, arrays, task.validation!));
  assertFigures(row, "test", await predicted(task, arrays, task.evaluation));
  assertNotEquals(row.validationLoss, row.testLoss);
});

test("true and wrong labels apart, at the parameters and not at their average", async (folder) => {
  const { task, arrays, row } = await trained(folder, {
    evaluateTrainingSet: true,
    evaluateTop5: true,
    labelNoise: 0.4,
    emaDecay: 0.9,
  });
  const { logits } = await predicted(task, arrays, task.trainEvaluation!);
  const { labels, trueLabels } = task.noisyLabels!;
  const all = logits.map((_, index) => index);
  const [right, wrong] = [false, true].map((isWrong) =>
    all.filter((index) => (labels[index] !== trueLabels[index]) === isWrong)
  );
  assertEquals([right!.length, wrong!.length], [42, 28]);
  assertFigures(row, "evalOnTrain", { logits, labels });
  assertFigures(row, "evalOnTrueLabels", { logits, labels }, right);
  assertFigures(row, "evalOnWrongLabels", { logits, labels }, wrong);
  assertFigures(row, "evalOnCorrectedLabels", { logits, labels: trueLabels }, wrong);
  assert(row.evalOnWrongLabelsError !== row.evalOnCorrectedLabelsError);
  assertAlmostEquals(
    row.evalOnTrainError!,
    (42 * row.evalOnTrueLabelsError! + 28 * row.evalOnWrongLabelsError!) / 70,
    1e-6,
  );
});

Deno.test("evaluator: what is lost of one part is not lost of the others", () => {
  tf.tidy(() => {
    const oneHot = (labels: number[]) => tf.oneHot(tf.tensor1d(labels, "int32"), 2).toFloat();
    const output = tf.tensor2d([[Infinity, 0], [0, 0]]);
    const model = { apply: () => ({ output }) } as unknown as ClassificationTask["model"];
    const step = noisyEvaluationStep(model);
    const batch = { images: output, labels: oneHot([0, 0]), trueLabels: oneHot([1, 0]) };
    const sums = step({ params: {}, state: {} }, batch);
    assertAlmostEquals(sums.trueLabelsLoss.dataSync()[0]!, Math.log(2), 1e-6);
    assertEquals(sums.trueLabelsErrors.dataSync()[0], 0);
    assert(!Number.isFinite(sums.wrongLabelsLoss.dataSync()[0]!));
    assertEquals(sums.correctedLabelsErrors.dataSync()[0], 1);
  });
});

test("an average with its own batch statistics, and the last parameters with theirs", async (folder) => {
  const { task, arrays, row } = await trained(folder, { emaDecay: 0.9 });
  const averages = Object.fromEntries(
    Object.entries(arrays).filter(([name]) => name.startsWith("average/"))
      .map(([name, array]) => [name.slice("average/".length), array]),
  );
  assertFigures(row, "test", await predicted(task, averages, task.evaluation));
  assertFigures(row, "lastTest", await predicted(task, arrays, task.evaluation));
});

test("a rate that makes no label wrong leaves those figures out", async (folder) => {
  const { row } = await trained(folder, { evaluateTrainingSet: true, labelNoise: 0.001 });
  const figures = figuresOf(row).filter((name) => name.startsWith("evalOn"));
  assertEquals(figures, [
    ...["evalOnTrainLoss", "evalOnTrainError"],
    ...["evalOnTrueLabelsLoss", "evalOnTrueLabelsError"],
  ]);
  assertEquals(row.evalOnTrueLabelsLoss, row.evalOnTrainLoss);
});

const folders = testData("tiny_imagenet_2");

testUnless(
  folders.missing,
  "evaluator: a training set of files is evaluated in its order, by the crop in the middle",
  () =>
    withoutLeaks(async () => {
      const changes = { dataset: `folder:${folders.path}`, imageSize: 16, batchSize: 32 };
      const { trainCount: _, testCount: __, ...others } = config;
      const wanted = { ...others, ...changes, labelNoise: 0.5, evaluateTrainingSet: true };
      const { trainEvaluation, trainExamples, noisyLabels } = await buildTask(wanted);
      const labels: number[] = [];
      let sum = 0;
      for await (const batch of trainEvaluation!.epoch()) {
        labels.push(...tf.tidy(() => batch.labels.argMax(1).dataSync()));
        sum += tf.tidy(() => batch.images.sum().dataSync()[0]!);
        tf.dispose([batch.images, batch.labels]);
      }
      assertEquals(labels.length, trainExamples);
      assertEquals(labels, [...noisyLabels!.labels]);
      assert(trainExamples % 32 !== 0 && Number.isFinite(sum));
      const error = await assertRejects(
        () => buildTask({ ...wanted, evaluateTop5: true }),
        ConfigError,
        "Cannot evaluate the top-5 error of 2 classes: it is 0 unless there are more than 5",
      );
      assertEquals(error.key, "evaluateTop5");
    }),
);

Deno.test("evaluator: a training set of records is evaluated to the last one", () =>
  withoutLeaks(async () => {
    const records = new URL("../goldens/records", import.meta.url).pathname;
    const { trainCount: _, testCount: __, ...others } = config;
    const { trainEvaluation } = await buildTask({
      ...others,
      dataset: `records:${records}`,
      imageSize: 16,
      batchSize: 2,
      evaluateTrainingSet: true,
    });
    const sizes: number[] = [];
    for await (const batch of trainEvaluation!.epoch()) {
      sizes.push(batch.images.shape[0]!);
      tf.dispose([batch.images, batch.labels]);
    }
    assertEquals(sizes, [2, 1]);
  }));

Deno.test("evaluator: impossible evaluations are errors of the configuration", async () => {
  for (const evaluateEvery of [0, 1.5, NaN]) {
    const error = await assertRejects(() => buildTask({ ...config, evaluateEvery }), ConfigError);
    assertEquals(error.key, "evaluateEvery");
  }
});
