import regularText from "./fonts/arimo_regular.ttf.txt" with { type: "text" };
import boldText from "./fonts/arimo_bold.ttf.txt" with { type: "text" };

/** A TrueType font: its file, and the widths of its characters. */
export interface FontFace {
  readonly bytes: Uint8Array;
  readonly unitsPerEm: number;
  /** Advance width by code point, in font units. */
  readonly advances: ReadonlyMap<number, number>;
}

let faces: { regular: FontFace; bold: FontFace } | undefined;

/**
 * The two weights that the figures use. They are text modules, which need no permission,
 * from any place that this file can be imported from.
 */
export function fontFaces(): { readonly regular: FontFace; readonly bold: FontFace } {
  return faces ??= {
    regular: readFace(Uint8Array.fromBase64(regularText)),
    bold: readFace(Uint8Array.fromBase64(boldText)),
  };
}

/** Reads the tables `head`, `hhea`, `hmtx` and `cmap` (format 4) of a TrueType file. */
function readFace(bytes: Uint8Array): FontFace {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tables = new Map<string, number>();
  for (let i = 0; i < view.getUint16(4); i++) {
    const record = 12 + 16 * i;
    const tag = String.fromCharCode(...bytes.subarray(record, record + 4));
    tables.set(tag, view.getUint32(record + 8));
  }
  const unitsPerEm = view.getUint16(tables.get("head")! + 18);
  const metrics = view.getUint16(tables.get("hhea")! + 34);
  const hmtx = tables.get("hmtx")!;
  const advances = new Map<number, number>();
  for (const [codePoint, glyph] of readCharacterMap(view, tables.get("cmap")!)) {
    // Glyphs past the last metric share it.
    advances.set(codePoint, view.getUint16(hmtx + 4 * Math.min(glyph, metrics - 1)));
  }
  return { bytes, unitsPerEm, advances };
}

function* readCharacterMap(view: DataView, cmap: number): Generator<[number, number]> {
  const table = findFormat4(view, cmap);
  const size = view.getUint16(table + 6);
  const ends = table + 14;
  const starts = ends + size + 2;
  for (let i = 0; i < size; i += 2) {
    const start = view.getUint16(starts + i);
    const delta = view.getUint16(starts + size + i);
    const offsetAt = starts + 2 * size + i;
    const offset = view.getUint16(offsetAt);
    for (let code = start; code <= view.getUint16(ends + i) && code !== 0xffff; code++) {
      const raw = offset === 0 ? code : view.getUint16(offsetAt + offset + 2 * (code - start));
      const glyph = offset !== 0 && raw === 0 ? 0 : (raw + delta) & 0xffff;
      if (glyph !== 0) yield [code, glyph];
    }
  }
}

function findFormat4(view: DataView, cmap: number): number {
  for (let i = 0; i < view.getUint16(cmap + 2); i++) {
    const table = cmap + view.getUint32(cmap + 8 + 8 * i);
    if (view.getUint16(table) === 4) return table;
  }
  throw new TypeError("Cannot read the font in lib/plots/fonts: its cmap has no table of format 4");
}
