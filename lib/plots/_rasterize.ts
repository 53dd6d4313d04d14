import { initWasm, Resvg, type ResvgRenderOptions } from "@resvg/resvg-wasm";
import { fontFaces } from "./_fonts.ts";

let ready: Promise<void> | undefined;

/**
 * Draws an SVG with the fonts of this folder and no others. WebAssembly, not the native module: it
 * needs no permission and gives the same pixels on every machine.
 */
export async function rasterize(svg: string, options: ResvgRenderOptions): Promise<Uint8Array> {
  await (ready ??= initialize());
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

/** Compiling the module takes half a second, which only programs that draw PNGs pay for. */
async function initialize(): Promise<void> {
  const { resvgModule } = await import("./_resvg_module.js");
  await initWasm(resvgModule);
}
