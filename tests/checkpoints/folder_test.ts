import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import {
  CheckpointError,
  encodeFlax,
  encodeSafetensors,
  openCheckpoint,
} from "../../lib/checkpoints/mod.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import { scoped } from "../_tensors.ts";

function inFolder(test: (folder: string) => void): () => void {
  return scoped(() => {
    const folder = Deno.makeTempDirSync();
    try {
      test(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

function write(path: string, pieces: readonly Uint8Array[]): void {
  using file = Deno.openSync(path, { write: true, create: true });
  for (const piece of pieces) file.writeSync(piece);
}

const writeFlax = (path: string) => write(path, [...encodeFlax({ kernel: tf.scalar(1) })]);
const data = Float32Array.of(1);
const writeSafetensors = (path: string) =>
  write(path, encodeSafetensors({ kernel: { dtype: "F32", shape: [1], data } }));

Deno.test(
  "a folder: FLAX's checkpoint of the greatest number, which is not the last name",
  inFolder((folder) => {
    for (const number of [2, 10, 9]) writeFlax(join(folder, `checkpoint_${number}`));
    writeFlax(join(folder, "checkpoint_11_tmp"));
    using file = openCheckpoint(folder);
    assertEquals(file.path, join(folder, "checkpoint_10"));
    assertEquals([...file.entries.keys()], ["kernel"]);
  }),
);

Deno.test(
  "a folder: that of a run of ours, without those that are kept",
  inFolder((folder) => {
    for (const name of ["checkpoint_9", "checkpoint_10", "additional_checkpoint_50"]) {
      writeSafetensors(join(folder, `${name}.safetensors`));
    }
    Deno.writeTextFileSync(join(folder, "config.json"), "{}");
    using file = openCheckpoint(folder);
    assertEquals(file.path, join(folder, "checkpoint_10.safetensors"));
  }),
);

Deno.test(
  "a folder: TensorFlow's checkpoint that its file names, or of the greatest number",
  inFolder((folder) => {
    const parts = ["index", "data-00000-of-00001"];
    const copy = (name: string) => {
      for (const part of parts) {
        Deno.copyFileSync(
          new URL(`../goldens/saved_model/variables/variables.${part}`, import.meta.url),
          join(folder, `${name}.${part}`),
        );
      }
    };
    const opened = () => {
      using file = openCheckpoint(folder);
      return file.path;
    };
    copy("only");
    assertEquals(opened(), join(folder, "only.index"));
    copy("model.ckpt-90");
    copy("model.ckpt-100");
    assertEquals(opened(), join(folder, "model.ckpt-100.index"));
    const mark = (path: string) =>
      Deno.writeTextFileSync(
        join(folder, "checkpoint"),
        `model_checkpoint_path: "${path}"\nall_model_checkpoint_paths: "other"\n`,
      );
    mark("model.ckpt-90");
    assertEquals(opened(), join(folder, "model.ckpt-90.index"));
    mark("/where/it/was/written/model.ckpt-90");
    assertEquals(opened(), join(folder, "model.ckpt-90.index"));
    mark("removed-1");
    assertEquals(opened(), join(folder, "model.ckpt-100.index"));
  }),
);

Deno.test(
  "a folder without checkpoints, or that does not tell the newest, is refused",
  inFolder((folder) => {
    const refused = (message: string) =>
      assertThrows(() => openCheckpoint(folder), CheckpointError, message);
    refused(`Cannot read ${folder}: the folder has no checkpoint_<number>, `);
    writeFlax(join(folder, "checkpoint_1"));
    writeSafetensors(join(folder, "checkpoint_2.safetensors"));
    refused(
      "there are FLAX's checkpoint_1 and safetensors checkpoint_2.safetensors; name the file",
    );
    Deno.removeSync(join(folder, "checkpoint_1"));
    Deno.removeSync(join(folder, "checkpoint_2.safetensors"));
    for (const name of ["a", "b"]) writeFlax(join(folder, `${name}.index`));
    refused("there are TensorFlow's a.index and TensorFlow's b.index; name the file");
  }),
);
