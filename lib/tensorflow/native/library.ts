import { commandLine, reasonOf } from "../../system/mod.ts";
import { symbols } from "./_c_api.ts";
import { locateTensorFlow } from "../install/mod.ts";

/** A pointer that is not null. */
export type Pointer = Deno.PointerObject;

type Library = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** `RTLD_NOW | RTLD_NODELETE` of glibc's `dlfcn.h`. */
const KEEP_LOADED = 0x1002;

/** `O_WRONLY` of `fcntl.h`. */
const WRITE_ONLY = 1;

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
  keepLoaded(framework, cc);
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

/**
 * When it exits, Deno unloads libraries, and libc runs their destructors, both under TensorFlow's own
 * running threads, which then crash. Opened with RTLD_NODELETE the libraries stay; and the first
 * thing that an exit does is to end the process by `_exit`, so that no destructor runs.
 */
function keepLoaded(...paths: string[]): void {
  const { symbols: libc } = Deno.dlopen("libc.so.6", {
    dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
    dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
    on_exit: { parameters: ["pointer", "pointer"], result: "i32" },
    dlerror: { parameters: [], result: "pointer" },
    dup: { parameters: ["i32"], result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
    open: { parameters: ["buffer", "i32"], result: "i32" },
  });
  const load = () => {
    for (const path of paths) {
      if (libc.dlopen(cString(path), KEEP_LOADED) === null) {
        throw new Error(`Cannot load ${path}: ${readCString(libc.dlerror())}`);
      }
    }
    // What is registered last runs first; it is given the exit code, which is what `_exit` takes.
    // TensorFlow registers more while it runs, so this waits until the process is about to end.
    const end = libc.dlsym(null, cString("_exit"));
    for (const event of ["unload", "error", "unhandledrejection"]) {
      addEventListener(event, () => void libc.on_exit(end, null));
    }
  };
  if (logLevel() === 0) return load();
  // While loading, TensorFlow writes to standard error whatever its log level is.
  const standardError = libc.dup(2);
  const nowhere = libc.open(cString("/dev/null"), WRITE_ONLY);
  libc.dup2(nowhere, 2);
  try {
    load();
  } finally {
    libc.dup2(standardError, 2);
    libc.close(standardError);
    libc.close(nowhere);
  }
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
