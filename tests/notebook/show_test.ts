import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type Displayable,
  head,
  imageGrid,
  progress,
  prose,
  show,
  summary,
  table,
  versions,
} from "../../lib/notebook/mod.ts";
import { wideResNet } from "../../lib/models/wide_resnet.ts";
import { image, tf } from "../../lib/tensorflow/mod.ts";
import { withoutLeaks } from "../_tensors.ts";

/** What a notebook would be given. */
function bundleOf(value: Displayable): Promise<Record<string, string>> {
  const make = (value as unknown as Record<symbol, () => Promise<Record<string, string>>>)[
    Symbol.for("Jupyter.display")
  ]!;
  return Promise.resolve(make());
}

Deno.test("show: what Deno's notebook prints as nothing is text", async () => {
  const texts = await Promise.all(
    [null, undefined, NaN, -Infinity, -0, 1n, { a: null }].map(async (value) =>
      (await bundleOf(show(value)))["text/plain"]
    ),
  );
  assertEquals(texts, ["null", "undefined", "NaN", "-Infinity", "-0", "1n", "{ a: null }"]);
});

Deno.test("show: tensors as they show themselves, and left as they are", () =>
  withoutLeaks(async () => {
    const tensors = [
      tf.tensor2d([[1, NaN, -0], [1 / 3, 1e9, 5]]),
      tf.range(0, 20, 1, "int32"),
      tf.tensor1d([true, false], "bool"),
      tf.range(0, 12, 1, "int32"),
      tf.tensor1d(["a"]),
      tf.zeros([0, 3]),
    ];
    assertEquals(tensors.map((tensor) => `${show(tensor)}`), tensors.map((t) => Deno.inspect(t)));
    assertStringIncludes(`${show(tensors[1])}`, "int32 [20]\n[ 0,  1,  2,");
    assertStringIncludes((await bundleOf(show(tensors[2])))["text/html"]!, "<td>true</td>");
    tf.dispose(tensors);
    assertEquals(`${show(tensors[0])}`, "Tensor float32 [2, 3], disposed");
  }));

Deno.test("show: tensors as images, one or several, and nothing else", () =>
  withoutLeaks(async () => {
    for (const shape of [[8, 8, 1], [3, 8, 8, 3]]) {
      const tensor = tf.zeros(shape);
      const png = Uint8Array.fromBase64(
        (await bundleOf(show(tensor, { as: "images" })))["image/png"]!,
      );
      const drawn = await image.decodePng(png);
      assertEquals(drawn.shape[0], 68);
      tf.dispose([tensor, drawn]);
    }
    assertThrows(() => show([1], { as: "images" }), TypeError, "it must be a tensor");
    const wrong = tf.zeros([2, 2]);
    await assertRejects(
      () => bundleOf(show(wrong, { as: "images" })),
      RangeError,
      "Cannot show images",
    );
    wrong.dispose();
  }));

Deno.test("table: HTML, Markdown and aligned text of the same cells", async () => {
  const shown = await bundleOf(table({
    caption: "Two",
    columns: ["name", "n"],
    rows: [["a<b", 5], ["c|d", 12]],
  }));
  assertEquals(shown["text/plain"], "name   n\na<b    5\nc|d   12\nTwo");
  assertEquals(
    shown["text/markdown"],
    "| name | n |\n| --- | --- |\n| a<b | 5 |\n| c\\|d | 12 |\n\nTwo",
  );
  assert(shown["text/html"]!.includes('<th scope="row">a&lt;b</th><td class="number">5</td>'));
  const uneven = { caption: "x", columns: ["a"], rows: [[1, 2]] };
  assertThrows(() => table(uneven), RangeError, "Cannot lay out a row of 2 cells");
});

Deno.test("summary: layers in order with shapes, and all parameters", () =>
  withoutLeaks(() => {
    const model = wideResNet({ depth: 10, width: 1, classes: 10 });
    const lines = `${summary(model, [8, 28, 28, 1])}`.split("\n");
    assertEquals(lines[1]!.split(/ {2,}/), ["init_conv", "[8, 28, 28, 16]", "144", "0"]);
    assert(lines.some((line) =>
      /^WideResnetGroup_1\/WideResnetBlock_0\/conv1 +\[8, 14, 14, 32\] +4608 +0$/.test(line)
    ));
    assert(lines.some((line) =>
      /^WideResnetGroup_0\/WideResnetBlock_0\/init_bn +\[8, 28, 28, 16\] +32 +32$/.test(line)
    ));
    const total = Array.from(model.shapes([8, 28, 28, 1]).params.values())
      .reduce((sum, shape) =>
        sum + shape.reduce((a, b) =>
          a * b, 1), 0);
    assertEquals(lines.at(-2)!.split(/ {2,}/).slice(0, 3), ["all", "[8, 10]", `${total}`]);
    assertEquals(
      lines.slice(1, -2).reduce((sum, line) =>
        sum + Number(line.split(/ {2,}/)[2]), 0),
      total,
    );
  }));

Deno.test("summary: in bfloat16 it tells what each layer's output is held in", () =>
  withoutLeaks(() => {
    const model = wideResNet({ depth: 10, width: 1, classes: 10 });
    const text = `${summary(model, [8, 28, 28, 1], { precision: "bfloat16" })}`;
    const [head, first, ...others] = text.split("\n").map((line) => line.split(/ {2,}/));
    assertEquals(head!.slice(0, 3), ["Layer", "Output shape", "Output in"]);
    assertEquals(first, ["init_conv", "[8, 28, 28, 16]", "bfloat16", "144", "0"]);
    assertEquals(others.find(([layer]) => layer === "Dense_3")?.[2], "float32");
  }));

Deno.test("summary: of a network that would not fit into memory", () =>
  withoutLeaks(() => {
    const text = `${
      summary(wideResNet({ depth: 28, width: 100, classes: 10 }), [4096, 224, 224, 3])
    }`;
    assert(text.includes("[4096, 56, 56, 6400]"));
  }));

Deno.test("imageGrid: pixels in their places, clipped, normalisation undone", () =>
  withoutLeaks(async () => {
    const images = tf.tensor4d([[[[0]]], [[[100]]], [[[300]]]], undefined, "int32");
    const shown = await bundleOf(await imageGrid(images, { columns: 2, scale: 3 }));
    assertEquals(shown["text/plain"], "3 images");
    const pixels = image.decodePng(Uint8Array.fromBase64(shown["image/png"]!));
    assertEquals(pixels.shape, [14, 14, 1]);
    const values = pixels.dataSync();
    const at = (y: number, x: number) => values[14 * y + x];
    // The last place is left over.
    const places = [at(0, 0), at(2, 2), at(0, 7), at(7, 0), at(9, 2), at(0, 3), at(7, 7)];
    assertEquals(places, [0, 0, 100, 255, 255, 255, 255]);

    const normalized = tf.tensor4d([[[[0, -1, 2]]]]);
    const colours = await bundleOf(
      await imageGrid(normalized, {
        mean: [0.2, 0.5, 0.5],
        standardDeviation: [1, 0.25, 0.25],
        scale: 1,
      }),
    );
    const colour = image.decodePng(Uint8Array.fromBase64(colours["image/png"]!));
    assertEquals(Array.from(colour.dataSync().slice(0, 3)), [51, 64, 255]);
    const wrong = tf.zeros([2, 4, 4, 2]);
    await assertRejects(() => imageGrid(wrong), RangeError, "images of shape [2,4,4,2]");
    tf.dispose([images, pixels, normalized, colour, wrong]);
  }));

Deno.test("imageGrid: with labels a table of images, each above its own", () =>
  withoutLeaks(async () => {
    const images = tf.tensor4d([[[[0]]], [[[100]]], [[[200]]]], undefined, "int32");
    const labels = ["zero", "<one>", "two"];
    const shown = await bundleOf(await imageGrid(images, { columns: 2, scale: 3, labels }));
    assertEquals(shown["text/plain"], "zero, <one>, two");
    const cells = [...shown["text/html"]!.matchAll(/base64,([^"]*)"><br><small>([^/]*)<\/small>/g)];
    assertEquals(cells.map(([, , label]) => label), ["zero", "&lt;one&gt;", "two"]);
    assertEquals(shown["text/html"]!.split("<tr>").length - 1, 2);
    const first = cells.map(([, png]) => image.decodePng(Uint8Array.fromBase64(png!)));
    assertEquals(first.map((pixels) => [pixels.shape[0], pixels.dataSync()[0]]), [
      ...[[3, 0], [3, 100], [3, 200]],
    ]);
    assert("image/png" in shown);
    await assertRejects(
      () => imageGrid(images, { labels: ["one"] }),
      RangeError,
      "Cannot show 3 images with 1 labels",
    );
    tf.dispose([images, first]);
  }));

Deno.test("prose: sentences as Markdown, a list of several", async () => {
  const shown = await bundleOf(prose(["a *b*", "c"]));
  assertEquals(shown, { "text/markdown": "- a *b*\n- c", "text/plain": "- a *b*\n- c" });
  assertEquals(`${prose("one")}`, "one");
});

Deno.test("head and versions: tables that name machine, seeds and versions", () => {
  const text = `${head({ what: "x", time: "1 min", seeds: [0, 1] })}`;
  assert(/^seeds +0, 1$/m.test(text) && /^machine +\d+ × .+ GiB$/m.test(text), text);
  assert(/^Deno +\d+\.\d+\.\d+$/m.test(`${versions()}`));
  assert(/^TensorFlow +\d+\.\d+\.\d+$/m.test(`${versions()}`));
});

Deno.test("progress: refuses what it cannot count to", () => {
  assertThrows(() => progress(0), RangeError, "Cannot show progress to 0: it must be > 0");
  assertThrows(() => progress(NaN), RangeError);
});
