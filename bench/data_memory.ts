/**
 * Peak memory of what is large: an epoch of a full-size CIFAR-10 with AutoAugment, all of SVHN, and a
 * checkpoint of EfficientNet-L2. The files are made here, of the official sizes, with other contents.
 *
 *     deno task data-memory [--only svhn] [--json FILE]
 *
 * A line for each, with its limit; exit code 1 if one is above it. It needs 6 GB on the disk.
 *
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { createDeflate } from "node:zlib";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { note } from "./_print.ts";
import { assertWritable, circumstances, type Row, verdict, writeRows } from "./_report.ts";

/** A case: makes its files in a folder, and is measured in a process of its own. */
interface Case {
  readonly name: string;
  readonly limitMiB: number;
  prepare(folder: string): Promise<void>;
  measure(folder: string): Promise<string>;
}

const MIB = 2 ** 20;

const cases: Readonly<Record<string, Case>> = {
  cifar10: {
    name: "an epoch of CIFAR-10 by AutoAugment, TensorFlow included",
    limitMiB: 1500,
    async prepare(folder) {
      const target = join(folder, "cifar-10-batches-bin");
      await Deno.mkdir(target);
      const record = Uint8Array.from({ length: 3073 }, (_, at) => at === 0 ? 3 : at & 255);
      const file = new Uint8Array(10_000 * record.length);
      for (let at = 0; at < file.length; at += record.length) file.set(record, at);
      const names = [1, 2, 3, 4, 5].map((part) => `data_batch_${part}.bin`);
      for (const name of [...names, "test_batch.bin"]) {
        await Deno.writeFile(join(target, name), file);
      }
      const classes = Array.from({ length: 10 }, (_, label) => `class ${label}\n`).join("");
      await Deno.writeTextFile(join(target, "batches.meta.txt"), classes);
    },
    async measure(folder) {
      const { defaultConfig, train } = await import("../lib/train/mod.ts");
      const config = {
        ...defaultConfig,
        dataset: "cifar10",
        model: "wide_resnet_10_1",
        augmentation: "autoaugment",
        samRho: 0,
        epochs: 1,
      };
      let steps = 0;
      const options = { dataDir: folder, download: false, folder: join(folder, "run") };
      for await (const event of train(config, options)) if (event.type === "step") steps++;
      return `${steps} steps`;
    },
  },
  svhn: {
    name: "SVHN with its extra images: 604,388, 1,771 MiB of pixels",
    limitMiB: 2500,
    async prepare(folder) {
      await Deno.mkdir(join(folder, "svhn"));
      const counts = { train: 73_257, extra: 531_131, test: 26_032 };
      for (const [name, count] of Object.entries(counts)) {
        await writeSvhn(join(folder, "svhn", `${name}_32x32.mat`), count);
      }
    },
    async measure(folder) {
      const { loadSvhn } = await import("../lib/data/mod.ts");
      const { train, test } = await loadSvhn({ dataDir: folder, download: false });
      return `${train.labels.length} and ${test.labels.length} images`;
    },
  },
  checkpoint: {
    name: "EfficientNet-L2 from a FLAX checkpoint of 1,836 MiB, its first values included",
    limitMiB: 5000,
    async prepare(folder) {
      const { models } = await import("../mod.ts");
      const model = models.buildModel("efficientnet_l2-475", { classes: 1000 });
      const { params, state } = model.shapes([1, 475, 475, 3]);
      const { pack } = await import("../lib/checkpoints/_message_pack.ts");
      using file = Deno.openSync(join(folder, "l2"), { write: true, create: true });
      const write = (bytes: Uint8Array) => {
        for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      };
      const put = (bytes: readonly number[]) => write(Uint8Array.from(bytes));
      // Flat names serve as well: a name may hold slashes.
      const group = (entries: ReadonlyMap<string, readonly number[]>) => {
        put(pack.map(entries.size));
        for (const [path, shape] of entries) {
          const count = shape.reduce((product, size) => product * size, 1);
          const head = [
            ...pack.array(3),
            ...pack.array(shape.length),
            ...shape.flatMap(pack.size),
            ...pack.text("float32"),
            ...pack.bytes(4 * count),
          ];
          put([...pack.text(path), ...pack.extension(1, head.length + 4 * count), ...head]);
          write(new Uint8Array(new Float32Array(count).fill(0.01).buffer));
        }
      };
      put(pack.map(2));
      put(pack.text("params"));
      group(params);
      put(pack.text("state"));
      group(state);
    },
    async measure(folder) {
      const { checkpoints, models } = await import("../mod.ts");
      const model = models.buildModel("efficientnet_l2-475", { classes: 1000 });
      using file = checkpoints.openCheckpoint(join(folder, "l2"));
      const { replaced } = checkpoints.restoreVariables(file, model.init(0, [1, 475, 475, 3]));
      return `${file.entries.size} arrays, ${replaced.length} drawn anew`;
    },
  },
};

/** A MAT file of gray images, all labelled 1, compressed as the official ones. */
async function writeSvhn(path: string, count: number): Promise<void> {
  const tag = (type: number, bytes: number) => new Uint8Array(Uint32Array.of(type, bytes).buffer);
  const array = async (name: string, shape: number[], value: number) => {
    const bytes = shape.reduce((product, size) => product * size, 1);
    const sizes = new Uint8Array(Math.ceil(shape.length / 2) * 8);
    sizes.set(new Uint8Array(Int32Array.from(shape).buffer));
    const head = [
      ...tag(6, 8),
      ...[9, 0, 0, 0, 0, 0, 0, 0],
      ...tag(5, 4 * shape.length),
      ...sizes,
      ...tag(1, 1),
      ...[name.charCodeAt(0), 0, 0, 0, 0, 0, 0, 0],
      ...tag(2, bytes),
    ];
    const temporary = `${path}.${name}`;
    const deflate = createDeflate({ level: 1 });
    const done = once(deflate.pipe(createWriteStream(temporary)), "finish");
    const write = async (piece: Uint8Array) => {
      if (!deflate.write(piece)) await once(deflate, "drain");
    };
    await write(Uint8Array.from([...tag(14, head.length + bytes), ...head]));
    const piece = new Uint8Array(1 << 20);
    // Not all the same: deflate packs no more than 1032 to 1, and the reader knows.
    for (let at = 0; at < piece.length; at++) {
      piece[at] = name === "X" ? at * at >>> 8 & 255 : value;
    }
    for (let left = bytes; left > 0; left -= piece.length) await write(piece.subarray(0, left));
    deflate.end();
    await done;
    return temporary;
  };
  const parts = [await array("X", [32, 32, 3, count], 0), await array("y", [count, 1], 1)];
  using file = await Deno.open(path, { write: true, create: true });
  const header = new Uint8Array(128).fill(0x20);
  header.set([0, 1, 0x49, 0x4d], 124);
  await file.write(header);
  for (const part of parts) {
    const { size } = await Deno.stat(part);
    await file.write(tag(15, size));
    using packed = await Deno.open(part);
    for await (const piece of packed.readable) {
      for (let done = 0; done < piece.length;) done += await file.write(piece.subarray(done));
    }
    await Deno.remove(part);
  }
}

async function main({ only, json }: { only?: string; json?: string }): Promise<void> {
  if (json !== undefined) await assertWritable(json);
  const where = circumstances(false, []);
  const rows: Row[] = [];
  for (const [key, { name, limitMiB, prepare }] of Object.entries(cases)) {
    if (only !== undefined && key !== only) continue;
    const folder = await Deno.makeTempDir({ prefix: "sam_data_memory_" });
    try {
      note(`Making the files of ${key}`);
      await prepare(folder);
      const { success, stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-q", "-A", import.meta.filename!, "--measure", key, "--folder", folder],
        stderr: "inherit",
      }).output();
      const [said = "", peak = "0"] = new TextDecoder().decode(stdout).trim().split("\n").slice(-2);
      const mib = Number(peak);
      const row: Row = {
        name: `Peak memory, ${name}: ours`,
        value: success && mib > 0 ? mib : NaN,
        unit: "MiB",
        peer: null,
        ratio: null,
        required: { of: "value", sense: "at most", limit: limitMiB },
      };
      rows.push(row);
      note(`${name}: ${said}, peak ${mib} MiB, at most ${limitMiB}: ${verdict(row)}`);
      if (verdict(row) !== "pass") Deno.exitCode = 1;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  if (json !== undefined) await writeRows(json, rows, where);
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    json: { type: "string" },
    measure: { type: "string" },
    folder: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  note(`Usage: deno task data-memory [--only ${Object.keys(cases).join("|")}] [--json FILE]`);
} else if (values.measure !== undefined) {
  const said = await cases[values.measure]!.measure(values.folder!);
  const peak = Math.round(process.resourceUsage().maxRSS * 1024 / MIB);
  // deno-lint-ignore no-console -- what the other process reads
  console.log(`${said}\n${peak}`);
} else await main(values);
