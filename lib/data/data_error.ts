/** The errors of this room. @module */

/**
 * A data set could not be loaded: a file is missing, damaged or of another kind, or a download failed.
 * The message says what was found, what was expected and what to do; `path` is the file concerned.
 *
 * @example
 * ```ts
 * import { DataError, loadDataset } from "./mod.ts";
 *
 * try {
 *   await loadDataset("folder:/no/such/folder");
 * } catch (error) {
 *   console.assert(error instanceof DataError && error.path === "/no/such/folder");
 * }
 * ```
 */
export class DataError extends Error {
  override readonly name = "DataError";
  readonly path: string;

  constructor(message: string, path: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

/** An option that a data set cannot be loaded with; `option` is its name. */
export class OptionError extends RangeError {
  override readonly name = "OptionError";
  readonly option: string;

  constructor(option: string, message: string) {
    super(message);
    this.option = option;
  }
}
