import { assert, assertEquals, assertThrows } from "@std/assert";
import { CheckpointError, openCheckpoint } from "../../lib/checkpoints/mod.ts";
import { testData } from "../_data_dir.ts";
import { testUnless } from "../_skip.ts";
import { scoped, values } from "../_tensors.ts";
import { block, bundleIndex, entry, indexBlock } from "./_bundle.ts";

const { missing, path } = testData("../fixtures_misc/tf_checkpoint");
const VALUE = ".ATTRIBUTES/VARIABLE_VALUE";
/** What `goldens/saved_model.py` saved with TensorFlow 2.21. */
const GOLDEN = new URL("../goldens/saved_model/variables/", import.meta.url).pathname;

testUnless(
  missing,
  "TensorFlow's checkpoints: one that TensorFlow 2.2 wrote, in two parts, and its folder",
  scoped(() => {
    for (const name of ["", "/ckpt", "/ckpt.index"]) {
      using file = openCheckpoint(`${path}/lso_ckpt_tf2.2${name}`);
      assertEquals(file.entries.size, 11);
      const kernel = `layer_with_weights-0/kernel/${VALUE}`;
      assertEquals(file.entries.get(kernel), { dtype: "float32", shape: [2, 2] });
      assert(Math.abs(values(file.read(kernel))[0]! - 9.2296848) < 1e-6);
      assertEquals(values(file.read(`optimizer/loss_scale/good_steps/${VALUE}`)), [1]);
      assertEquals(file.read("_CHECKPOINTABLE_OBJECT_GRAPH").dtype, "string");
      assertThrows(() => file.read("nothing"), CheckpointError, "it has no nothing");
    }
  }),
);

Deno.test(
  "TensorFlow's checkpoints: the variables of a SavedModel, by path or index",
  scoped(() => {
    for (const name of ["variables", "variables.index"]) {
      using file = openCheckpoint(`${GOLDEN}${name}`);
      assertEquals([...file.entries], [
        ["b", { dtype: "float32", shape: [2] }],
        ["w", { dtype: "float32", shape: [2, 2] }],
      ]);
      const w = file.read("w");
      assertEquals([w.dtype, w.shape, values(w)], ["float32", [2, 2], [0.5, -1, 0.25, 2]]);
      assertEquals(values(file.read("b")), [0.1, -0.2].map(Math.fround));
      assertThrows(() => file.read("nothing"), CheckpointError, "it has no nothing");
    }
  }),
);

Deno.test("TensorFlow's checkpoints: damaged and missing files are refused by name", () => {
  const folder = Deno.makeTempDirSync();
  for (const part of ["variables.index", "variables.data-00000-of-00001"]) {
    Deno.copyFileSync(`${GOLDEN}${part}`, `${folder}/${part}`);
  }
  using file = openCheckpoint(`${folder}/variables`);
  const data = `${folder}/variables.data-00000-of-00001`;
  const bytes = Deno.readFileSync(data);
  bytes[bytes.length - 1]! ^= 1;
  Deno.writeFileSync(data, bytes);
  const names = [...file.entries.keys()];
  const failures = names.filter((name) => {
    try {
      file.read(name).dispose();
      return false;
    } catch (error) {
      assert(error instanceof CheckpointError, `${error}`);
      assert(error.message.includes(name), error.message);
      return true;
    }
  });
  assertEquals(failures, ["w"]);

  Deno.writeTextFileSync(`${folder}/variables.index`, "no table");
  assertThrows(() => openCheckpoint(`${folder}/variables`), CheckpointError, folder);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test(
  "TensorFlow's checkpoints: hostile entries with the right sums are refused",
  scoped(() => {
    const folder = Deno.makeTempDirSync();
    Deno.writeFileSync(`${folder}/c.data-00000-of-00001`, new Uint8Array(64));
    const open = (index: Uint8Array) => {
      Deno.writeFileSync(`${folder}/c.index`, index);
      using file = openCheckpoint(`${folder}/c`);
      return [...file.entries.keys()].map((name) => file.read(name).shape);
    };
    assertEquals(open(bundleIndex(indexBlock())), [[3], [2, 3]]);
    const header = ["", [8, 1]] as const;
    const hostile: [string, Parameters<typeof entry>[0]][] = [
      ["more elements than 2⁵³", { shape: [2 ** 40, 2 ** 40, 0] }],
      ["300 axes", { shape: new Array(300).fill(1), size: 4 }],
      ["takes 4398046511104 bytes, and it has 4", { shape: [2 ** 40], size: 4 }],
      ["the file has 64", { shape: [2 ** 40], size: 2 ** 42 }],
      ["data file 7 of 1", { shard: 7 }],
      ["it is of type dtype 99", { dtype: 99, size: 4 }],
      ["1099511627776 strings are in 8 bytes", { dtype: 7, shape: [2 ** 40], size: 8 }],
      ["its values are damaged", { shape: [1], size: 4, sum: 1 }],
    ];
    for (const [message, fields] of hostile) {
      const index = bundleIndex(block([header, ["w", entry(fields)]]));
      assertThrows(() => open(index), CheckpointError, message);
    }
    const disordered = bundleIndex(block([header, ["b", entry({})], ["a", entry({})]]));
    assertThrows(() => open(disordered), CheckpointError, "not in order");
    assertThrows(() => open(bundleIndex(block([]))), CheckpointError, "no header");
    Deno.removeSync(folder, { recursive: true });
  }),
);
