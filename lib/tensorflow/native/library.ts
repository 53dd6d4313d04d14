import { commandLine, reasonOf } from "../../system/mod.ts";
import { symbols } from "./_c_api.ts";
import { keepLoaded } from "./_keep_loaded.ts";
import { locateTensorFlow } from "../install/mod.ts";

/** A pointer that is not null. */
export type Pointer = Deno.PointerObject;

type Library = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** The severity "fatal" of `absl::LogSeverity`. */
const SILENT = 3;

let library: Library | undefined;

/**
 * TensorFlow's C API, loaded at the first call.
 *
 * @throws Error if TensorFlow is not installed or cannot be loaded
 */
export function tensorflow(): Library {
  return library ??= open();
}

function open(): Library {
  const { framework, cc } = locateTensorFlow();
  keepLoaded([framework, cc], logLevel() !== 0);
  try {
    const { symbols: library } = Deno.dlopen(cc, symbols);
    library.setMinLogLevel?.(logLevel());
    return library;
  } catch (error) {
    throw new Error(
      `Cannot load TensorFlow from ${cc}: ${reasonOf(error)}. ` +
        `Set it up anew with \`${commandLine("setup --force")}\``,
      { cause: error },
    );
  }
}

/**
 * TensorFlow logs every device and optimization. By default only fatal errors are shown;
 * `TF_CPP_MIN_LOG_LEVEL` 0 shows all, 1 warnings and errors, 2 errors.
 */
function logLevel(): number {
  const level = Number(Deno.env.get("TF_CPP_MIN_LOG_LEVEL") ?? SILENT);
  return Number.isInteger(level) ? level : SILENT;
}

const encoder = new TextEncoder();
const interned = new Map<string, Uint8Array<ArrayBuffer>>();

/** `text` as zero-terminated UTF-8. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text + "\0");
}

/** The same for names that come again and again: op types, attribute names. */
export function cName(name: string): Uint8Array<ArrayBuffer> {
  let bytes = interned.get(name);
  if (bytes === undefined) interned.set(name, bytes = cString(name));
  return bytes;
}

/** The text at a `char*`; empty for null. */
export function readCString(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

/** @throws Error if `pointer` is null, which TensorFlow returns only when it is out of memory. */
export function notNull(pointer: Deno.PointerValue, what: string): Pointer {
  if (pointer === null) throw new Error(`TensorFlow returned no ${what}`);
  return pointer;
}

/** Addresses of buffers as a C array of pointers. The caller keeps the buffers alive. */
export function pointerArray(pointers: readonly Deno.PointerValue[]): BigUint64Array<ArrayBuffer> {
  return BigUint64Array.from(pointers, (pointer) => Deno.UnsafePointer.value(pointer));
}
