import { type FontFace, fontFaces } from "./_fonts.ts";

/** What Vega says about a text when it asks for its width. */
interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
}

/** Width in pixels of a text in the figures' font. */
export function measureText(item: TextItem, text: unknown): number {
  const { regular, bold } = fontFaces();
  const weight = item.fontWeight;
  const face = weight === "bold" || Number(weight) >= 600 ? bold : regular;
  let units = 0;
  for (const character of String(text ?? "")) units += advance(face, character.codePointAt(0)!);
  return units / face.unitsPerEm * (item.fontSize ?? 11);
}

/** Advance width of a character; 0.6 em, about a digit's, for one that the font lacks. */
function advance(face: FontFace, codePoint: number): number {
  return face.advances.get(codePoint) ?? 0.6 * face.unitsPerEm;
}
