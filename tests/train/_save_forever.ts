/** Saves one checkpoint after another into the folder of the first argument, until it is killed. */
import { saveCheckpoint } from "../../lib/train/checkpoint.ts";

for (let epoch = 1;; epoch++) {
  const data = new Float32Array(1 << 20).fill(epoch);
  await saveCheckpoint(Deno.args[0]!, {
    epoch,
    step: 10 * epoch,
    arrays: {
      a: { dtype: "F32", shape: [1 << 20], data },
      b: { dtype: "F32", shape: [1 << 20], data },
    },
  });
}
