import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { attribute, backend, DType, TensorFlowError, tf } from "../../lib/tensorflow/mod.ts";
import { held, leavesNothing, residentMiB } from "./_leaks.ts";

const { binding } = backend;
const encode = (text: string) => new TextEncoder().encode(text);

/** The values of a tensor with these, after TensorFlow had them. */
function roundTrip(
  shape: number[],
  dtype: number,
  values: Parameters<typeof binding.createTensor>[2],
) {
  const id = binding.createTensor(shape, dtype, values);
  assertEquals(binding.metadata(id), { id, shape, dtype });
  const read = binding.tensorDataSync(id);
  binding.deleteTensor(id);
  return read;
}

Deno.test("binding keeps the values of every dtype of TensorFlow.js", () =>
  leavesNothing(() => {
    const floats = Float32Array.of(1.5, -0, NaN, Infinity, 3.4e38, 1e-45);
    assertEquals(roundTrip([2, 3], DType.float32, floats), floats);
    const integers = Int32Array.of(0, -1, 2 ** 31 - 1, -(2 ** 31));
    assertEquals(roundTrip([4], DType.int32, integers), integers);
    const bools = Uint8Array.of(1, 0, 1);
    assertEquals(roundTrip([3, 1], DType.bool, bools), bools);
    const complex = Float32Array.of(1, -2, 3, -4);
    assertEquals(roundTrip([2], DType.complex64, complex), complex);
    const bytes = Uint8Array.of(0, 127, 255);
    assertEquals(roundTrip([3], DType.uint8, bytes), bytes);
  }));

Deno.test("binding converts plain numbers and views of other types", () => {
  assertEquals(roundTrip([2], DType.float32, [1, 2.5]), Float32Array.of(1, 2.5));
  assertEquals(roundTrip([2], DType.int32, [1, -2]), Int32Array.of(1, -2));
  assertEquals(roundTrip([2], DType.bool, [1, 0]), Uint8Array.of(1, 0));
  assertEquals(roundTrip([2], DType.float32, Int32Array.of(3, 4)), Float32Array.of(3, 4));
  const view = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
  assertEquals(roundTrip([2], DType.float32, view), Float32Array.of(1, 2));
});

Deno.test("binding keeps scalars and tensors of size zero", () =>
  leavesNothing(() => {
    assertEquals(roundTrip([], DType.float32, [7]), Float32Array.of(7));
    assertEquals(roundTrip([0], DType.float32, []), new Float32Array());
    assertEquals(roundTrip([2, 0, 3], DType.int32, []), new Int32Array());
    assertEquals([...roundTrip([0], DType.string, []) as Iterable<unknown>], []);
  }));

Deno.test("binding keeps strings of any bytes and length", () =>
  leavesNothing(() => {
    const strings = [
      "",
      "a",
      "dög",
      "😀".repeat(5),
      "x".repeat(22),
      "x".repeat(23),
      "y".repeat(1e6),
    ]
      .map(encode);
    const values = [...strings, Uint8Array.of(0, 255, 0)];
    const read = roundTrip([2, 4], DType.string, values) as unknown as Uint8Array[];
    assertEquals(read, values);
    const [scalar] = roundTrip([], DType.string, [encode("ü")]) as unknown as Uint8Array[];
    assertEquals(scalar, encode("ü"));
  }));

Deno.test("binding takes int64 as numbers, bigints and pairs of words, and gives int32", () => {
  const words = Int32Array.of(7, 0, -2, -1);
  for (const values of [words, [7, -2], BigInt64Array.of(7n, -2n)]) {
    assertEquals(roundTrip([2], DType.int64, values), Int32Array.of(7, -2));
  }
});

Deno.test("binding refuses to read int64 that int32 does not hold", () =>
  leavesNothing(() => {
    for (const value of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 62n]) {
      const id = binding.createTensor([1], DType.int64, BigInt64Array.of(value));
      assertThrows(() => binding.tensorDataSync(id), RangeError, `int64 value ${value}`);
      binding.deleteTensor(id);
    }
  }));

Deno.test("binding refuses values that do not fit the shape", () =>
  leavesNothing(() => {
    const create = (shape: number[], dtype: number, values: Float32Array | Uint8Array[]) => () =>
      binding.createTensor(shape, dtype, values);
    assertThrows(
      create([2, 2], DType.float32, new Float32Array(3)),
      RangeError,
      "float32 tensor of shape [2,2]: it takes 16 bytes, got 12",
    );
    assertThrows(create([2], DType.string, [encode("a")]), RangeError, "2 strings, got 1");
    assertThrows(create([-1, -1], DType.float32, new Float32Array(1)), RangeError, "[-1,-1]");
    assertThrows(create([NaN], DType.float32, new Float32Array(1)), RangeError, "[NaN]");
    assertThrows(create([], DType.resource, new Float32Array(1)), TypeError, "resource");
  }));

Deno.test("binding refuses deleted tensors, and deleting twice does nothing", () => {
  const id = binding.createTensor([1], DType.float32, [1]);
  binding.deleteTensor(id);
  binding.deleteTensor(id);
  const neg = () => binding.executeOp("Neg", [attribute.type("T", DType.float32)], [id], 1);
  assertThrows(() => binding.tensorDataSync(id), Error, `Cannot use tensor ${id}`);
  assertThrows(neg, Error, `Cannot use tensor ${id}`);
});

Deno.test("binding's errors tell the operation, TensorFlow's message and its code", () =>
  leavesNothing(() => {
    const id = binding.createTensor([2], DType.float32, [1, 2]);
    const matMul = assertThrows(
      () => binding.executeOp("MatMul", [attribute.type("T", DType.float32)], [id, id], 1),
      TensorFlowError,
      "Cannot run MatMul: ",
    );
    assertEquals(matMul.code, "INVALID_ARGUMENT");
    // The rest is another with oneDNN, which TensorFlow uses on some processors only.
    assertStringIncludes(matMul.message, "ndims must be");
    const missing = assertThrows(
      () => binding.executeOp("NoSuchOp", [], [], 1),
      TensorFlowError,
      "NoSuchOp",
    );
    assertEquals(missing.code, "NOT_FOUND");
    binding.deleteTensor(id);
  }));

Deno.test("binding forgets an error: the next call is judged by itself", () => {
  assertThrows(() => binding.executeOp("NoSuchOp", [], [], 1), TensorFlowError);
  assertEquals(roundTrip([1], DType.float32, [5]), Float32Array.of(5));
});

Deno.test("binding refuses a wrong number of outputs or inputs", () =>
  leavesNothing(() => {
    const id = binding.createTensor([2], DType.float32, [1, 2]);
    const float = [attribute.type("T", DType.float32)];
    assertThrows(() => binding.executeOp("Neg", float, [id], 2), RangeError, "2 outputs: it has 1");
    assertThrows(() => binding.executeOp("Neg", float, [id], 0), TensorFlowError, "Neg");
    assertThrows(() => binding.executeOp("Neg", float, [id, id], 1), TensorFlowError, "Neg");
    assertThrows(() => binding.executeOp("Add", float, [id], 1), TensorFlowError, "Add");
    binding.deleteTensor(id);
  }));

Deno.test("binding hands resources from one operation to the next", () =>
  leavesNothing(() => {
    const types = [attribute.type("dtype", DType.float32), attribute.shape("shape", [2])];
    const [variable] = binding.executeOp("VarHandleOp", types, [], 1);
    assertEquals(variable!.dtype, DType.resource);
    const value = binding.createTensor([2], DType.float32, [3, 4]);
    const dtype = [attribute.type("dtype", DType.float32)];
    assertEquals(binding.executeOp("AssignVariableOp", dtype, [variable!.id, value], 0), []);
    const [read] = binding.executeOp("ReadVariableOp", dtype, [variable!.id], 1);
    assertEquals(binding.tensorDataSync(read!.id), Float32Array.of(3, 4));
    for (const id of [variable!.id, value, read!.id]) binding.deleteTensor(id);
  }));

Deno.test("binding runs operations on other threads, several at once", () =>
  leavesNothing(async () => {
    const ids = [1, 2, 3, 4].map((value) => binding.createTensor([], DType.float32, [value]));
    const float = [attribute.type("T", DType.float32)];
    const results = await Promise.all(ids.map((id) => binding.executeAsync("Neg", float, [id], 1)));
    const values = results.map(([id]) => binding.tensorDataSync(id!)[0]);
    assertEquals(values, [-1, -2, -3, -4]);
    for (const id of [...ids, ...results.flat()]) binding.deleteTensor(id);
  }));

Deno.test("binding's values are copies", () => {
  const values = Float32Array.of(1, 2);
  const id = binding.createTensor([2], DType.float32, values);
  values.fill(0);
  const read = binding.tensorDataSync(id);
  assertEquals(read, Float32Array.of(1, 2));
  read.fill(0);
  assertEquals(binding.tensorDataSync(id), Float32Array.of(1, 2));
  binding.deleteTensor(id);
});

Deno.test("binding leaks neither handles nor memory over many tensors and errors", () => {
  const long = encode("z".repeat(100_000));
  const turn = () => {
    roundTrip([2], DType.string, [long, long]);
    roundTrip([50_000], DType.float32, new Float32Array(50_000));
    assertThrows(() => binding.executeOp("NoSuchOp", [], [], 1), TensorFlowError);
    const strings = tf.tensor([..."ab"].map((letter) => letter.repeat(100_000)));
    strings.dispose();
  };
  const growth = () => {
    const start = residentMiB();
    for (let i = 0; i < 400; i++) turn();
    return residentMiB() - start;
  };
  for (let i = 0; i < 100; i++) turn();
  const before = held();
  // A leak of the strings or floats alone would be 80 MiB each time; what the process itself takes
  // and keeps is not.
  const least = Math.min(growth(), growth(), growth());
  assertEquals(held(), before);
  assert(least < 40, `${least} MiB more`);
});

Deno.test("binding tells TensorFlow's version and whether a GPU is used", () => {
  assertStringIncludes(binding.TF_Version, "2.");
  assertEquals(typeof binding.isUsingGpuDevice(), "boolean");
});
