import { assertEquals, assertThrows } from "@std/assert";
import {
  type Attribute,
  attribute,
  backend,
  compile,
  DType,
  TensorFlowError,
  tf,
} from "../../lib/tensorflow/mod.ts";
import { traced } from "../../lib/tensorflow/compile/traced.ts";
import { leavesNothing } from "./_leaks.ts";

const float = attribute.type("T", DType.float32);

/** Runs an operation eagerly and as a node, which must agree, and gives the values of an output. */
function both(
  type: string,
  attributes: readonly Attribute[],
  inputs: tf.Tensor[],
  { outputs = 1, output = 0 } = {},
): { shape: number[]; values: number[] } {
  const run = (...args: tf.Tensor[]) => backend.run(type, attributes, args, outputs)[output]!;
  const compiled = compile(run);
  const [eager, node] = [tf.tidy(() => run(...inputs)), compiled.sync(...inputs)];
  const found = { shape: eager.shape, values: Array.from(eager.dataSync()) };
  assertEquals({ shape: node.shape, values: Array.from(node.dataSync()) }, found);
  compiled.dispose();
  tf.dispose([eager, node, ...inputs]);
  return found;
}

Deno.test("attributes of type bool and dtype", () =>
  leavesNothing(() => {
    const x = tf.tensor2d([[1, 2], [3, 4]]);
    const transposed = attribute.bool("transpose_a", true);
    const { values } = both("MatMul", [float, transposed], [x, tf.eye(2)]);
    assertEquals(values, [1, 3, 2, 4]);
    const cast = [attribute.type("SrcT", DType.float32), attribute.type("DstT", DType.int32)];
    assertEquals(both("Cast", cast, [tf.tensor1d([1.7])]).values, [1]);
  }));

Deno.test("attributes of type int, and lists of them", () =>
  leavesNothing(() => {
    const n = attribute.int("N", 3);
    assertEquals(both("AddN", [n, float], [tf.scalar(1), tf.scalar(2), tf.scalar(3)]).values, [6]);
    const pool = [
      float,
      attribute.int("ksize", [1, 2, 2, 1]),
      attribute.int("strides", [1, 2, 2, 1]),
      attribute.string("padding", "VALID"),
    ];
    const image = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
    assertEquals(both("MaxPool", pool, [image]), { shape: [1, 1, 1, 1], values: [4] });
    const axis = attribute.int("squeeze_dims", [-1]);
    assertEquals(both("Squeeze", [float, axis], [tf.ones([2, 1])]).shape, [2]);
    assertEquals(both("Squeeze", [float, attribute.int("squeeze_dims", [])], [tf.ones([1, 1])]), {
      shape: [],
      values: [1],
    });
  }));

Deno.test("attributes of type float, and lists of them", () =>
  leavesNothing(() => {
    const alpha = attribute.float("alpha", 0.5);
    assertEquals(both("LeakyRelu", [float, alpha], [tf.tensor1d([-2, 2])]).values, [-1, 2]);
    const boundaries = attribute.float("boundaries", [0, 10, 100]);
    const x = tf.tensor1d([-5, 10, 50, 1e6]);
    assertEquals(both("Bucketize", [float, boundaries], [x]).values, [0, 2, 2, 3]);
  }));

Deno.test("attributes of type string, and lists of them", () =>
  leavesNothing(() => {
    const fused = [
      float,
      attribute.int("num_args", 1),
      attribute.string("fused_ops", ["BiasAdd", "Relu"]),
    ];
    const inputs = [tf.tensor2d([[1, -1]]), tf.eye(2), tf.tensor1d([1, 0.5])];
    assertEquals(both("_FusedMatMul", fused, inputs).values, [2, 0]);
  }));

Deno.test("attributes of type shape, and lists of them and of dtypes", () =>
  leavesNothing(() => {
    const shape = (sizes: number[]) => [float, attribute.shape("shape", sizes)];
    assertEquals(both("EnsureShape", shape([2, -1]), [tf.ones([2, 3])]).shape, [2, 3]);
    assertEquals(both("EnsureShape", shape([]), [tf.scalar(1)]).shape, []);
    const run = () => backend.run("EnsureShape", shape([3]), [x]);
    const x = tf.ones([2]);
    assertThrows(run, TensorFlowError, "Cannot run EnsureShape");
    const elements = [
      attribute.type("output_types", [DType.float32, DType.int32]),
      attribute.shapes("output_shapes", [[], [2, -1]]),
    ];
    const { binding } = backend;
    const [iterator] = binding.execute("AnonymousIteratorV3", elements, [], 1);
    binding.deleteTensor(iterator!);
    x.dispose();
  }));

Deno.test("attributes of type function", () =>
  leavesNothing(() => {
    traced("twice", {}, ({ graph }) => {
      const x = graph.placeholder(DType.float32, [2]);
      graph.addFunction("attributes_test_twice", [x], graph.operation("AddV2", [float], [x, x], 1));
    });
    const call = [
      attribute.function("f", "attributes_test_twice"),
      attribute.type("Tin", [DType.float32]),
      attribute.type("Tout", [DType.float32]),
    ];
    const x = tf.tensor1d([1, 2]);
    const [y] = backend.run("PartitionedCall", call, [x]);
    assertEquals(Array.from(y!.dataSync()), [2, 4]);
    tf.dispose([x, y!]);
  }));

Deno.test("attributes of the wrong type are refused by name", () =>
  leavesNothing(() => {
    const x = tf.ones([2, 2]);
    const multiply = (...wrong: Attribute[]) => (x: tf.Tensor) =>
      backend.run("MatMul", [float, ...wrong], [x, x])[0]!;
    const cases: [Attribute, new (message: string, code: string) => Error][] = [
      [attribute.int("transpose_a", 1), TensorFlowError],
      [{ name: "transpose_a", type: 99, value: 1 }, TypeError],
    ];
    for (const [wrong, error] of cases) {
      assertThrows(() => multiply(wrong)(x), error, "transpose_a");
      assertThrows(() => compile(multiply(wrong)).sync(x), error, "transpose_a");
    }
    x.dispose();
  }));

Deno.test("values of another type than an attribute's are refused", () =>
  leavesNothing(() => {
    const refuse = (type: number, values: readonly unknown[]) => {
      for (const value of values) {
        const run = () => backend.binding.executeOp("Neg", [{ name: "T", type, value }], [], 1);
        assertThrows(run, TypeError, "Cannot set attribute T: it ");
      }
    };
    refuse(0, [null, false, 1, {}, [1, 2]]);
    refuse(1, [null, false, {}, "text", 0.5, NaN, [1, 0.5]]);
    refuse(2, [null, false, {}, "text"]);
    refuse(3, [null, 10, {}, "text", [true]]);
    refuse(5, [null, {}, "text"]);
  }));
