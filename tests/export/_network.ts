/** A small network with batch statistics that are not those it begins with. @module */
import { buildModel } from "../../lib/models/mod.ts";
import type { Model, Variables } from "../../lib/nn/mod.ts";
import { mapTree, random, tf } from "../../lib/tensorflow/mod.ts";

export interface Network {
  readonly model: Model;
  readonly variables: Variables;
  readonly images: tf.Tensor;
  /** Of the images. */
  readonly logits: Float32Array;
}

export function network(name: string, imageShape: readonly number[]): Network {
  const model = buildModel(name, { classes: 10, imageSize: imageShape[0]! });
  const { params, state } = model.init(1, [1, ...imageShape]);
  let seed = 0;
  const moved = (leaf: tf.Tensor) => tf.add(leaf, random.uniform(random.seed(seed++), leaf.shape));
  const variables = { params, state: mapTree(moved, state) };
  const images = random.normal(random.seed(99), [5, ...imageShape]);
  const logits = model.apply(variables, images).output.dataSync().slice() as Float32Array;
  return { model, variables, images, logits };
}

/** The largest distance between numbers, measured by the largest of them if that is above 1. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  const scale = Math.max(1, ...Array.from(a, Math.abs));
  return Math.max(...Array.from(a, (value, index) => Math.abs(value - b[index]!))) / scale;
}
