import { assert, assertEquals, assertThrows } from "@std/assert";
import { attribute, backend, DType, TensorFlowError, tf } from "../../lib/tensorflow/mod.ts";
import { values } from "../_tensors.ts";
import { held, leavesNothing } from "./_leaks.ts";
import { runScript } from "./_process.ts";

Deno.test("backend is TensorFlow.js's current one", () => {
  assertEquals(tf.getBackend(), "tensorflow");
  assertEquals(tf.backend() as unknown, backend);
});

Deno.test("backend leaves no tensor and no handle of a sequence of operations behind", () =>
  leavesNothing(() => {
    const image = tf.ones([1, 8, 8, 2]) as tf.Tensor4D;
    const filter = tf.ones([3, 3, 2, 4]) as tf.Tensor4D;
    const gradient = tf.grad((filter) =>
      tf.sum(tf.relu(tf.conv2d(image, filter as tf.Tensor4D, 1, "same")))
    );
    const result = tf.tidy(() => tf.softmax(tf.reshape(gradient(filter), [-1])));
    tf.dispose([image, filter, result]);
    tf.dispose(tf.tidy(() => tf.split(tf.ones([4]), 2)));
    const complex = tf.tidy(() => tf.fft(tf.complex(tf.ones([4]), tf.zeros([4]))));
    complex.dispose();
    const strings = tf.tensor(["a", "b"]);
    tf.dispose([strings, tf.string.stringToHashBucketFast(strings, 10)]);
  }));

Deno.test("backend leaves nothing of a kernel that fails behind", () =>
  leavesNothing(() => {
    const x = tf.ones([2, 2]);
    assertThrows(
      () => tf.tidy(() => backend.run("MatMul", [attribute.type("T", DType.float32)], [x])),
      TensorFlowError,
      "Cannot run MatMul",
    );
    x.dispose();
  }));

Deno.test("backend shares data between clones until the last is disposed", () =>
  leavesNothing(() => {
    const x = tf.tidy(() => tf.neg(tf.tensor1d([1, 2])));
    const clone = x.clone();
    const { handles } = held();
    x.dispose();
    assertEquals(held().handles, handles);
    assertEquals(values(clone), [-1, -2]);
    clone.dispose();
    assertEquals(held().handles, handles - 1);
    assertThrows(() => tf.neg(clone), Error, "Cannot use a tensor of shape [2]: it was disposed");
  }));

Deno.test("backend makes int32 of integer dtypes and float32 of floating ones", () =>
  leavesNothing(() => {
    const x = tf.tensor1d([1, 2, 3]);
    const to = (code: number) => {
      const types = [attribute.type("SrcT", DType.float32), attribute.type("DstT", code)];
      const [y] = backend.run("Cast", types, [x]);
      const found = { dtype: y!.dtype, values: values(y!) };
      y!.dispose();
      return found;
    };
    const { int64, uint8, int8, int16, uint16, float64, float16, bfloat16 } = DType;
    for (const code of [int64, uint8, int8, int16, uint16]) {
      assertEquals(to(code), { dtype: "int32", values: [1, 2, 3] });
    }
    for (const code of [float64, float16, bfloat16]) {
      assertEquals(to(code), { dtype: "float32", values: [1, 2, 3] });
    }
    x.dispose();
  }));

Deno.test("backend refuses outputs of dtypes that TensorFlow.js cannot hold", () =>
  leavesNothing(() => {
    const list = () =>
      tf.tidy(() =>
        backend.run("EmptyTensorList", [
          attribute.type("element_dtype", DType.float32),
          attribute.type("shape_type", DType.int32),
        ], [tf.tensor1d([2], "int32"), tf.scalar(1, "int32")])
      );
    assertThrows(list, TypeError, "Cannot make a tensor of variant");
  }));

Deno.test("backend takes over tensors of the cpu backend", () =>
  leavesNothing(async () => {
    await tf.setBackend("cpu");
    const x = tf.tensor1d([1, 2]);
    const y = tf.mul(x, 2);
    const variable = tf.tidy(() => tf.variable(tf.tensor1d([5, 6])));
    await tf.setBackend("tensorflow");
    const sum = tf.addN([x, y, variable]);
    assertEquals(values(sum), [8, 12]);
    assertEquals(values(y), [2, 4]);
    await tf.setBackend("cpu");
    tf.tidy(() => assertEquals(values(tf.neg(sum)), [-8, -12]));
    await tf.setBackend("tensorflow");
    tf.tidy(() => assertEquals(values(tf.neg(sum)), [-8, -12]));
    tf.dispose([x, y, variable, sum]);
  }));

Deno.test("backend keeps variables through assignments", () =>
  leavesNothing(() => {
    const variable = tf.tidy(() => tf.variable(tf.scalar(1)));
    for (let i = 0; i < 3; i++) {
      const next = tf.tidy(() => tf.add(variable, 1) as tf.Scalar);
      variable.assign(next);
      next.dispose();
    }
    assertEquals(values(variable), [4]);
    variable.dispose();
  }));

Deno.test("backend trains with TensorFlow.js's own optimizers", () =>
  leavesNothing(() => {
    const w = tf.tidy(() => tf.variable(tf.tensor1d([4, -4])));
    const optimizer = tf.train.adam(0.5);
    const loss = () => tf.sum(tf.square(w)) as tf.Scalar;
    const first = tf.tidy(() => loss().dataSync()[0]!);
    for (let i = 0; i < 20; i++) optimizer.minimize(loss);
    assert(tf.tidy(() => loss().dataSync()[0]!) < first / 10);
    optimizer.dispose();
    w.dispose();
  }));

Deno.test("backend's string tensors count their bytes and give text", () =>
  leavesNothing(() => {
    const x = tf.tensor2d([["ä", ""], ["😀", "b"]]);
    const y = tf.concat([x, x]);
    assertEquals(y.dataSync() as unknown, ["ä", "", "😀", "b", "ä", "", "😀", "b"]);
    tf.dispose([x, y]);
  }));

Deno.test("backend counts what it holds", () => {
  const before = { ...held(), data: backend.numDataIds() };
  const x = tf.ones([3]);
  const y = tf.neg(x);
  assertEquals({ ...held(), data: backend.numDataIds() }, {
    tensors: before.tensors + 2,
    handles: before.handles + 2,
    data: before.data + 2,
  });
  tf.dispose([x, y]);
});

Deno.test("backend counts the data that it holds, each once however many tensors have it", () => {
  const before = backend.numDataIds();
  const x = tf.scalar(1);
  const same = x.clone();
  assertEquals(backend.numDataIds(), before + 1);
  x.dispose();
  assertEquals(backend.numDataIds(), before + 1);
  same.dispose();
  assertEquals(backend.numDataIds(), before);
});

Deno.test("backend releases the handles of forgotten tensors with the garbage", async () => {
  const { stdout, code, stderr } = await runScript(
    `const { tf, backend, compile } = engine;
    const seven = compile((x) => [x, tf.neg(x)]);
    (() => {
      for (let i = 0; i < 50; i++) {
        const x = tf.ones([10]);
        tf.neg(x);
        seven.sync(x);
        tf.clone(tf.tensor(["a"]));
      }
    })();
    const before = backend.binding.getNumOfTensors();
    for (let i = 0; i < 20 && backend.binding.getNumOfTensors() > 0; i++) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    console.log(before, backend.binding.getNumOfTensors());`,
    { flags: ["--v8-flags=--expose-gc"] },
  );
  assertEquals(code, 0, stderr);
  const [before, after] = stdout.trim().split(" ").map(Number);
  assert(before! >= 200, stdout);
  assert(after! <= 4, `${after} handles are left: ${stdout}`);
});
