import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import {
  attribute,
  backend,
  configureDevices,
  DType,
  listDevices,
  TensorFlowError,
  tf,
} from "../../lib/tensorflow/mod.ts";
import { runScript } from "./_process.ts";

Deno.test("listDevices tells names, types and memory, after an error too", () => {
  const x = tf.ones([1]);
  const float = [attribute.type("T", DType.float32)];
  assertThrows(() => backend.run("MatMul", float, [x, x]), TensorFlowError);
  x.dispose();
  const [cpu] = listDevices();
  assertEquals(cpu!.type, "CPU");
  assertMatch(cpu!.name, /device:CPU:0$/);
  assertEquals(cpu!.memoryBytes > 0, true);
});

Deno.test("configureDevices refuses impossible counts and a context that exists", () => {
  listDevices();
  assertThrows(() => configureDevices({}), Error, "Cannot configure devices after the first");
});

Deno.test("configureDevices sets devices and threads before the first operation", async () => {
  const { stdout, code, stderr } = await runScript(`
    const { configureDevices, listDevices, tf } = engine;
    for (const wrong of [{ intraOpThreads: 0 }, { interOpThreads: 1.5 }, { cpuDevices: NaN }]) {
      try {
        configureDevices(wrong);
      } catch (error) {
        console.log(error.name + ": " + error.message);
      }
    }
    configureDevices({ cpuDevices: 3 });
    configureDevices({ intraOpThreads: 1, interOpThreads: 200 });
    console.log(listDevices().map(({ name }) => name.slice(-5)).join());
    console.log(tf.add(1, 2).dataSync()[0]);
    try {
      configureDevices({ cpuDevices: 1 });
    } catch (error) {
      console.log(error.message);
    }`);
  assertEquals([stdout, code], [
    [
      "RangeError: Cannot use intraOpThreads 0: it must be a positive integer",
      "RangeError: Cannot use interOpThreads 1.5: it must be a positive integer",
      "RangeError: Cannot use cpuDevices NaN: it must be a positive integer",
      "CPU:0,CPU:1,CPU:2",
      "3",
      "Cannot configure devices after the first operation: call it before",
      "",
    ].join("\n"),
    0,
  ], stderr);
});

const USE = `
  const { compile, tf } = engine;
  const f = compile((x) => tf.matMul(x, x), { jit: "xla" });
  console.log(f.sync(tf.ones([8, 8])).dataSync()[0]);`;

Deno.test("TensorFlow is silent by default, also while it loads and compiles", async () => {
  assertEquals(await runScript(USE), { code: 0, signal: null, stdout: "8\n", stderr: "" });
});

Deno.test("TensorFlow tells of its work with TF_CPP_MIN_LOG_LEVEL=0", async () => {
  const { code, stdout, stderr } = await runScript(USE, { env: { TF_CPP_MIN_LOG_LEVEL: "0" } });
  assertEquals([code, stdout], [0, "8\n"]);
  assertStringIncludes(stderr, "This TensorFlow binary is optimized");
  assertStringIncludes(stderr, "XLA");
});
