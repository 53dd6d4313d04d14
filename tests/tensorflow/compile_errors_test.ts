import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  attribute,
  backend,
  compile,
  DType,
  leaves,
  random,
  TensorFlowError,
  tf,
} from "../../lib/tensorflow/mod.ts";
import { valueAndGrad } from "../../lib/optim/mod.ts";
import { values } from "../_tensors.ts";
import { held, leavesNothing } from "./_leaks.ts";
import { PASS } from "../_pass.ts";

type Fn = (x: tf.Tensor) => unknown;
type ErrorClass = new (message: string, code: string) => Error;

const outside = tf.tensor1d([1, 2, 3]);
const variable = tf.tidy(() => tf.variable(tf.tensor1d([1, 1, 1])));
let leaked: tf.Tensor | undefined;
const itself = compile((x: tf.Tensor): tf.Tensor => tf.add(x, itself.sync(x)), { name: "itself" });
const odd = compile((x: tf.Tensor): tf.Tensor => tf.neg(even.sync(x)), { name: "odd" });
const even = compile((x: tf.Tensor): tf.Tensor => tf.neg(odd.sync(x)), { name: "even" });

/** What `compile` refuses, by what the function does: the function, and the error. */
const refused: Record<string, [fn: Fn, message: string, type?: ErrorClass]> = {
  "reads a value": [(x) => x.mul(x.dataSync()[0]!), "Cannot read a tensor's values while f is"],
  "reads a scalar": [(x) => x.sum().arraySync(), "Cannot read a tensor's values"],
  "prints a tensor": [(x) => x.print(), "Cannot read a tensor's values"],
  "reads a value from outside": [(x) => x.mul(outside.dataSync()[0]!), "Cannot read"],
  "reads a variable": [(x) => x.mul(variable.dataSync()[0]!), "Cannot read"],
  "awaits a value": [async (x) => tf.mul(x, (await x.data())[0]!), "it is asynchronous", TypeError],
  "is asynchronous": [(x) => Promise.resolve(x), "it is asynchronous", TypeError],
  "draws with tf.randomNormal": [(x) => x.add(tf.randomNormal([3])), "tf.randomNormal"],
  "draws with a seed": [(x) => x.add(tf.randomUniform([3], 0, 1, "float32", 7)), "randomUniform"],
  "drops out": [(x) => tf.dropout(x, 0.5), "Cannot draw random numbers with tf.randomUniform"],
  "calls Math.random": [(x) => x.mul(Math.random()), "Math.random while f is being traced"],
  "shuffles": [(x) => (tf.util.shuffle([1, 2, 3]), x), "Math.random"],
  "returns a constant": [() => tf.scalar(1), "does not depend on a tensor"],
  "returns a constant of constants": [() => tf.add(1, tf.ones([2])), "does not depend on a tensor"],
  "returns a number": [(x) => ({ y: x, rate: 0.1 }), "the result.rate is 0.1", TypeError],
  "returns text": [(x) => [x, ["a"]], 'the result[1][0] is "a"', TypeError],
  "returns a bigint": [(x) => [x, 1n], "the result[1] is 1n", TypeError],
  "returns a function": [(x) => [() => x], "a function at the result[0]", TypeError],
  "returns an object": [
    (x) => ({ map: new Map([["x", x]]) }),
    "a Map at the result.map",
    TypeError,
  ],
  "returns nothing": [() => {}, "does not depend on a tensor"],
  "calls itself": [(x) => itself.sync(x), "Cannot trace itself: it calls itself"],
  "calls itself by way of another": [(x) => odd.sync(x), "Cannot trace odd: it calls itself"],
  "calls a compiled function's promise form": [
    (x) => compile((x: tf.Tensor) => tf.neg(x), { name: "g" })(x),
    "Cannot call g while f is being traced",
  ],
  "keeps a tensor": [(x) => (leaked = tf.keep(tf.neg(x)), x), "1 of its tensors outlive the trace"],
  "makes a variable of a constant": [
    (x) => tf.mul(x, tf.variable(tf.scalar(2))),
    "1 of its tensors outlive the trace, kept or made a variable",
  ],
  "returns what holds itself": [
    (x) => {
      const result: Record<string, unknown> = { x };
      return result.itself = result;
    },
    "Cannot compile for a tree of more than 500 levels, at the result.itself.",
    TypeError,
  ],
  "returns an object without a name": [
    (x) =>
      new (class {
        readonly y = x;
      })(),
    "Cannot compile for an object at the result",
    TypeError,
  ],
  "keeps an argument": [(x) => tf.keep(x), "1 of its tensors outlive the trace"],
  "assigns to a variable": [(x) => (variable.assign(tf.neg(x) as tf.Tensor1D), x), "Cannot assign"],
  "makes a variable": [(x) => tf.variable(tf.neg(x)), "outlive the trace"],
  "uses a disposed tensor": [
    (x) => tf.add(x, gone),
    "Cannot use a tensor of shape [3] in the trace",
  ],
  "disposes its result": [(x) => (x = tf.neg(x), x.dispose(), x), "it was disposed"],
  "has an output of unknown shape": [
    (x) => backend.run("Where", [attribute.type("T", DType.float32)], [x])[0]!,
    "Cannot trace Where in f: the shape [-1,1] of its output depends on values",
  ],
  "is refused by TensorFlow": [
    (x) => backend.run("MatMul", [attribute.type("T", DType.float32)], [x, x])[0]!,
    "Cannot trace MatMul: Shape must be rank 2",
    TensorFlowError,
  ],
  "is refused by TensorFlow.js": [(x) => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D), "rank"],
  "throws": [() => throwing(), "of its own"],
  "throws within a gradient": [(x) => tf.grad((x) => (tf.exp(x.square()), throwing()))(x), "own"],
  "throws within a gradient of a gradient": [
    (x) => tf.grad((x) => tf.sum(tf.grad((x) => (tf.exp(x.square()), throwing()))(x.sin())))(x),
    "of its own",
  ],
  "throws in what valueAndGrad calls": [
    (x) =>
      valueAndGrad((at: tf.Tensor) => {
        const kept = tf.keep(tf.exp(at));
        return { loss: throwing(), metrics: { kept } };
      })(x, {}, PASS),
    "of its own",
  ],
  "opens a scope and throws": [(x) => tf.tidy(() => (tf.neg(x), throwing())), "of its own"],
  "throws in a nested compiled function": [
    (x) => compile((x: tf.Tensor) => (tf.neg(x), throwing())).sync(x),
    "of its own",
  ],
};
const gone = tf.tensor1d([1, 2, 3]);
gone.dispose();

function throwing(): never {
  throw new Error("of its own");
}

for (const [name, [fn, message, type = Error]] of Object.entries(refused)) {
  Deno.test(`compile refuses a function that ${name}, and all is as before`, () =>
    leavesNothing(async () => {
      const x = tf.tensor1d([1, 2, 3]);
      const f = compile(fn as (x: tf.Tensor) => tf.Tensor, { name: "f", donate: [0] });
      const scopes = tf.engine().state.scopeStack.length;
      assertThrows(() => f.sync(x), type, message);
      await assertRejects(async () => await f(x), type, message);
      assertEquals([f.traceCount, x.isDisposed, backend.binding.trace], [0, false, undefined]);
      assertEquals(tf.engine().state.scopeStack.length, scopes);
      await nextTask(); // where rejections that nobody handles would end the process
      assertEngineWorks(x);
      x.dispose();
    }));
}

/** Eager, compiled, gradients, random numbers of JavaScript, variables, reading. */
function assertEngineWorks(x: tf.Tensor): void {
  const square = compile((x: tf.Tensor) => tf.grad((x) => tf.sum(tf.square(x)))(x));
  tf.tidy(() => {
    assertEquals(values(square.sync(x)), [2, 4, 6]);
    assertEquals(values(tf.grad((x: tf.Tensor) => tf.sum(tf.square(x)))(x)), [2, 4, 6]);
    assertEquals(tf.randomUniform([2]).shape, [2]);
    variable.assign(tf.tensor1d([Math.ceil(Math.random() + 0.1), 1, 1]));
    assertEquals(values(variable), [values(variable)[0]!, 1, 1]);
    assertEquals(leaked?.isDisposed ?? true, true);
  });
  square.dispose();
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("compile can be called again after an error, when the function has become right", () =>
  leavesNothing(() => {
    let wrong = true;
    const f = compile((x: tf.Tensor) => wrong ? throwing() : tf.neg(x));
    const x = tf.scalar(1);
    assertThrows(() => f.sync(x), Error, "of its own");
    wrong = false;
    tf.tidy(() => assertEquals(values(f.sync(x)), [-1]));
    f.dispose();
    x.dispose();
  }));

Deno.test("compiled functions refuse disposed arguments and captured tensors at each call", () =>
  leavesNothing(async () => {
    const captured = tf.scalar(2);
    const f = compile((x: tf.Tensor, y: tf.Tensor) => tf.addN([x, y, captured]), { name: "f" });
    const [x, y] = [tf.scalar(1), tf.scalar(1)];
    tf.tidy(() => assertEquals(values(f.sync(x, y)), [4]));
    y.dispose();
    const before = held();
    assertThrows(() => f.sync(x, y), Error, "Cannot run f: an argument of shape [] was disposed");
    await assertRejects(() => f(x, y), Error, "Cannot run f: an argument of shape [] was disposed");
    captured.dispose();
    assertThrows(() => f.sync(x, x), Error, "Cannot run f: a tensor of shape [] that it uses");
    assertEquals(held().tensors, before.tensors - 1);
    f.dispose();
    x.dispose();
  }));

Deno.test("compiled functions refuse arguments that are not trees", () => {
  const f = compile((_x: unknown) => outside);
  for (const [value, what] of [[new Map(), "Map"], [() => {}, "function"], [new Date(), "Date"]]) {
    assertThrows(() => f.sync({ a: [value] }), TypeError, `a ${what} at argument 0.a[0]`);
  }
  assertThrows(() => f.sync(new Float32Array(2)), TypeError, "a Float32Array at argument 0");
});

Deno.test("compile refuses to trace while another backend is current", async () => {
  await tf.setBackend("cpu");
  try {
    const f = compile((x: tf.Tensor) => tf.neg(x), { name: "f" });
    assertThrows(() => f.sync(outside), Error, "Cannot trace f on the backend cpu");
  } finally {
    await tf.setBackend("tensorflow");
  }
});

Deno.test("compile leaves what libraries keep: constants made in a trace are good afterwards", () => {
  let cached: tf.Tensor | undefined;
  const f = compile((x: tf.Tensor) => tf.mul(x, cached ??= tf.keep(tf.scalar(3))));
  tf.tidy(() => {
    assertEquals(values(f.sync(tf.scalar(2))), [6]);
    assertEquals(values(f.sync(tf.tensor1d([1, 2]))), [3, 6]);
    assertEquals(values(tf.mul(cached!, 2)), [6]);
    assertEquals(values(f.sync(tf.ones([1, 1]))), [3]);
  });
  f.dispose();
  cached!.dispose();
});

Deno.test("compile allows random numbers of a seed from outside", () => {
  const seed = random.seed(3);
  const f = compile((x: tf.Tensor) => tf.add(x, random.uniform(seed, [2])));
  tf.tidy(() =>
    assertEquals(leaves(f.sync(tf.zeros([2]))).map(values), [values(random.uniform(seed, [2]))])
  );
  f.dispose();
  seed.dispose();
});

Deno.test("compile refuses options that are none, and arguments to donate that there are not", async () => {
  const square = (x: tf.Tensor) => tf.square(x);
  assertThrows(() => compile(3 as never), TypeError, "Cannot compile 3: give a function");
  const jit = "fast" as never;
  assertThrows(() => compile(square, { jit }), RangeError, "choose from graph, xla");
  for (const donate of [[-1], [0.5], "0", 0]) {
    const options = { donate: donate as number[] };
    assertThrows(
      () => compile(square, options),
      RangeError,
      `Cannot donate the arguments ${donate}`,
    );
  }
  const absent = compile(square, { donate: [1], name: "square" });
  await assertRejects(
    () => absent(outside),
    RangeError,
    "Cannot donate argument 1 of square: it is called with 1",
  );
});

Deno.test("compile keeps the last traces of a function that is traced without an end", async () => {
  const scaled = compile((x: tf.Tensor, factor: number) => tf.mul(x, factor), { onTrace() {} });
  const call = async (factor: number) => {
    const y = await scaled(outside, factor);
    assertEquals(values(y)[1], 2 * factor);
    y.dispose();
  };
  for (let factor = 0; factor < 515; factor++) await call(factor);
  await call(514);
  assertEquals(scaled.traceCount, 515);
  await call(0);
  assertEquals(scaled.traceCount, 516);
  scaled.dispose();
});
