/** Values that show themselves, beside what NumPy writes (tests/goldens/numpy_text.py). @module */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { compile, shapesOnly, tf } from "../../lib/tensorflow/mod.ts";
import * as data from "../../lib/data/mod.ts";
import * as nn from "../../lib/nn/mod.ts";
import golden from "../goldens/numpy_text.json" with { type: "json" };
import { withoutLeaks } from "../_tensors.ts";

const SPECIAL: Record<string, number> = { nan: NaN, inf: Infinity, "-inf": -Infinity, "-0": -0 };

/** What a notebook gets. */
function bundleOf(value: object): Record<string, string> {
  return (value as Record<symbol, () => Record<string, string>>)[Symbol.for("Jupyter.display")]!();
}

Deno.test("display: values are written as NumPy writes them", () =>
  withoutLeaks(() => {
    for (const { dtype, shape, values, text } of golden.cases) {
      const numbers = values.map((value) => typeof value === "string" ? SPECIAL[value]! : value);
      const tensor = tf.tensor(numbers, shape, dtype as tf.DataType);
      const expected = text.replaceAll("True", "true").replaceAll("False", "false");
      assertEquals(textBelow(tensor), expected, `${dtype} [${shape}] ${values}`);
      tensor.dispose();
    }
  }));

Deno.test("display: large tensors are summarised as NumPy summarises them", () =>
  withoutLeaks(() => {
    for (const { shape, text } of golden.sevenths) {
      const tensor = tf.tidy(() =>
        tf.range(0, shape.reduce((all, one) => all * one, 1)).div(7).reshape(shape)
      );
      assertEquals(textBelow(tensor), text, `[${shape}]`);
      tensor.dispose();
    }
  }));

function textBelow(tensor: tf.Tensor): string {
  const text = Deno.inspect(tensor);
  const head = `Tensor ${tensor.dtype} [${tensor.shape.join(", ")}]`;
  assert(text.startsWith(head), text);
  return text.slice(head.length + 1);
}

Deno.test("display: strings, complex numbers, variables, and what is disposed", () =>
  withoutLeaks(() => {
    const strings = tf.tensor(["a", 'b"<'], [2], "string");
    const complex = tf.tidy(() => tf.complex([1, 2], [3, -4]));
    const variable = tf.tidy(() => tf.variable(tf.tensor1d([1.5]), true, "w"));
    assertEquals(Deno.inspect(strings), 'Tensor string [2]\n["a", "b\\"<"]');
    assertEquals(Deno.inspect(complex), "Tensor complex64 [2]\n[1+3j, 2-4j]");
    assertEquals(Deno.inspect(variable), 'Variable "w" float32 [1]\n[1.5]');
    tf.dispose([strings, complex, variable]);
    assertEquals(Deno.inspect(strings), "Tensor string [2], disposed");
    assertEquals(Deno.inspect(variable), 'Variable "w" float32 [1], disposed');
    assertEquals(bundleOf(complex)["text/html"], "<pre>Tensor complex64 [2], disposed</pre>");
  }));

Deno.test("display: a tree of parameters is a line for each tensor, with few values", () =>
  withoutLeaks(() => {
    const tree = { dense: { kernel: tf.ones([20, 10]), bias: tf.zeros([2]) } };
    assertEquals(
      Deno.inspect(tree),
      "{\n  dense: {\n    kernel: Tensor float32 [20, 10],\n" +
        "    bias: Tensor float32 [2] [0., 0.]\n  }\n}",
    );
    tf.dispose(tree);
  }));

Deno.test("display: HTML of vectors and matrices is a table, of the rest text", () =>
  withoutLeaks(() => {
    const [matrix, large, cube] = [tf.eye(2), tf.zeros([2000, 2]), tf.tensor3d(["<b>"], [1, 1, 1])];
    assertEquals(
      bundleOf(matrix)["text/html"],
      "<div><code>Tensor float32 [2, 2]</code><table><tbody><tr><td>1.</td><td>0.</td></tr>" +
        "<tr><td>0.</td><td>1.</td></tr></tbody></table></div>",
    );
    assertEquals(bundleOf(matrix)["text/plain"], Deno.inspect(matrix));
    assertEquals(bundleOf(large)["text/html"]!.split("<tr>").length - 1, 7);
    assertStringIncludes(bundleOf(large)["text/html"]!, "<tr><td>…</td><td>…</td></tr>");
    assertStringIncludes(bundleOf(cube)["text/html"]!, "&lt;b&gt;");
    tf.dispose([matrix, large, cube]);
  }));

Deno.test("display: in a trace nothing is read, neither of its tensors nor of others", () =>
  withoutLeaks(() => {
    const texts: string[] = [];
    const outside = tf.ones([2]);
    const step = compile((x: tf.Tensor) => {
      const sum = tf.add(x, outside);
      texts.push(Deno.inspect(x), Deno.inspect(sum), Deno.inspect(outside));
      return sum;
    }, { name: "step" });
    const result = step.sync(outside);
    for (const text of texts) {
      assertEquals(
        text,
        "Tensor float32 [2], in the trace of step: its values are known when that runs",
      );
    }
    assertEquals(texts.length, 3);
    assertEquals(Array.from(result.dataSync()), [2, 2]);
    shapesOnly("shapes", (placeholder) => texts.push(Deno.inspect(placeholder([3]))));
    assertStringIncludes(texts.at(-1)!, "in the trace of shapes");
    tf.dispose([result, outside]);
    step.dispose();
  }));

Deno.test("display: showing a tensor while a gradient is recorded changes no gradient", () =>
  withoutLeaks(() => {
    const gradient = tf.grad((x) => {
      const square = x.square();
      assert(Deno.inspect(square).includes("..."));
      return square.sum();
    });
    const x = tf.range(0, 1200);
    const g = gradient(x);
    assertEquals(g.dataSync()[3], 6);
    tf.dispose([x, g]);
  }));

Deno.test("display: models, data sets and their batches", () =>
  withoutLeaks(() => {
    const model = nn.model((scope, input) => nn.dense(scope.child("logits"), input, 3));
    assertStringIncludes(Deno.inspect(model), "not initialised");
    const { params, state } = model.init(0, [8, 4]);
    assertEquals(Deno.inspect(model).split("\n"), [
      "Model for input [8, 4]",
      "Layer   Output shape  Parameters",
      "logits  [8, 3]                15",
      "all     [8, 3]                15",
    ]);
    assertEquals(Deno.inspect({ model }), "{ model: Model for input [8, 4] }");
    const set = {
      images: new Uint8Array(20 * 4),
      labels: new Int32Array(20),
      shape: [2, 2, 1] as const,
    };
    const source = data.imageSource({
      ...{
        name: "own",
        classes: ["a", "b"],
        mean: [0],
        standardDeviation: [1],
        train: set,
        test: set,
      },
    });
    assertEquals(
      Deno.inspect(source),
      "Data set own: 20 training and 20 test images [2, 2, 1], 2 classes: a, b",
    );
    assertEquals(
      Deno.inspect(source.evaluation({ batchSize: 10 })),
      "Dataset of 2 elements: { images: float32 [?, 2, 2, 1], labels: float32 [?, 2] }",
    );
    tf.dispose([params, state]);
  }));

Deno.test("display: a LayersModel is its summary", () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] })] });
  assertStringIncludes(Deno.inspect(model), "Total params: 15");
  model.dispose();
});
