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
import { fixture, fixtureJson, sha256Of } from "../_fixtures.ts";
import { scoped } from "../_tensors.ts";

/** One output of the original code. */
interface Recorded {
  readonly op: Operation;
  readonly level: number;
  readonly sign: number;
  readonly image: number;
  readonly center: [number, number] | null;
  readonly args: number[];
  readonly sha256: string;
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
  fn: scoped(() => {
    const oracle = fixture("autoaugment_ops");
    const records: Recorded[] = oracle.scalars.records;
    assertEquals(records.length, 1072);
    const wrong: string[] = [];
    for (const image of [0, 1, 2, 3]) {
      const own = records.filter((record) => record.image === image);
      const pixels = oracle.array(`image${image}`);
      const made = Uint8Array.from(operateAll(pixels, own).dataSync());
      own.forEach(({ op, level, sign, sha256 }, index) => {
        const bytes = made.subarray(index * pixels.size, (index + 1) * pixels.size);
        if (sha256Of(bytes) === sha256) return;
        wrong.push(`${op} at level ${level}, sign ${sign}, of image ${image}`);
      });
    }
    assertEquals(wrong, []);
  }),
});

Deno.test({
  name: "operate: images that are left alone stay as they are, to the byte",
  fn: scoped(() => {
    const image = fixture("autoaugment_ops").array("image0");
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
