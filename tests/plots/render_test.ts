import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { TopLevelSpec } from "vega-lite";
import { measureText } from "../../lib/plots/_text_metrics.ts";
import { chart, displayBundle, theme, toPng, toSvg } from "../../lib/plots/mod.ts";

const spec: TopLevelSpec = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  description: 'Made-up "points" & <more>',
  data: { values: [{ x: 1, y: 2 }, { x: 2, y: 1 }] },
  mark: "point",
  encoding: { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } },
  config: theme,
};

Deno.test("an SVG says what it shows", async () => {
  const svg = await toSvg(spec);
  assertStringIncludes(
    svg,
    'role="img" aria-label="Made-up &quot;points&quot; &amp; &lt;more&gt;"',
  );
  assertStringIncludes(svg, "<desc>Made-up &quot;points&quot;");
  assertStringIncludes(await toSvg(spec, { alt: "Two points" }), 'aria-label="Two points"');
});

Deno.test("a PNG has the size that was asked for", async () => {
  const svg = await toSvg(spec);
  const [width, height] = sizeOf(await toPng(svg, { scale: 1 }));
  assertEquals(sizeOf(await toPng(svg)), [2 * width, 2 * height]);
  assertEquals(sizeOf(await toPng(spec, { width: 500 }))[0], 500);
});

Deno.test("a PNG has its texts, and they are the same on every machine", async () => {
  const text = (content: string) =>
    toPng(
      `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="40"><text y="30" ` +
        `font-size="24" font-family="Arimo, Arial, sans-serif">${content}</text></svg>`,
      { scale: 1 },
    );
  const [blank, drawn] = [await text(""), await text("ρ = 0.05 ± 0.1 −√≤")];
  assert(drawn.length > 2 * blank.length, "No text was drawn");
  // A checksum of pixels: no font but the one in lib/plots/fonts can have made them.
  const hash = await crypto.subtle.digest("SHA-256", drawn as BufferSource);
  assertEquals(new Uint8Array(hash).toHex().slice(0, 16), "9162cd1d9940bdf3");
});

Deno.test("texts are measured as fonttools measures them in Arimo", () => {
  // sum(font["hmtx"][cmap[ord(c)]][0] for c in text) in the npm package's regular and bold files.
  assertEquals(measureText({ fontSize: 2048 }, "Test error, % ρ ±"), 15262);
  assertEquals(measureText({ fontSize: 2048, fontWeight: "bold" }, "Test error, % ρ ±"), 16049);
  assertEquals(measureText({ fontSize: 10 }, ""), 0);
});

Deno.test("a spec that Vega-Lite finds fault with is refused", async () => {
  const x = { field: "x", type: "nominal", scale: { type: "point", paddingInner: 0.5 } };
  const faulty = { ...spec, encoding: { x } };
  await assertRejects(() => toSvg(faulty as TopLevelSpec), TypeError, "Cannot draw the spec");
});

Deno.test("a PNG of no size is refused", async () => {
  await assertRejects(() => toPng("<svg/>", { scale: 0 }), RangeError, "scale 0");
  await assertRejects(() => toPng("<svg/>", { width: NaN }), RangeError, "width NaN");
});

Deno.test("a chart in a notebook is a bundle of live chart, pictures and words", async () => {
  const shown = chart(spec) as unknown as Record<symbol, () => Promise<unknown>>;
  const bundle = await displayBundle(spec);
  assertEquals(await shown[Symbol.for("Jupyter.display")]!(), bundle);
  assertEquals(Object.keys(bundle), [
    "application/vnd.vegalite.v5+json",
    "image/svg+xml",
    "image/png",
    "text/plain",
  ]);
  assertEquals(bundle["application/vnd.vegalite.v5+json"], spec);
  assertStringIncludes(bundle["image/svg+xml"], "<svg");
  assertEquals(bundle["image/png"].slice(0, 11), "iVBORw0KGgo");
});

/** Width and height from a PNG's header. */
function sizeOf(png: Uint8Array): [number, number] {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
}
