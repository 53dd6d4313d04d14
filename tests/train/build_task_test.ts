/** What `buildTask` and `fit` make of a configuration, where no fixture looks. */
import { assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { join } from "node:path";
import { dataset, image, random, type TensorRecord, tf } from "../../lib/tensorflow/mod.ts";
import {
  type Batch,
  buildTask,
  type ClassificationTask,
  fit,
  type TrainConfig,
} from "../../lib/train/mod.ts";
import { trainStep } from "../../lib/train/step.ts";
import { sgd } from "../../lib/optim/mod.ts";
import { scoped, values } from "../_tensors.ts";
import { tinyConfig, withFolder } from "./_runs.ts";

const task = (changes: Partial<TrainConfig> = {}) => buildTask({ ...tinyConfig, ...changes });

/** CIFAR-10 of a hundred training images and ten test images, in the official layout. */
async function writeCifar10(dataDir: string): Promise<void> {
  const folder = join(dataDir, "cifar-10-batches-bin");
  await Deno.mkdir(folder);
  for (const batch of [1, 2, 3, 4, 5]) {
    await Deno.writeFile(join(folder, `data_batch_${batch}.bin`), new Uint8Array(20 * 3073));
  }
  await Deno.writeFile(join(folder, "test_batch.bin"), new Uint8Array(10 * 3073));
  const classes = Array.from({ length: 10 }, (_, label) => `class ${label}\n`);
  await Deno.writeTextFile(join(folder, "batches.meta.txt"), classes.join(""));
}

Deno.test("buildTask: evaluates on the test set, or on the last tenth of the training set", () =>
  withFolder(async (dataDir) => {
    await writeCifar10(dataDir);
    const sizes = async (evaluateOn: TrainConfig["evaluateOn"]) => {
      const changes = { dataset: "cifar10", trainCount: undefined, testCount: undefined };
      const config = { ...tinyConfig, ...changes, evaluateOn };
      const { trainExamples, testExamples } = await buildTask(config, { dataDir, download: false });
      return [trainExamples, testExamples];
    };
    assertEquals(await sizes("test"), [100, 10]);
    assertEquals(await sizes("validation"), [90, 10]);
    await Deno.writeFile(
      join(dataDir, "cifar-10-batches-bin/test_batch.bin"),
      new Uint8Array(3073),
    );
    assertEquals(await sizes("test"), [100, 1]);
    assertEquals(await sizes("validation"), [90, 10]);
  }));

Deno.test("buildTask: evaluates on both, each image where it belongs", () =>
  withFolder(async (dataDir) => {
    await writeCifar10(dataDir);
    const changes = { dataset: "cifar10", trainCount: 60, testCount: undefined };
    const load = (evaluateOn: TrainConfig["evaluateOn"]) =>
      buildTask({ ...tinyConfig, ...changes, evaluateOn }, { dataDir, download: false });
    await Deno.writeFile(
      join(dataDir, "cifar-10-batches-bin/test_batch.bin"),
      new Uint8Array(7 * 3073).fill(3),
    );
    const [both, test, validation] = [
      await load("both"),
      await load("test"),
      await load("validation"),
    ];
    assertEquals(
      [both.trainExamples, both.testExamples, both.validationExamples],
      [60, 7, 10],
    );
    assertEquals([test.validation, test.validationExamples], [undefined, undefined]);
    assertEquals(await imagesOf(both.evaluation), await imagesOf(test.evaluation));
    assertEquals(await imagesOf(both.validation!), await imagesOf(validation.evaluation));
    assertEquals(await imagesOf(both.training), await imagesOf(test.training));
  }));

Deno.test("buildTask: of both, files that are left out are told once, test images too", () =>
  withFolder(async (folder) => {
    const pixels = tf.zeros([8, 8, 3], "int32") as tf.Tensor3D;
    const whole = await image.encodePng(pixels);
    pixels.dispose();
    for (const split of ["train", "val"]) {
      for (const label of ["a", "b"]) {
        await Deno.mkdir(join(folder, split, label), { recursive: true });
        for (let i = 0; i < 10; i++) {
          const bytes = i === 9 && label === "a" ? whole.slice(0, 20) : whole;
          await Deno.writeFile(join(folder, split, label, `${i}.png`), bytes);
        }
      }
    }
    const { warnings } = await task({
      ...{ dataset: `folder:${folder}`, imageSize: 8, augmentation: "none", batchSize: 4 },
      ...{ evaluateOn: "both", corruptImages: "skip", trainCount: undefined, testCount: undefined },
    });
    const left = warnings!.filter((text) => text.startsWith("Left out"));
    assertEquals(
      left.map((text) => text.replace(`Left out ${folder}/`, "").split(":")[0]).sort(),
      ["train/a/9.png", "val/a/9.png"],
    );
  }));

/** Values and shapes of a set's images, batch by batch. */
async function imagesOf(batches: dataset.Dataset<Batch>) {
  const found: unknown[] = [];
  for await (const batch of batches.epoch(0)) {
    found.push([batch.images.shape, values(batch.images)]);
    tf.dispose([batch.images, batch.labels]);
  }
  return found;
}

Deno.test("buildTask: label noise differs by the run's seed", async () => {
  const noisy = async (seed: number) => {
    const { noisyLabels } = await task({ labelNoise: 0.4, seed });
    return [...noisyLabels!.labels];
  };
  assertEquals(await noisy(1), await noisy(1));
  assertNotEquals(await noisy(0), await noisy(1));
  assertNotEquals(await noisy(1), await noisy(2));
});

/** A set whose first tensor is read by `see` as its elements go by. */
function watched<T extends { labels: tf.Tensor }>(
  set: dataset.Dataset<T>,
  see: (labels: string) => void,
): dataset.Dataset<T> {
  return new Proxy(set, {
    get(target, name) {
      if (name === "skip") return (count: number) => watched(target.skip(count), see);
      if (name !== "epoch") return Reflect.get(target, name, target);
      return async function* (seed: number) {
        for await (const element of target.epoch(seed)) {
          see(element.labels.argMax(-1).dataSync().join());
          yield element;
        }
      };
    },
  });
}

async function batchesByEpoch(changes: Partial<TrainConfig>): Promise<string[]> {
  const built = await task(changes);
  const seen: string[] = [];
  const training = watched(
    built.training,
    (labels) => seen.push(labels),
  ) as ClassificationTask["training"];
  for await (const event of fit({ ...built, training })) void event;
  const steps = built.training.size;
  return [0, 1, 2].map((epoch) => seen.slice(epoch * steps, (epoch + 1) * steps).join(" "));
}

Deno.test("fit: each epoch has an order of its own, by the run's seed", async () => {
  const orders = await batchesByEpoch({ seed: 3 });
  assertEquals(new Set(orders).size, 3);
  assertEquals(orders, await batchesByEpoch({ seed: 3 }));
  assertEquals(new Set([...orders, ...await batchesByEpoch({ seed: 4 })]).size, 6);
});

Deno.test(
  "trainStep: each step has a seed of its own, made of the run's and its number",
  scoped(() => {
    const drawn: number[][] = [];
    const optimizer = sgd(0.1);
    const { init, step } = trainStep((params: TensorRecord, _batch: Batch, { seed }) => {
      drawn.push(values(seed));
      const zero = tf.scalar(0);
      return { grads: params, loss: zero, state: {}, metrics: { loss: zero, error: zero } };
    }, optimizer);
    const batch = { images: tf.zeros([1, 2, 2, 1]), labels: tf.zeros([1, 2]) };
    const variables: { params: TensorRecord; state: TensorRecord } = {
      params: { w: tf.ones([2]) },
      state: {},
    };
    for (const seed of [random.seed(1), random.seed(2)]) {
      let state = init(variables);
      for (let index = 0; index < 3; index++) ({ state } = step(state, batch, seed));
    }
    assertEquals(new Set(drawn.map(String)).size, 6);
    assertEquals(drawn[1], values(random.foldIn(random.seed(1), tf.scalar(1, "int32"))));
  }),
);

Deno.test(
  "buildTask: the configuration's momentum is that of either optimizer",
  async () => {
    for (const name of ["sgd", "rmsprop"] as const) {
      const { optimizer } = await task({ optimizer: name, momentum: 0.5 });
      tf.tidy(() => {
        const params = { w: tf.scalar(1) };
        const [, first] = optimizer.update({ w: tf.scalar(1) }, optimizer.init(params), params);
        const [, second] = optimizer.update({ w: tf.scalar(0) }, first, params);
        const [before, after] = [first, second].map((state) =>
          values((state as { momentum: TensorRecord }).momentum.w as tf.Tensor)[0]!
        );
        assertEquals(after, before! / 2, name);
      });
    }
  },
);

Deno.test("buildTask: schedules come to their end with the run", async () => {
  for (const [schedule, end] of [["constant", 0.1], ["cosine", 0], ["exponential", 0.0012]]) {
    const changes = { schedule, epochs: 5, learningRate: 0.1 } as Partial<TrainConfig>;
    const { learningRate, training } = await task(changes);
    const found = tf.tidy(() => values(learningRate(tf.scalar(5 * training.size)))[0]!);
    assertAlmostEquals(found, end as number, 1e-8);
  }
});

Deno.test("buildTask: additional skip connections are in the network", async () => {
  const logits = async (additionalSkipConnections: boolean) => {
    const { model } = await task({ additionalSkipConnections });
    return tf.tidy(() => {
      const images = random.normal(random.seed(1), [2, 28, 28, 1]);
      return values(model.apply(model.init(0, images.shape), images).output);
    });
  };
  assertNotEquals(await logits(true), await logits(false));
});
