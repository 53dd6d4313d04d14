/** The error of this room. @module */

/**
 * A data set could not be had: a file is missing, damaged or of another kind, or a download failed.
 * The message says what was found, what was expected and what to do; `path` is the file concerned.
 */
export class DataError extends Error {
  override readonly name = "DataError";
  readonly path: string;

  constructor(message: string, path: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}
