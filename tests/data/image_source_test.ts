/** Own data sets that batches would be silently wrong of, or fail in the middle of training. @module */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { data, models, nn, tf } from "../../mod.ts";

const set = (parts: Record<string, unknown> = {}) => ({
  images: new Uint8Array(4 * 64),
  labels: Int32Array.of(0, 1, 0, 1),
  shape: [8, 8, 1],
  ...parts,
});

const sourceOf = (parts: Record<string, unknown>) =>
  data.imageSource({
    name: "own",
    classes: ["dark", "bright"],
    train: set(),
    test: set(),
    mean: [0.5],
    standardDeviation: [0.5],
    ...parts,
  } as unknown as data.ImageClassification);

const REFUSED: [parts: Record<string, unknown>, message: string][] = [
  [
    { train: set({ labels: Int32Array.of(0, 1, 2, 1) }) },
    "train has the label 2 at 2: labels are from 0 to 1",
  ],
  [{ test: set({ labels: Int32Array.of(-1, 1, 0, 1) }) }, "test has the label -1 at 0: labels are"],
  [{ train: set({ labels: [0, 1, 0, 1] }) }, "train has labels that are no Int32Array"],
  [{ train: set({ images: new Float32Array(4 * 64) }) }, "train has images that are no Uint8Array"],
  [
    { train: set({ images: new Uint8Array(5) }) },
    "train has 5 pixels, and 4 labels of images [8,8,1] need 256",
  ],
  [{ train: set({ shape: [8, 8] }) }, "train has images of shape [8,8], which must be [height"],
  [
    { test: set({ shape: [8, 4, 1], images: new Uint8Array(4 * 32) }) },
    "images of test are [8,4,1], and of",
  ],
  [{ test: undefined }, "test is undefined, and must be examples with a shape"],
  [
    { train: { ...set({ images: undefined }), paths: ["a.png"], allJpeg: false } },
    "train has 1 files and 4 labels",
  ],
  [{ classes: ["one"] }, "it has the classes one, and must have at least two"],
  [
    { mean: [0.5, 0.5, 0.5] },
    "its mean is [0.5,0.5,0.5], and must have a finite number for each channel",
  ],
  [{ mean: [NaN] }, "its mean is [NaN], and must have a finite number"],
  [
    { standardDeviation: [0] },
    "its standardDeviation is [0], and must have a finite number above 0",
  ],
];

for (const [parts, message] of REFUSED) {
  Deno.test(`an own data set is refused: ${message}`, () => {
    // Files have no images beside their paths.
    const { train } = parts as { train?: Record<string, unknown> };
    if (train?.paths) delete train.images;
    assertThrows(() => sourceOf(parts), RangeError, `Cannot make batches of own: ${message}`);
  });
}

Deno.test("an augmentation that is neither a function nor a name is refused", () => {
  const source = sourceOf({});
  for (const options of [{ augmentation: 3 }, { batchAugmentation: {} }]) {
    const given = { batchSize: 2, ...options } as unknown as data.TrainingBatchOptions;
    assertThrows(() => source.training(given), TypeError, "give a function, or the name of one");
  }
});

Deno.test("an augmentation that gives something else than images, or no labels, is refused", () => {
  const source = sourceOf({});
  const nothing = () => undefined;
  const unlabelled = ({ images }: { images: tf.Tensor }) => ({ images });
  const training = (options: Record<string, unknown>) => () =>
    source.training({ batchSize: 2, ...options } as unknown as data.TrainingBatchOptions);
  assertThrows(
    training({ augmentation: nothing }),
    TypeError,
    "Cannot augment by nothing: it gives undefined, and must give a tensor",
  );
  for (const [batchAugmentation, found] of [[nothing, "no images"], [unlabelled, "no labels"]]) {
    const message = `it gives ${found}, and must give { images, labels }`;
    assertThrows(training({ batchAugmentation }), TypeError, message);
  }
});

Deno.test("what is no function is not registered, and one that gives something else is named", async () => {
  const three = 3 as never;
  const message = "and must be a function";
  assertThrows(() => data.registerDataset("no_function", three), TypeError, message);
  assertThrows(() => data.registerAugmentation("no_function", three), TypeError, message);
  assertThrows(() => data.registerBatchAugmentation("no_function", three), TypeError, message);
  assertThrows(() => models.registerModel("no_function", three), TypeError, message);
  data.registerDataset("gives_nothing", (() => undefined) as never);
  await assertRejects(
    () => data.loadDataset("gives_nothing"),
    TypeError,
    'Cannot load data set "gives_nothing": its loader gives undefined',
  );
  models.registerModel("gives_nothing", (() => undefined) as never);
  assertThrows(
    () => models.buildModel("gives_nothing", { classes: 2 }),
    TypeError,
    'Cannot build model "gives_nothing": its builder gives undefined',
  );
});

Deno.test("a module has to give a tensor, by names of which none lies in another", () => {
  assertThrows(() => nn.model(3 as never), TypeError, "Cannot make a model of 3: give a function");
  for (
    const [given, words] of [[undefined, "undefined"], [1, "1"], [Promise.resolve(), "a promise"]]
  ) {
    const model = nn.model((() => given) as never);
    const message = `Cannot apply the model: its module gives ${words}, and must give a tensor`;
    assertThrows(() => model.init(0, [1, 2]), TypeError, message);
    const x = tf.ones([1, 2]);
    assertThrows(() => model.apply({ params: {}, state: {} }, x), TypeError, message);
    x.dispose();
  }
  for (const names of [["a", "a/b"], ["a/b", "a"]]) {
    const inside = nn.model((scope, x) => {
      for (const name of names) scope.param(name, [2], nn.zeros);
      return x;
    });
    assertThrows(() => inside.init(0, [1, 2]), Error, "one lies in the other");
  }
  assertEquals(nn.model((_scope, x) => x).shapes([1, 2]).output, [1, 2]);
});
