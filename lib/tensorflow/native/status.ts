import { cName, notNull, type Pointer, readCString, tensorflow } from "./library.ts";

/** Names of `TF_Code` (`tsl/protobuf/error_codes.proto`), by number. */
const CODES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

/**
 * What TensorFlow reports when it refuses or fails.
 *
 * ```ts
 * import { savedModel, TensorFlowError } from "sam/tensorflow";
 *
 * try {
 *   await savedModel.loadSavedModel("/no/such/model");
 * } catch (error) {
 *   console.log(error instanceof TensorFlowError ? error.code : error); // such as NOT_FOUND
 * }
 * ```
 */
export class TensorFlowError extends Error {
  override readonly name = "TensorFlowError";
  /** TensorFlow's status code, for example `INVALID_ARGUMENT`. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

export function newStatus(): Pointer {
  return notNull(tensorflow().TF_NewStatus(), "status");
}

let shared: Pointer | undefined;

/** The status for calls that return before another one is made. */
export function status(): Pointer {
  return shared ??= newStatus();
}

/**
 * Throws if the last call failed.
 *
 * @param action what was attempted, as it goes on after "Cannot "
 * @throws TensorFlowError with the action and TensorFlow's message
 */
export function check(action: string, of: Pointer = status()): void {
  const library = tensorflow();
  const code = library.TF_GetCode(of);
  if (code === 0) return;
  const message = readCString(library.TF_Message(of)).trim();
  // Not every function of TensorFlow sets the status when it succeeds.
  library.TF_SetStatus(of, 0, cName(""));
  throw new TensorFlowError(`Cannot ${action}: ${message}`, CODES[code] ?? String(code));
}
