import { type PackedBits, unpackBits } from "../metrics/mod.ts";

/** What is looked at of a finished run: which test images it got right. */
interface RecordedRun {
  readonly result: { readonly testRight?: PackedBits };
}

/**
 * What {@linkcode ComparisonOptions.wrongImages} takes, of finished runs by their identities, as
 * `runs.readRecords` gives them: 1 for each test image that a run has wrong after its last epoch.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { wrongImages } from "sam/plots";
 *
 * const records = new Map([["a", { result: { testRight: { examples: 3, bits: "Bg==" } } }]]);
 * assertEquals(Array.from(wrongImages(records)("a")!), [1, 0, 0]);
 * assertEquals(wrongImages(records)("b"), undefined);
 * ```
 */
export function wrongImages(
  records: ReadonlyMap<string, RecordedRun>,
): (run: string) => Uint8Array | undefined {
  const known = new Map<string, Uint8Array>();
  return (run) => {
    const right = records.get(run)?.result.testRight;
    if (right === undefined) return undefined;
    if (!known.has(run)) known.set(run, unpackBits(right).map((bit) => 1 - bit));
    return known.get(run);
  };
}
