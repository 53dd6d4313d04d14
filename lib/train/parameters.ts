import type { NamedArrays } from "../checkpoints/mod.ts";
import { sha256Of } from "../system/mod.ts";

/** Type and shape of an array. */
export interface ArraySpec {
  readonly dtype: string;
  readonly shape: readonly number[];
}

/**
 * sha256 (hex) of arrays, by which anyone can compare two runs: for each array in the order of
 * the names, the JSON line `[name,dtype,shape]` with its newline, then the raw little-endian bytes.
 */
export function parametersSha256(arrays: NamedArrays): string {
  const pieces = Object.entries(arrays).sort(byName).flatMap(([name, { dtype, shape, data }]) => [
    `${JSON.stringify([name, dtype, shape])}\n`,
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  ]);
  return sha256Of(pieces);
}

/**
 * Throws unless arrays have exactly the expected names, types and shapes.
 *
 * @param source Where the arrays are from, for the error, which names the first offending one.
 */
export function checkArrays(
  arrays: NamedArrays,
  expected: Readonly<Record<string, ArraySpec>>,
  source: string,
): void {
  for (const name of [...Object.keys(expected), ...Object.keys(arrays)]) {
    const found = describe(arrays, name);
    const needed = describe(expected, name);
    if (found !== needed) {
      throw new RangeError(
        `Cannot resume from ${source}: for ${JSON.stringify(name)} it holds ${found}, but the ` +
          `run needs ${needed}; use the options that the run was started with`,
      );
    }
  }
}

function describe(specs: Readonly<Record<string, ArraySpec>>, name: string): string {
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
  return spec ? `${spec.dtype} [${spec.shape.join(", ")}]` : "nothing";
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
