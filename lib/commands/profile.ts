import { choice, entry, integer, number, optionalEntry, text } from "../schema/mod.ts";
import { writeDurably, writing } from "../system/mod.ts";
import { buildModel, modelImageSize, modelNames } from "../models/mod.ts";
import { sam, sgd, valueAndGrad } from "../optim/mod.ts";
import { profile } from "../profile/mod.ts";
import { lacksBfloat16Units, leaves, random, tf } from "../tensorflow/mod.ts";
import { type Output, printer } from "../terminal/mod.ts";
import { crossEntropyLoss, defaultConfig, trainStep } from "../train/mod.ts";
import { readCommandLine } from "./_command.ts";
import { UsageError } from "./_flags.ts";

export const command = {
  name: "profile",
  about: `Tells where the time and memory of a training step go, by layer and by operation, as
TensorFlow and oneDNN themselves measure them. The step is the trainer's, on random images.`,
  names: { "model": modelNames },
  flags: {
    "model": entry(text(), "Model, as of train", defaultConfig.model),
    "batch-size": entry(integer({ min: 1 }), "Examples in a step", 64),
    "image-size": optionalEntry(
      integer({ min: 1 }),
      "Height and width of the images (default the network's, else 32)",
    ),
    "classes": entry(integer({ min: 1 }), "Classes", 10),
    "precision": entry(
      choice("float32", "bfloat16"),
      "What convolutions and products compute in",
      defaultConfig.precision,
    ),
    "sam-rho": entry(
      number({ min: 0 }),
      "Radius rho of SAM's neighbourhood; 0: SGD, one pass",
      defaultConfig.samRho,
    ),
    "runs": entry(integer({ min: 1 }), "Steps that count", 5),
    "trace": optionalEntry(text(), "Write a trace for Perfetto or TensorBoard to this file"),
  },
  after:
    `Layers are told in the order of the network, with what they compute in; activations and sums
belong to the layer before them. "ascent" is SAM's first pass, "descent" its second, "update" all
else. Operations that run at the same time overlap, so that their sum may exceed the step. oneDNN's
table tells by which instructions each of its primitives was computed, and in what; those with bf16
or amx in their name are units for bfloat16. A trace opens at ui.perfetto.dev.`,
};

/** Makes oneDNN tell what it executes; it asks at its first use, which is the step's. */
const ONEDNN = "ONEDNN_VERBOSE";

/**
 * The command `profile`.
 *
 * @param output standard output
 * @returns the exit code
 * @throws UsageError for a command line that cannot be carried out
 */
export async function profileCommand(args: readonly string[], output: Output): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  const print = printer(output);
  const { model: name, classes, precision, runs, trace } = given.flags;
  const reason = precision === "bfloat16" ? lacksBfloat16Units() : undefined;
  if (reason !== undefined) {
    print(`bfloat16 is several times slower than float32 here, as ${reason}`);
  }
  const { step, arguments: owned } = stepOf({
    name,
    batchSize: given.flags["batch-size"],
    imageSize: given.flags["image-size"],
    classes,
    rho: given.flags["sam-rho"],
  });
  const asked = Deno.env.get(ONEDNN);
  if (asked === undefined) Deno.env.set(ONEDNN, "profile_exec");
  try {
    const found = profile(step, owned, { precision, runs });
    print(`${found}`);
    if (trace !== undefined) {
      await writing(trace, () => writeDurably(trace, [new TextEncoder().encode(found.trace())]));
      print(`\nTrace: ${trace}`);
    }
    return 0;
  } finally {
    if (asked === undefined) Deno.env.delete(ONEDNN); // not for what this process starts
    tf.dispose(leaves(owned));
  }
}

interface StepSettings {
  readonly name: string;
  readonly batchSize: number;
  readonly imageSize: number | undefined;
  readonly classes: number;
  readonly rho: number;
}

/** The trainer's step with the paper's settings, and what it takes, which is the caller's. */
function stepOf({ name, batchSize, imageSize, classes, rho }: StepSettings) {
  const model = modelOf(name, classes, imageSize);
  const size = imageSize ?? modelImageSize(name) ?? 32;
  const { weightDecay, momentum, learningRate } = defaultConfig;
  const gradient = sam(valueAndGrad(crossEntropyLoss(model, { weightDecay })), { rho });
  const optimizer = sgd(learningRate, { momentum, nesterov: true });
  const { init, step } = trainStep(gradient, optimizer, { gradientClipping: 5 });
  const labels = tf.tidy(() =>
    tf.oneHot(
      tf.tensor1d(Array.from({ length: batchSize }, (_, i) => i % classes), "int32"),
      classes,
    )
      .toFloat()
  );
  const images = tf.tidy(() => random.normal(random.seed(1), [batchSize, size, size, 3]));
  const owned: Parameters<typeof step> = [
    init(model.init(0, images.shape)),
    { images, labels },
    random.seed(0),
  ];
  return { step, arguments: owned };
}

function modelOf(name: string, classes: number, imageSize: number | undefined) {
  try {
    return buildModel(name, { classes, ...imageSize !== undefined && { imageSize } });
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`--model: ${error.message}`) : error;
  }
}
