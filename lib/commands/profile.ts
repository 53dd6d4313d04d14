import { writeDurably } from "../system/mod.ts";
import { buildModel, modelImageSize } from "../models/mod.ts";
import { sam, sgd, valueAndGrad } from "../optim/mod.ts";
import { profile } from "../profile/mod.ts";
import {
  lacksBfloat16Units,
  leaves,
  type Precision,
  PRECISIONS,
  random,
  tf,
} from "../tensorflow/mod.ts";
import { crossEntropy, defaultConfig, trainStep } from "../train/mod.ts";
import { describeFlags, type Flag, parseFlags, UsageError } from "./_flags.ts";

const flags: Record<string, Flag> = {
  "model": { type: "text", default: defaultConfig.model, description: "Model, as of train" },
  "batch-size": { type: "integer", min: 1, default: 64, description: "Examples in a step" },
  "image-size": {
    type: "integer",
    min: 1,
    description: "Height and width of the images (default the network's, else 32)",
  },
  "classes": { type: "integer", min: 1, default: 10, description: "Classes" },
  "precision": {
    type: "text",
    choices: PRECISIONS,
    default: defaultConfig.precision,
    description: "What convolutions and products compute in",
  },
  "sam-rho": {
    type: "number",
    min: 0,
    default: defaultConfig.samRho,
    description: "Radius rho of SAM's neighbourhood; 0: SGD, one pass",
  },
  "runs": { type: "integer", min: 1, default: 5, description: "Steps that count" },
  "trace": { type: "text", description: "Write a trace for Perfetto or TensorBoard to this file" },
  "help": { type: "switch", description: "Show this" },
};

const help = `Tells where the time and memory of a training step go, by layer and by operation, as
TensorFlow itself measures them. The step is the trainer's, on random images.

Usage: deno task profile [options]

${describeFlags(flags)}

Layers are told in the order of the network, with what their outputs are held in; activations and
sums belong to the layer before them. "ascent" is SAM's first pass, "descent" its second, "update"
all else. Operations that run at the same time overlap, so that their sum may exceed the step. A
trace opens at ui.perfetto.dev.`;

/**
 * The command `profile`.
 *
 * @param print writes a line to standard output
 * @returns the exit code
 * @throws UsageError for a command line that cannot be carried out
 */
export async function profileCommand(
  args: readonly string[],
  print: (line: string) => void,
): Promise<number> {
  const given = parseFlags(args, flags);
  if (given.help) {
    print(help);
    return 0;
  }
  const valueOf = (name: string) => given[name] ?? flags[name]!.default;
  const precision = valueOf("precision") as Precision;
  const reason = precision === "bfloat16" ? lacksBfloat16Units() : undefined;
  if (reason !== undefined) print(`bfloat16 is not faster than float32 here, as ${reason}`);
  const { step, arguments: owned } = stepOf({
    name: String(valueOf("model")),
    batchSize: Number(valueOf("batch-size")),
    imageSize: given["image-size"] as number | undefined,
    classes: Number(valueOf("classes")),
    rho: Number(valueOf("sam-rho")),
  });
  try {
    const found = profile(step, owned, { precision, runs: Number(valueOf("runs")) });
    print(`${found}`);
    if (given.trace !== undefined) {
      await writeDurably(String(given.trace), [new TextEncoder().encode(found.trace())]);
      print(`\nTrace: ${given.trace}`);
    }
    return 0;
  } finally {
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
  const { weightDecay, momentum, gradientClipping, learningRate } = defaultConfig;
  const gradient = sam(valueAndGrad(crossEntropy(model, { weightDecay })), { rho });
  const optimizer = sgd(learningRate, { momentum, nesterov: true });
  const { init, step } = trainStep(gradient, optimizer, { gradientClipping });
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
