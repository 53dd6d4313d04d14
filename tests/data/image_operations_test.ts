import { assert, assertEquals } from "@std/assert";
import { operate } from "../../lib/data/augment/image_operations.ts";
import {
  AUTO_AUGMENT_REACH,
  type Operation,
  OPERATIONS,
  RAND_AUGMENT_REACH,
  settingOf,
} from "../../lib/data/augment/operation.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import { fixture, fixtureJson, fixturePath, ignoreFixtures } from "../_fixtures.ts";
import { scoped } from "../_tensors.ts";

/** One output of the original code. */
interface Recorded {
  readonly op: Operation;
  readonly level: number;
  readonly image: number;
  readonly center: [number, number] | null;
  readonly args: number[];
  readonly offset: number;
  readonly size: number;
}

/** The batch of an image for all its records. */
function operateAll(image: tf.Tensor, records: readonly Recorded[]): tf.Tensor {
  const int32 = (numbers: number[]) => tf.tensor1d(numbers, "int32");
  return operate(
    tf.stack(records.map(() => image)),
    records.map(({ op, args }) => ({ operation: op, setting: args[0] ?? 0 })),
    {
      actions: tf.range(0, records.length, 1, "int32"),
      centers: [
        int32(records.map(({ center }) => center?.[0] ?? 0)),
        int32(records.map(({ center }) => center?.[1] ?? 0)),
      ],
    },
  );
}

Deno.test({
  name: "operate: all 1,072 outputs of the reference's operations, to the byte",
  ignore: ignoreFixtures,
  fn: scoped(() => {
    const { outputs } = fixtureJson("autoaugment_ops/meta.json");
    const records: Recorded[] = outputs.records;
    assertEquals(records.length, 1072);
    const expected = Deno.readFileSync(fixturePath("autoaugment_ops", outputs.file));
    const wrong = new Map<string, number>();
    for (const image of [0, 1, 2, 3]) {
      const own = records.filter((record) => record.image === image);
      const pixels = fixture("autoaugment_ops").bytes(`image${image}`);
      const made = Uint8Array.from(operateAll(pixels, own).dataSync());
      own.forEach(({ op, level, offset, size }, index) => {
        const bytes = made.subarray(index * size, (index + 1) * size);
        const different = bytes.filter((byte, at) => byte !== expected[offset + at]).length;
        if (different > 0) wrong.set(`${op} at level ${level} of image ${image}`, different);
      });
    }
    assertEquals(Object.fromEntries(wrong), {});
  }),
});

Deno.test({
  name: "operate: images that are left alone stay as they are, to the byte",
  ignore: ignoreFixtures,
  fn: scoped(() => {
    const image = fixture("autoaugment_ops").bytes("image0");
    const images = tf.stack([image, image]);
    const zeros = tf.zeros([2], "int32");
    const actions = OPERATIONS.map((operation) => ({ operation, setting: 0.3 }));
    const made = operate(images, actions, { actions: zeros, centers: [zeros, zeros] });
    assertEquals(made.dataSync(), images.dataSync());
    assertEquals(made.dtype, "int32");
  }),
});

Deno.test({
  name: "settings: those of the reference at every level",
  ignore: ignoreFixtures,
  fn() {
    const { tables } = fixtureJson("augment_levels.json");
    for (
      const [table, reach] of [
        ["autoaugment", AUTO_AUGMENT_REACH],
        ["randaugment", RAND_AUGMENT_REACH],
      ] as const
    ) {
      for (const [operation, levels] of Object.entries(tables[table])) {
        for (const [level, [expected = 0]] of Object.entries(levels as Record<string, number[]>)) {
          const setting = settingOf(operation as Operation, Number(level), reach);
          assert(
            Math.abs(setting - expected) < 1e-12,
            `${table}: ${operation} at level ${level} is ${setting}, not ${expected}`,
          );
        }
      }
    }
  },
});
