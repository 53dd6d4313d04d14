import { assert, assertEquals, assertThrows } from "@std/assert";
import { CheckpointError, openCheckpoint } from "../../lib/checkpoints/mod.ts";
import { testData } from "../_data_dir.ts";
import { scoped, values } from "../_tensors.ts";

const { ignore, path } = testData("../fixtures_misc/tf_checkpoint");
const VALUE = ".ATTRIBUTES/VARIABLE_VALUE";

Deno.test({
  name: "TensorFlow's checkpoints: one that TensorFlow 2.2 wrote, in two parts",
  ignore,
  fn: scoped(() => {
    for (const name of ["ckpt", "ckpt.index"]) {
      using file = openCheckpoint(`${path}/lso_ckpt_tf2.2/${name}`);
      assertEquals(file.entries.size, 11);
      const kernel = `layer_with_weights-0/kernel/${VALUE}`;
      assertEquals(file.entries.get(kernel), { dtype: "float32", shape: [2, 2] });
      assert(Math.abs(values(file.read(kernel))[0]! - 9.2296848) < 1e-6);
      assertEquals(values(file.read(`optimizer/loss_scale/good_steps/${VALUE}`)), [1]);
      assertEquals(file.read("_CHECKPOINTABLE_OBJECT_GRAPH").dtype, "string");
      assertThrows(() => file.read("nothing"), CheckpointError, "it has no nothing");
    }
  }),
});

Deno.test(
  "TensorFlow's checkpoints: the variables of a SavedModel, by path or index",
  scoped(() => {
    const folder = new URL("../goldens/saved_model/variables", import.meta.url).pathname;
    for (const name of ["variables", "variables.index"]) {
      using file = openCheckpoint(`${folder}/${name}`);
      assertEquals([...file.entries.keys()].sort(), ["b", "w"]);
      assertEquals(file.entries.get("w"), { dtype: "float32", shape: [2, 2] });
      const w = file.read("w");
      assertEquals([w.dtype, w.shape, values(w)], ["float32", [2, 2], [0.5, -1, 0.25, 2]]);
      assertThrows(() => file.read("nothing"), CheckpointError, "it has no nothing");
    }
  }),
);

Deno.test({
  name: "TensorFlow's checkpoints: damaged and missing files are refused by name",
  ignore,
  fn() {
    const folder = Deno.makeTempDirSync();
    for (const part of ["variables.index", "variables.data-00000-of-00001"]) {
      Deno.copyFileSync(`${path}/times_three_float/${part}`, `${folder}/${part}`);
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
    assertEquals(failures.length, 1);

    Deno.writeTextFileSync(`${folder}/variables.index`, "no table");
    assertThrows(() => openCheckpoint(`${folder}/variables`), CheckpointError, folder);
    Deno.removeSync(folder, { recursive: true });
  },
});
