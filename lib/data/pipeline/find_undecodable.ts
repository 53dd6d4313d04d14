import { reasonOf } from "../../system/mod.ts";
import { image } from "../../tensorflow/mod.ts";
import { DataError } from "../data_error.ts";

/**
 * Decodes files until one cannot be: a training run's error does not name it.
 *
 * @example
 * ```ts
 * import { findUndecodable } from "../mod.ts";
 *
 * const path = await Deno.makeTempFile({ suffix: ".jpg" });
 * console.assert((await findUndecodable([path]))?.path === path);
 * await Deno.remove(path);
 * ```
 *
 * @returns an error that names it; undefined if all can be decoded
 */
export async function findUndecodable(paths: readonly string[]): Promise<DataError | undefined> {
  for (const path of paths) {
    try {
      image.decodeImage(await Deno.readFile(path), 3, "int32", false).dispose();
    } catch (cause) {
      const reason = reasonOf(cause);
      return new DataError(`Cannot decode ${path}: ${reason}; remove it`, path, { cause });
    }
  }
}
