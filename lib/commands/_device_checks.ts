import { Buffer } from "node:buffer";
import { ownCommand } from "./_own_command.ts";
import { reasonOf } from "../system/mod.ts";
import type { MachineCheck } from "./_machine_checks.ts";

/** Largest difference of a parameter after the step, relative to the largest parameter. */
const TOLERANCE = 1e-3;

/**
 * A step of SAM on each device, in a process that sees no other, beside the CPU's. It follows what
 * TensorFlow documents of GPUs; it has not run on one.
 */
export async function checkDevices(): Promise<MachineCheck[]> {
  const { listDevices } = await import("../tensorflow/mod.ts");
  const gpus = listDevices().filter(({ type }) => type === "GPU");
  const places = [
    { label: "CPU", env: { SAM_DEVICE: "cpu" } },
    ...gpus.map((_, index) => ({
      label: `GPU ${index}; we have not run GPUs yet: please report how it goes`,
      env: { CUDA_VISIBLE_DEVICES: String(index) },
    })),
  ];
  const found: MachineCheck[] = [];
  let expected: Float32Array | undefined;
  for (const { label, env } of places) {
    const name = "SAM step";
    try {
      const params = await stepIn(env);
      const off = difference(params, expected ??= params);
      const text = `${label}: ${params.length} parameters, off by ${
        off.toExponential(1)
      } from the CPU's`;
      found.push(
        off <= TOLERANCE ? { name, state: "works", found: text } : {
          name,
          state: "failed",
          found: text,
          remedy: "Train with SAM_DEVICE=cpu, and report this",
        },
      );
    } catch (error) {
      const remedy = "See docs/machines.md; SAM_DEVICE=cpu trains without GPUs";
      found.push({ name, state: "failed", found: `${label}: ${reasonOf(error)}`, remedy });
    }
  }
  if (gpus.length === 0) {
    const remedy = "setup --gpu fetches the CUDA build (Linux x86_64): docs/machines.md";
    found.push({ name: "GPU", state: "missing", found: "TensorFlow sees none", remedy });
  }
  return found;
}

/** The parameters of a small network after a step of SAM, on the device that TensorFlow prefers. */
export async function parametersAfterStep(): Promise<Float32Array> {
  const { leaves, random, tf } = await import("../tensorflow/mod.ts");
  const [models, optim, train] = await Promise.all([
    import("../models/mod.ts"),
    import("../optim/mod.ts"),
    import("../train/mod.ts"),
  ]);
  const model = models.wideResNet({ depth: 10, width: 1, classes: 10 });
  const gradient = optim.sam(optim.valueAndGrad(train.crossEntropyLoss(model)), { rho: 0.05 });
  const { init, step } = train.trainStep(gradient, optim.sgd(0.1));
  return tf.tidy(() => {
    const images = random.normal(random.seed(1), [8, 16, 16, 3]);
    const labels = tf.oneHot([0, 1, 2, 3, 4, 5, 6, 7], 10, 1, 0, "float32");
    const { state } = step(init(model.init(0, images.shape)), { images, labels }, random.seed(0));
    return tf.concat(leaves(state.params).map((leaf) => leaf.flatten())).dataSync();
  }) as Float32Array;
}

async function stepIn(env: Readonly<Record<string, string>>): Promise<Float32Array> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ownCommand(["doctor", "--step"]),
    env,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr).trim().split("\n").at(-1));
  const bytes = Uint8Array.from(Buffer.from(decoder.decode(stdout).trim(), "base64"));
  return new Float32Array(bytes.buffer);
}

/** @returns infinite where one is not a number */
export function difference(one: Float32Array, other: Float32Array): number {
  let most = 0, largest = 0;
  for (let at = 0; at < other.length; at++) {
    const off = Math.abs(one[at]! - other[at]!);
    most = Number.isNaN(off) ? Infinity : Math.max(most, off);
    largest = Math.max(largest, Math.abs(other[at]!));
  }
  return most / largest;
}
