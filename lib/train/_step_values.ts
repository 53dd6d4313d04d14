/** What goes into a compiled step and comes out of it. @module */
import { leaves, tf, type Tree } from "../tensorflow/mod.ts";

/** Runs a step and disposes its batch, also if it fails. */
export async function consuming<T>(batch: unknown, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } finally {
    tf.dispose(leaves(batch as Tree));
  }
}

/** The values of scalars, which are disposed. */
export function read<T extends object>(scalars: T): { [K in keyof T]: number } {
  const entries = Object.entries(scalars as Record<string, tf.Tensor>).map(([name, scalar]) => {
    const value = scalar.dataSync()[0]!;
    scalar.dispose();
    return [name, value];
  });
  return Object.fromEntries(entries);
}
