/**
 * Three training steps of networks whose steps the original's fixtures lack, against PyTorch's in
 * float64 from the same variables, images and draws: `goldens/networks_twin.py`.
 */
import { decodeSafetensors } from "../../lib/checkpoints/mod.ts";
import { buildModel, efficientNet, resNet } from "../../lib/models/mod.ts";
import type { Model } from "../../lib/nn/mod.ts";
import { sam, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import { namedLeaves, random, type TensorRecord, tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { crossEntropyLoss } from "../../lib/train/loss.ts";
import { trainStep } from "../../lib/train/step.ts";
import { filledTree, filledUniform } from "../_filled.ts";
import { tinyEfficientNet } from "../models/_tiny_efficientnet.ts";
import { totalOf } from "../_samples.ts";
import { assertClose, assertSameBits, scoped, values } from "../_tensors.ts";

const GOLDEN = new URL("../goldens/networks_twin.safetensors", import.meta.url);
const { arrays, metadata } = decodeSafetensors(Deno.readFileSync(GOLDEN));
const settings: Settings = JSON.parse(metadata.settings!);

/** What the script tells of the runs. */
interface Settings {
  readonly batch: number;
  readonly classes: number;
  readonly steps: number;
  /** Entries of each leaf that are compared. */
  readonly samples: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** By method. */
  readonly rho: Readonly<Record<string, number>>;
  readonly networks: Readonly<Record<string, NetworkSettings>>;
}

interface NetworkSettings {
  /** Height and width of the images. */
  readonly size: number;
  readonly learningRate: number;
  readonly clipping: number;
}

/** Of float32 against float64, where no ReLU and no maximum is near its switch; found: 8e-7. */
const TOLERANCE = 1e-5;
/** Of the sums of thousands of entries, whose rounding errors add up; found: 3e-5. */
const SUMS_TOLERANCE = 1e-4;

const { classes } = settings;
const NETWORKS: Record<string, Model> = {
  pyramid_net_20_9: buildModel("pyramid_net_20_9", { classes }),
  pyramid_net_20_9_shake_drop: buildModel("pyramid_net_20_9_shake_drop", { classes }),
  resnet_50_width_8: resNet({ depth: 50, classes, channels: 8 }),
  efficientnet_tiny_frozen: efficientNet({ ...tinyEfficientNet, frozenBatchNorm: true }),
};

function batchOf(name: string, size: number, step: number) {
  const shape = [settings.batch, size, size, 3];
  const u = filledUniform(`${name}/images/${step}`, 3 * size ** 2 * settings.batch);
  const labels = Array.from({ length: settings.batch }, (_, index) => (3 * index + step) % classes);
  return {
    images: tf.tensor(Float32Array.from(u, (u) => 3 * u - 1.5), shape),
    labels: tf.oneHot(tf.tensor1d(labels, "int32"), classes).toFloat(),
  };
}

/** Entries of each leaf, chosen by its path. */
function samples(tree: Tree): number[] {
  return namedLeaves(tree).flatMap(([path, leaf]) => {
    const all = values(leaf);
    const chosen = Array.from(filledUniform(`${path}/sample`, settings.samples));
    return chosen.map((u) => all[Math.trunc(u * all.length)]!);
  });
}

for (const [name, { size, learningRate, clipping }] of Object.entries(settings.networks)) {
  for (const [method, rho] of Object.entries(settings.rho)) {
    Deno.test(
      `train step: ${name} by ${method} as PyTorch in float64`,
      scoped(() => {
        const model = NETWORKS[name]!;
        let step = 0;
        const drawing: Model = {
          ...model,
          apply: (variables, images, options) =>
            model.apply(variables, images, {
              ...options,
              uniform: (path, shape) => {
                const count = shape.reduce((a, b) => a * b, 1);
                return tf.tensor([...filledUniform(`step${step}/${path}`, count)], [...shape]);
              },
            }),
        };
        const loss = crossEntropyLoss(drawing, { weightDecay: settings.weightDecay });
        const optimizer = sgd(learningRate, { momentum: settings.momentum, nesterov: true });
        const { init, step: pure } = trainStep(sam(valueAndGrad(loss), { rho }), optimizer, {
          gradientClipping: clipping,
        });
        const shapes = model.init(0, [settings.batch, size, size, 3]);
        const variables = {
          params: filledTree(shapes.params),
          state: filledTree(shapes.state),
        };
        let state = init(variables);
        const metrics: number[] = [];
        for (; step < settings.steps; step++) {
          const result = pure(state, batchOf(name, size, step), random.seed(0));
          const { loss, error, gradientNorm, parameterNorm } = result.metrics;
          metrics.push(...[loss, error, gradientNorm, parameterNorm].map((x) => values(x)[0]!));
          state = result.state;
        }
        const of = (what: string) => arrays[`${name}/${method}/${what}`]!.data as Float32Array;
        assertClose(tf.tensor1d(metrics), of("metrics"), TOLERANCE);
        const { momentum } = state.optimizer as { momentum: TensorRecord };
        const trees = { params: state.params, momentum, state: state.state };
        for (const [kind, tree] of Object.entries(trees)) {
          assertClose(tf.tensor1d(samples(tree)), of(`${kind}/samples`), TOLERANCE);
          const sums = namedLeaves(tree).flatMap(([, leaf]) => {
            const { sum, norm } = totalOf(leaf.shape, leaf.dataSync());
            return [sum, norm];
          });
          assertClose(tf.tensor1d(sums), of(`${kind}/sums`), SUMS_TOLERANCE);
        }
        if (name.endsWith("frozen")) assertSameBits(state.state, variables.state);
      }),
    );
  }
}
