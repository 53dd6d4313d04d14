/**
 * Makes the embedded part of Fashion-MNIST, in `data/fashion_mnist_small/`, of the official files:
 *
 *     deno run --allow-read --allow-write data/fashion_mnist_small.ts FOLDER_OF_OFFICIAL_FILES
 *
 * @module
 */
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

/** The files, how many examples are kept, and of how many bytes each. */
const FILES = [
  ["train-images-idx3-ubyte.gz", 2000, 784],
  ["train-labels-idx1-ubyte.gz", 2000, 1],
  ["t10k-images-idx3-ubyte.gz", 1000, 784],
  ["t10k-labels-idx1-ubyte.gz", 1000, 1],
] as const;

const [folder] = Deno.args;
if (folder === undefined) throw new Error("Cannot make the part: give the official files' folder");
const target = join(import.meta.dirname!, "fashion_mnist_small");
await Deno.mkdir(target, { recursive: true });
await Deno.writeFile(join(target, "LICENSE"), await Deno.readFile(join(folder, "LICENSE")));
for (const [name, count, bytes] of FILES) {
  const whole = gunzipSync(await Deno.readFile(join(folder, name)));
  const header = bytes === 1 ? 8 : 16;
  const part = whole.subarray(0, header + count * bytes);
  part.writeUInt32BE(count, 4);
  await Deno.writeFile(join(target, name), gzipSync(part, { level: 9 }));
}
