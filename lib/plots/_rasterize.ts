import { initWasm, Resvg, type ResvgRenderOptions } from "@resvg/resvg-wasm";
import { fontFaces } from "./_fonts.ts";
import { resvgModule } from "./_resvg_module.js";

await initWasm(resvgModule);

/**
 * Draws an SVG with the fonts of this folder and no others. WebAssembly, not the native module: it
 * needs no permission and gives the same pixels on every machine.
 */
export function rasterize(svg: string, options: ResvgRenderOptions): Uint8Array {
  const { regular, bold } = fontFaces();
  const resvg = new Resvg(svg, {
    ...options,
    font: {
      fontBuffers: [regular.bytes, bold.bytes],
      defaultFontFamily: "Arimo",
      sansSerifFamily: "Arimo",
    },
  });
  const image = resvg.render();
  try {
    return image.asPng();
  } finally {
    image.free();
    resvg.free();
  }
}
