import { createHash } from "node:crypto";

/** Numbers of 32 bits in a digest. */
const WORDS = 2;

/** 64 bits that stand for a text. */
export function digestOf(text: string): number[] {
  const bytes = createHash("sha256").update(text).digest();
  return Array.from({ length: WORDS }, (_, index) => bytes.readInt32LE(4 * index));
}

/**
 * Where workers differ from the first.
 *
 * @param rows of digests, by rank
 * @param names of what they are of
 */
export function differences(
  rows: readonly (readonly number[])[],
  names: readonly string[],
): { readonly rank: number; readonly name: string }[] {
  const [chief] = rows;
  return rows.flatMap((row, rank) =>
    names.filter((_, index) =>
      row.slice(WORDS * index, WORDS * (index + 1)).some((word, at) =>
        word !== chief![WORDS * index + at]
      )
    ).map((name) => ({ rank, name }))
  );
}
