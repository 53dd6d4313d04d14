import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  attribute,
  backend,
  dataset,
  DType,
  random,
  TensorFlowError,
  tf,
} from "../../lib/tensorflow/mod.ts";
import { values, withoutLeaks } from "../_tensors.ts";

type Elements<K extends string> = dataset.Dataset<Readonly<Record<K, tf.Tensor>>>;

/** The numbers 0 to count - 1 under the name x. */
function numbers(count: number): Elements<"x"> {
  const array = Int32Array.from({ length: count }, (_, index) => index);
  return dataset.fromArrays({ x: { values: array, shape: [count] } });
}

/** Reads an epoch as numbers and disposes its tensors. */
async function read<K extends string>(
  data: Elements<K>,
  seed?: number,
): Promise<Record<K, number[]>[]> {
  const elements: Record<K, number[]>[] = [];
  for await (const element of data.epoch(seed)) {
    const entries = Object.entries<tf.Tensor>(element);
    elements.push(
      Object.fromEntries(entries.map(([key, x]) => [key, values(x)])) as Record<K, number[]>,
    );
    tf.dispose(entries.map(([, x]) => x));
  }
  return elements;
}

/** All values of an epoch under the name x. */
async function xs(data: Elements<"x">, seed?: number): Promise<number[]> {
  return (await read(data, seed)).flatMap(({ x }) => x);
}

function test(name: string, body: () => Promise<void>): void {
  Deno.test(`dataset: ${name}`, () => withoutLeaks(body));
}

const fill = [attribute.type("T", DType.float32), attribute.type("index_type", DType.int32)];

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("elements are slices of the arrays, bytes as int32", async () => {
  const data = dataset.fromArrays({
    f: { values: Float32Array.of(0.5, -1, 2, NaN), shape: [2, 2] },
    i: { values: Int32Array.of(-(2 ** 31), 2 ** 31 - 1), shape: [2] },
    b: { values: Uint8Array.of(0, 1, 128, 255, 7, 8), shape: [2, 3, 1] },
  });
  assertEquals(data.size, 2);
  const seen = [];
  for await (const element of data.epoch()) {
    seen.push(Object.entries(element).map(([name, x]) => [name, x.dtype, x.shape, values(x)]));
    tf.dispose(Object.values(element));
  }
  assertEquals(seen, [
    [["f", "float32", [2], [0.5, -1]], ["i", "int32", [], [-(2 ** 31)]], [
      "b",
      "int32",
      [3, 1],
      [0, 1, 128],
    ]],
    [["f", "float32", [2], [2, NaN]], ["i", "int32", [], [2 ** 31 - 1]], [
      "b",
      "int32",
      [3, 1],
      [255, 7, 8],
    ]],
  ]);
});

test("arrays are copied, views from where they begin", async () => {
  const all = Int32Array.of(9, 1, 2, 3, 9);
  const bytes = Uint8Array.of(9, 9, 9, 4, 5, 6);
  const data = dataset.fromArrays({
    x: { values: all.subarray(1, 4), shape: [3] },
    y: { values: bytes.subarray(3), shape: [3] },
  });
  all.fill(0);
  bytes.fill(0);
  assertEquals(await read(data), [{ x: [1], y: [4] }, { x: [2], y: [5] }, { x: [3], y: [6] }]);
});

test("a set of nothing has empty epochs, whatever its stages", async () => {
  const empty = dataset.fromArrays({ x: { values: new Float32Array(0), shape: [0, 2] } });
  const stages = empty.shuffle().map(({ x }) => ({ x })).batch(3).prefetch();
  assertEquals([empty.size, stages.size], [0, 0]);
  assertEquals(await read(stages), []);
});

test("refuses arrays that do not fit together or their shapes", () => {
  const one = { values: Int32Array.of(1), shape: [1] };
  const two = { values: Int32Array.of(1, 2), shape: [2] };
  const refused = (sources: Record<string, dataset.ArraySource>, message: string) =>
    assertThrows(() => dataset.fromArrays(sources), RangeError, message);
  refused({ a: one, b: two }, "of these arrays: a [1], b [2]. They must have the same first size");
  refused({ a: { ...one, shape: [] } }, "a []");
  refused({}, "none");
  refused({ a: { ...one, shape: [3] } }, "shape [3]: it takes 12 bytes, got 4");
  refused({ a: { ...one, shape: [-1] } }, "sizes must be >= 0");
  return Promise.resolve();
});

test("shuffle permutes by the epoch's seed alone", async () => {
  const data = numbers(50).shuffle();
  const [first, again, other] = [await xs(data, 3), await xs(data, 3), await xs(data, 4)];
  assertEquals(again, first);
  for (const order of [first, other, await xs(data, 0), await xs(data, -1)]) {
    assertEquals(order.toSorted((a, b) => a - b), await xs(numbers(50)));
  }
  const orders = await Promise.all([3, 4, 0, -1, 2 ** 31 - 1, -(2 ** 31)].map((s) => xs(data, s)));
  assertEquals(new Set(orders.map(String)).size, 6);
  assertEquals(await xs(numbers(50).shuffle(), 3), first, "of another data set");
});

test("shuffle over a buffer is local", async () => {
  const local = await xs(numbers(100).shuffle(5), 1);
  assert(local.every((x, place) => x < place + 5), `${local}`);
  assertEquals(await xs(numbers(10).shuffle(1), 1), await xs(numbers(10)));
});

test("map runs a function of TensorFlow.js on each element, in order", async () => {
  const data = numbers(100)
    .map(({ x }) => ({ x: x.mul(2), nested: [x.toFloat().div(4)], name: "kept" }))
    .map(({ x, nested: [quarter], name }) => ({ x: x.add(1), y: quarter!, name }));
  const seen = [];
  for await (const { x, y, name } of data.epoch()) {
    seen.push([x.dtype, ...values(x), ...values(y), name]);
    tf.dispose([x, y]);
  }
  assertEquals(seen.length, 100);
  seen.forEach((found, index) =>
    assertEquals(found, ["float32", 2 * index + 1, index / 4, "kept"])
  );
});

test("map's seed belongs to position, epoch and stage, not to the order of execution", async () => {
  const draw = ({ x }: { readonly x: tf.Tensor }, seed: random.Seed) => ({
    x,
    r: random.uniform(seed, []),
  });
  const drawn = async (data: Elements<"r">, seed = 5) =>
    (await read(data, seed)).flatMap(({ r }) => r);
  const parallel = await drawn(numbers(40).map(draw));
  assertEquals(await drawn(numbers(40).map(draw, { parallel: 1 })), parallel);
  assertEquals(await drawn(numbers(40).map(draw, { parallel: 16 }).prefetch(8)), parallel);
  assertEquals(await drawn(numbers(40).map(draw).skip(15)), parallel.slice(15), "resumed");
  assertEquals(new Set(parallel).size, 40);
  assertEquals(new Set([...parallel, ...await drawn(numbers(40).map(draw), 6)]).size, 80);
  const stages = await read(
    numbers(40).map(draw).map(({ x, r }, seed) => ({ ...draw({ x }, seed), first: r })),
    5,
  );
  assertEquals(stages.map(({ first }) => first[0]), parallel);
  assert(stages.every(({ first, r }) => first[0] !== r[0]));
});

test("map traces once, and reads what it captures when an epoch starts", async () => {
  const factor = tf.scalar(2, "int32");
  const offset = tf.tidy(() => tf.variable(tf.scalar(10, "int32")));
  let traces = 0;
  const data = numbers(3).map(({ x }) => {
    traces++;
    return { x: x.mul(factor).add(offset) };
  });
  assertEquals(await xs(data), [10, 12, 14]);
  const next = tf.scalar(20, "int32");
  offset.assign(next);
  assertEquals(await xs(data), [20, 22, 24]);
  assertEquals(traces, 1);
  const running = data.prefetch(1).epoch();
  const values = [(await running.next()).value!];
  tf.dispose([factor, offset, next]);
  for await (const rest of running) values.push(rest);
  assertEquals(values.map(({ x }) => x.dataSync()[0]), [20, 22, 24]);
  tf.dispose(values.map(({ x }) => x));
  await assertRejects(() => xs(data), Error, "was disposed. Pass it as an argument, or keep it");
});

test("map refuses what a trace would freeze, and functions that give no tensors", () => {
  const data = numbers(3);
  const refused = (fn: (element: { readonly x: tf.Tensor }) => unknown, message: string) =>
    assertThrows(() => data.map(fn), Error, message);
  refused(function half({ x }) {
    return x.dataSync();
  }, "Cannot read a tensor's values while half is being traced");
  refused(({ x }) => x.add(tf.randomNormal([])), "with tf.randomNormal while the function of a");
  refused(({ x }) => x.add(Math.random()), "with Math.random while the function of a data set");
  refused(({ x }) => tf.keep(x.add(1)), "outlive the trace");
  refused(({ x }) => Promise.resolve(x), "it is asynchronous");
  refused(() => 3, "its result holds no tensor");
  refused(() => undefined, "its result holds no tensor");
  refused(({ x }) => new Map([["x", x]]), "Map at the result");
  refused(() => {
    throw new Error("mine");
  }, "mine");
  refused(({ x }) => x.reshape([3]), "Cannot trace Reshape: Cannot reshape");
  refused(({ x }) => data.map(() => x), "is being traced");
  return Promise.resolve();
});

test("an error at run time names the operation, after the elements before it", async () => {
  const table = tf.tensor1d([5, 6]);
  const data = numbers(4).map(({ x }) => ({ x: table.gather(x.reshape([1])) }));
  const seen: number[] = [];
  const error = await assertRejects(
    async () => {
      for await (const { x } of data.epoch()) {
        seen.push(...values(x));
        x.dispose();
      }
    },
    TensorFlowError,
    "indices[0] = 2 is not in [0, 2)",
  );
  assertEquals(seen, [5, 6]);
  assertEquals(error.code, "INVALID_ARGUMENT");
  assertMatch(error.message, /GatherV2/);
  table.dispose();
});

test("batch stacks elements, with the remainder or without", async () => {
  const whole = numbers(7).batch(3);
  assertEquals(whole.size, 3);
  assertEquals((await read(whole)).map(({ x }) => x), [[0, 1, 2], [3, 4, 5], [6]]);
  const dropped = numbers(7).batch(3, { dropRemainder: true });
  assertEquals(dropped.size, 2);
  assertEquals((await read(dropped)).map(({ x }) => x), [[0, 1, 2], [3, 4, 5]]);
  assertEquals(numbers(2).batch(3, { dropRemainder: true }).size, 0);
  assertEquals((await read(numbers(2).batch(3))).map(({ x }) => x), [[0, 1]]);

  // After a batch that may be incomplete sizes are unknown to the trace.
  const shapes: number[][] = [];
  const mapped = numbers(5).batch(2).map(({ x }) => {
    shapes.push(x.shape);
    return { x: x.mul(tf.onesLike(x)).add(1), hot: tf.oneHot(x as tf.Tensor1D, 5) };
  });
  assertEquals(shapes, [[-1]]);
  assertEquals((await read(mapped)).map(({ x }) => x), [[1, 2], [3, 4], [5]]);
});

test("elements of different shapes cannot be stacked", async () => {
  const ragged = numbers(3).map(({ x }) => {
    const sizes = x.reshape([1]).add(tf.scalar(1, "int32"));
    return { x: backend.run("Fill", fill, [sizes, tf.scalar(1)])[0]! };
  });
  assertEquals((await read(ragged)).map(({ x }) => x.length), [1, 2, 3]);
  await assertRejects(
    () => read(ragged.batch(3)),
    TensorFlowError,
    "number of elements does not match",
  );
});

test("skip and take are parts of the same epoch", async () => {
  const all = await xs(numbers(10).shuffle(), 1);
  assertEquals(await xs(numbers(10).shuffle().skip(4), 1), all.slice(4));
  assertEquals(await xs(numbers(10).shuffle().take(4), 1), all.slice(0, 4));
  assertEquals(await xs(numbers(10).shuffle().skip(4).take(3), 1), all.slice(4, 7));
  const sizes = [
    numbers(10).skip(4),
    numbers(10).skip(0),
    numbers(10).skip(99),
    numbers(10).take(4),
    numbers(10).take(99),
    numbers(10).take(0),
    numbers(10).skip(8).batch(4),
  ];
  for (const data of sizes) assertEquals((await read(data)).length, data.size);
  assertEquals(sizes.map(({ size }) => size), [6, 10, 0, 4, 10, 0, 1]);
});

test("a data set is not changed by what is made of it", async () => {
  const data = numbers(4);
  data.map(({ x }) => ({ x: x.mul(0) })).batch(2);
  assertEquals(await xs(data), [0, 1, 2, 3]);
});

test("epochs can be read side by side", async () => {
  const data = numbers(60).shuffle().map(({ x }) => ({ x: x.add(1) })).prefetch();
  const alone = [await xs(data, 1), await xs(data, 2)];
  assertEquals(await Promise.all([xs(data, 1), xs(data, 2)]), alone);
});

test("an epoch that is left early, or never begun, keeps nothing", async () => {
  const data = numbers(1000).map(({ x }) => ({ x: x.mul(2) })).batch(2).prefetch(4);
  const before = backend.binding.getNumOfTensors();
  for (let time = 0; time < 10; time++) {
    for await (const { x } of data.epoch()) {
      x.dispose();
      break;
    }
    await assertRejects(
      async () => {
        for await (const { x } of data.epoch()) {
          x.dispose();
          throw new Error("the reader's");
        }
      },
      Error,
      "the reader's",
    );
    data.epoch();
  }
  assert(backend.binding.getNumOfTensors() <= before, "native handles were leaked");
});

test("whole epochs leave as many native handles as there were, failing ones too", async () => {
  const table = tf.tensor1d([5, 6]);
  const data = numbers(12).shuffle().map(({ x }, seed) => ({ x: x.add(seed.sum()) })).batch(5);
  const failing = numbers(4).map(({ x }) => ({ x: table.gather(x.reshape([1])) }));
  await read(data);
  const before = backend.binding.getNumOfTensors();
  for (let seed = 0; seed < 10; seed++) {
    assertEquals((await read(data, seed)).length, 3);
    await assertRejects(() => read(failing), TensorFlowError);
    await assertRejects(() => read(data, 0.5), RangeError);
  }
  assert(backend.binding.getNumOfTensors() <= before, "native handles were leaked");
  table.dispose();
});

test("while an element is made the event loop goes on", async () => {
  const heavy = numbers(1).map(({ x }) => {
    let matrix: tf.Tensor = tf.ones([1200, 1200]).mul(x.add(1).toFloat());
    for (let time = 0; time < 8; time++) matrix = tf.matMul(matrix, matrix).div(1200);
    return { x: matrix.mean() };
  });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await pause(5);
  ticks = 0;
  const start = performance.now();
  await read(heavy);
  const took = performance.now() - start;
  clearInterval(timer);
  assert(ticks >= 2, `${ticks} ticks in ${took} ms`);
});

test("refuses impossible stages and seeds", async () => {
  const data = numbers(3);
  const refused = (make: () => unknown, message: string) =>
    assertThrows(make, RangeError, `Cannot ${message}`);
  for (const wrong of [0, -1, 1.5, NaN, Infinity]) {
    refused(() => data.shuffle(wrong), `shuffle with a buffer of ${wrong}: it must be a positive`);
    refused(() => data.batch(wrong), `batch elements by ${wrong}: it must be a positive integer`);
    refused(() => data.prefetch(wrong), `prefetch ${wrong}: it must be a positive integer`);
    refused(() => data.map((element) => element, { parallel: wrong }), `map with a parallelism of`);
  }
  for (const wrong of [-1, 1.5, NaN]) {
    refused(() => data.skip(wrong), `skip ${wrong} elements: it must be an integer >= 0`);
    refused(() => data.take(wrong), `take ${wrong} elements: it must be an integer >= 0`);
  }
  for (const wrong of [2 ** 31, 0.5, NaN]) {
    await assertRejects(() => xs(data, wrong), RangeError, `seed an epoch with ${wrong}`);
  }
});

Deno.test("a function that fails for an element is named, with TensorFlow's reason alone", async () => {
  const table = tf.tensor1d([10, 20]);
  const data = numbers(4)
    .map(function looksUp({ x }) {
      return { x: tf.gather(table, x) };
    });
  await assertRejects(
    () => xs(data),
    TensorFlowError,
    "Cannot make an element of the data set by looksUp: indices = 2 is not in [0, 2)",
  );
  const missing = dataset.fromRecordFiles(["/no/such/file"], 1);
  await assertRejects(
    () => Array.fromAsync(missing.epoch()),
    TensorFlowError,
    "Cannot make an element of the data set: /no/such/file; No such file",
  );
  table.dispose();
});

Deno.test("sources and functions of another kind are refused", () => {
  assertThrows(() => numbers(1).map(3 as never), TypeError, "Cannot map by 3: give a function");
  assertThrows(
    () => dataset.fromRecordFiles("a.tfrecord" as never, 1),
    TypeError,
    "Cannot read records of a.tfrecord: give a list of paths",
  );
  assertThrows(
    () => dataset.fromArrays(undefined as never),
    TypeError,
    "give arrays by their names",
  );
  for (const values of [[1, 2], Float64Array.of(1, 2), [["a"], ["b"]]]) {
    assertThrows(
      () => dataset.fromArrays({ x: { values: values as never, shape: [2] } }),
      TypeError,
      "Cannot make a data set of x: its values must be a Uint8Array",
    );
  }
});
