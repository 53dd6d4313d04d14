import { assertEquals, assertThrows } from "@std/assert";
import { collectives, dataset, random, tf } from "../../lib/tensorflow/mod.ts";
import { scoped, withoutLeaks } from "../_tensors.ts";

const numbers = (count: number) =>
  dataset.fromArrays({
    x: { values: Int32Array.from({ length: count }, (_, index) => index), shape: [count] },
  });

async function batchesOf(set: dataset.Dataset<{ x: tf.Tensor }>, seed = 5): Promise<number[][]> {
  const found: number[][] = [];
  for await (const { x } of set.epoch(seed)) {
    found.push([...x.dataSync()]);
    x.dispose();
  }
  assertEquals(found.length, set.size);
  return found;
}

for (const dropRemainder of [true, false]) {
  for (const count of [26, 24, 3, 1]) {
    Deno.test(
      `dataset: three shares of ${count} shuffled elements are the batches of one, ${
        dropRemainder ? "whole ones alone" : "to the last element"
      }`,
      () =>
        withoutLeaks(async () => {
          const whole = await batchesOf(numbers(count).shuffle().batch(6, { dropRemainder }));
          const shares = await Promise.all([0, 1, 2].map((index) =>
            batchesOf(
              numbers(count).shuffle().batch(2, { dropRemainder })
                .share({ count: 3, index, size: 2, dropRemainder }),
            )
          ));
          const together = whole.map((_, at) => shares.flatMap((share) => share[at] ?? []));
          assertEquals(together, whole);
        }),
    );
  }
}

Deno.test("dataset: a share draws other numbers than the next, and the first as the whole", () =>
  withoutLeaks(async () => {
    const noisy = (set: dataset.Dataset<{ x: tf.Tensor }>) =>
      set.map((_, seed) => ({ x: random.integers(seed, [2], 0, 1_000_000) }));
    const sharesOf = (index: number) =>
      batchesOf(noisy(numbers(8).batch(2)).share({ count: 2, index, size: 2 }));
    const [first, second] = [await sharesOf(0), await sharesOf(1)];
    assertEquals(first, (await batchesOf(noisy(numbers(8).batch(2)))).slice(0, 2));
    assertEquals(first.flat().filter((value) => second.flat().includes(value)), []);
    assertEquals(await sharesOf(1), second);
  }));

Deno.test("dataset: a share goes on where it was left", () =>
  withoutLeaks(async () => {
    const share = numbers(24).shuffle().batch(2).share({ count: 3, index: 1, size: 2 });
    assertEquals(await batchesOf(share.skip(1)), (await batchesOf(share)).slice(1));
  }));

Deno.test("dataset: shares that cannot be are refused", () => {
  const set = numbers(4).batch(2);
  const share = (count: number, index: number, size: number) => () =>
    set.share({ count, index, size });
  assertThrows(share(2, 2, 1), RangeError, "Cannot take share 2 of 2");
  assertThrows(share(2, -1, 1), RangeError, "Cannot take share -1 of 2");
  assertThrows(share(2, 0.5, 1), RangeError, "Cannot take share 0.5 of 2");
  assertThrows(share(0, 0, 1), RangeError, "Cannot share elements among 0");
  assertThrows(share(2, 0, 0), RangeError, "Cannot share runs of 0");
});

Deno.test(
  "collectives: a sum belongs into a compiled function",
  scoped(() => {
    const options = { groupSize: 2, groupKey: 1, instanceKey: 1, timeoutSeconds: 1 };
    assertThrows(
      () => collectives.sum(tf.scalar(1), options),
      Error,
      "Cannot sum over processes outside of a trace",
    );
  }),
);
