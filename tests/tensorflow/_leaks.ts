import { assertEquals } from "@std/assert";
import { backend, tf } from "../../lib/tensorflow/mod.ts";

/** What TensorFlow.js and the binding hold now. */
export function held() {
  return { tensors: tf.memory().numTensors, handles: backend.binding.getNumOfTensors() };
}

/** Runs `body`, which may not leave a tensor or a handle behind. */
export async function leavesNothing(body: () => unknown): Promise<void> {
  const before = held();
  await body();
  assertEquals(held(), before, "tensors or handles were left behind");
}

/** Resident memory in MiB. */
export function residentMiB(): number {
  return Deno.memoryUsage().rss / 2 ** 20;
}
