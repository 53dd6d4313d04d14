/**
 * Damaged files for every parser: each is read or refused by the parser's own error, without a hang, a
 * crash, or more memory than the file promises.
 *
 *     deno task fuzz [--inputs 1000000] [--seed 1]
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  CheckpointError,
  decodeSafetensors,
  encodeSafetensors,
  openFlax,
  openTensorFlowCheckpoint,
} from "../../lib/checkpoints/mod.ts";
import { parseRecords } from "../../lib/data/sets/_cifar_records.ts";
import { parseIdx } from "../../lib/data/sets/_idx.ts";
import { readMat } from "../../lib/data/sets/_mat.ts";
import { DataError, loadImageRecords } from "../../lib/data/mod.ts";
import { Buffer } from "node:buffer";
import { tf } from "../../lib/tensorflow/mod.ts";
import { bundleIndex, indexBlock } from "../checkpoints/_bundle.ts";
import { idx, temporaryFolder } from "./_files.ts";
import { mat } from "./_mat_file.ts";

/** A parser, whole files for it, and what it may throw. */
interface Target {
  readonly name: string;
  readonly whole: readonly Uint8Array[];
  parse(bytes: Uint8Array): void | Promise<void>;
  isRefusal(error: unknown): boolean;
}

const isDataError = (error: unknown) => error instanceof DataError;
const golden = (name: string) => Deno.readFileSync(new URL(`../goldens/${name}`, import.meta.url));

function targets(folder: string): Target[] {
  const path = join(folder, "damaged");
  const record = join(folder, "train-00000-of-00001");
  Deno.writeFileSync(
    join(folder, "validation-00000-of-00001"),
    golden("records/validation-00000-of-00001"),
  );
  const small = [{ name: "X", shape: [2, 2], values: Uint8Array.of(1, 2, 3, 4) }];
  const cifar = new Uint8Array(2 * 3073);
  const readAll = () => {
    using file = openTensorFlowCheckpoint(join(folder, "bundle"));
    for (const name of file.entries.keys()) tf.dispose(file.read(name));
  };
  Deno.writeFileSync(join(folder, "bundle.data-00000-of-00001"), new Uint8Array(64));
  const floats = { dtype: "F32" as const, shape: [2], data: Float32Array.of(1, 2) };
  return [
    {
      name: "IDX (Fashion-MNIST)",
      whole: [idx([2, 3, 3], new Uint8Array(18))],
      parse: (bytes) => void parseIdx(bytes, [2, 3, 3], "file"),
      isRefusal: isDataError,
    },
    {
      name: "CIFAR's records",
      whole: [cifar],
      parse: (bytes) =>
        void parseRecords([[bytes, "file"]], { labels: ["class"], classes: 10, maximum: 3 }),
      isRefusal: isDataError,
    },
    {
      name: "MAT (SVHN)",
      whole: [mat(small), mat(small, false)],
      async parse(bytes) {
        Deno.writeFileSync(path, bytes);
        for await (const array of readMat(path)) {
          for await (const _ of array.values());
        }
      },
      isRefusal: isDataError,
    },
    {
      name: "TFRecords",
      whole: [golden("records/tfds-train.tfrecord-00000-of-00001")],
      async parse(bytes) {
        Deno.writeFileSync(record, bytes);
        await loadImageRecords(`records:${folder}`);
      },
      isRefusal: isDataError,
    },
    {
      name: "FLAX's checkpoints",
      whole: ["written", "chunked", "types"].map((name) => golden(`flax_${name}.msgpack`)),
      parse(bytes) {
        Deno.writeFileSync(path, bytes);
        using file = openFlax(path);
        for (const name of file.entries.keys()) tf.dispose(file.read(name));
      },
      isRefusal: (error) => error instanceof CheckpointError,
    },
    {
      // The block is damaged, and its check sum right.
      name: "TensorFlow's indexes, sums recomputed",
      whole: [indexBlock()],
      parse(bytes) {
        Deno.writeFileSync(join(folder, "bundle.index"), bundleIndex(bytes));
        readAll();
      },
      isRefusal: (error) => error instanceof CheckpointError,
    },
    {
      name: "TensorFlow's indexes",
      whole: [bundleIndex(indexBlock())],
      parse(bytes) {
        Deno.writeFileSync(join(folder, "bundle.index"), bytes);
        readAll();
      },
      isRefusal: (error) => error instanceof CheckpointError,
    },
    {
      name: "safetensors",
      whole: [new Uint8Array(Buffer.concat(encodeSafetensors({ a: floats, b: floats })))],
      parse: (bytes) => void decodeSafetensors(bytes),
      isRefusal: (error) => error instanceof Deno.errors.InvalidData,
    },
  ];
}

/** Parsers that are given files. */
export const TARGETS = 8;

/** What became of a parser's inputs. */
export interface Fuzzed {
  readonly name: string;
  readonly inputs: number;
  readonly refused: number;
}

/**
 * Gives each parser so many damaged files: bytes changed, the end cut off, or all of it random.
 *
 * @throws whatever a parser throws that is not its own error, with the input in its message
 */
export async function fuzz(inputs: number, seed = 1): Promise<Fuzzed[]> {
  using folder = temporaryFolder();
  let state = seed;
  const next = (below: number) => {
    state = Math.imul(state, 1103515245) + 12345 & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const damaged = (whole: Uint8Array): Uint8Array => {
    if (next(10) === 0) return Uint8Array.from({ length: next(300) }, () => next(256));
    const bytes = Uint8Array.from(whole);
    for (let flips = next(4); flips >= 0; flips--) bytes[next(bytes.length)] = next(256);
    return next(5) === 0 ? bytes.subarray(0, next(bytes.length)) : bytes;
  };
  const results: Fuzzed[] = [];
  for (const { name, whole, parse, isRefusal } of targets(folder.path)) {
    let refused = 0;
    for (let input = 0; input < inputs; input++) {
      const bytes = damaged(whole[input % whole.length]!);
      try {
        await parse(bytes);
      } catch (error) {
        if (!isRefusal(error)) {
          throw new Error(`${name}: ${error} for ${bytes.toHex()}`, { cause: error });
        }
        refused++;
      }
    }
    results.push({ name, inputs, refused });
  }
  return results;
}

if (import.meta.main) {
  const { values: { inputs, seed } } = parseArgs({
    options: {
      inputs: { type: "string", default: "1000000" },
      seed: { type: "string", default: "1" },
    },
  });
  const started = performance.now();
  const each = Math.ceil(Number(inputs) / TARGETS);
  for (const { name, inputs, refused } of await fuzz(each, Number(seed))) {
    // deno-lint-ignore no-console -- the counts are the point
    console.log(`${name}: ${inputs} inputs, ${refused} refused`);
  }
  // deno-lint-ignore no-console -- the same
  console.log(`${((performance.now() - started) / 1000).toFixed(0)} s, peak ${peakMiB()} MiB`);
}

function peakMiB(): number {
  return Math.round(Deno.memoryUsage().rss / 2 ** 20);
}
