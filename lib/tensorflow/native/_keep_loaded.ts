import { reasonOf } from "../../system/mod.ts";

/** What differs between operating systems. */
export interface Platform {
  /** The C library. */
  readonly libc: string;
  /**
   * `RTLD_LAZY | RTLD_NODELETE` of its `dlfcn.h`: to find the addresses of all functions before the first
   * of them is called takes a fifth of the time to a first result.
   */
  readonly keepLoaded: number;
  /** `RTLD_DEFAULT`: all libraries that are loaded. */
  readonly everywhere: bigint;
  /** How a function is registered that ends the process by its exit code: glibc alone passes it one. */
  readonly atExit: "on_exit" | "__cxa_atexit";
}

/** `O_WRONLY` of `fcntl.h`. */
const WRITE_ONLY = 1;

/** macOS is as its headers say; it was not run there. */
export function platformOf(os: typeof Deno.build.os): Platform {
  return os === "darwin"
    ? {
      libc: "/usr/lib/libSystem.B.dylib",
      keepLoaded: 0x81,
      everywhere: 2n ** 64n - 2n,
      atExit: "__cxa_atexit",
    }
    : { libc: "libc.so.6", keepLoaded: 0x1001, everywhere: 0n, atExit: "on_exit" };
}

/**
 * When it exits, Deno unloads libraries, and libc runs their destructors, both under TensorFlow's own
 * running threads, which then crash. Opened with RTLD_NODELETE the libraries stay; and the first
 * thing that an exit does is to end the process by `_exit`, so that no destructor runs.
 *
 * @param isSilent while it loads TensorFlow greets on standard error, whatever its log level is
 * @throws Error if a library cannot be loaded
 */
export function keepLoaded(
  paths: readonly string[],
  isSilent: boolean,
  platform: Platform = platformOf(Deno.build.os),
): void {
  const libc = openLibc(platform);
  const load = () => {
    for (const path of paths) {
      if (libc.dlopen(cString(path), platform.keepLoaded) !== null) continue;
      const reason = libc.dlerror();
      throw new Error(
        `Cannot load ${path}: ${
          reason === null ? "no reason" : Deno.UnsafePointerView.getCString(reason)
        }`,
      );
    }
    endBy(libc, platform);
  };
  if (!isSilent) return load();
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

type Libc = ReturnType<typeof openLibc>;

function openLibc({ libc }: Platform) {
  try {
    return Deno.dlopen(libc, {
      dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
      dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
      on_exit: { parameters: ["pointer", "pointer"], result: "i32", optional: true },
      __cxa_atexit: { parameters: ["pointer", "usize", "pointer"], result: "i32", optional: true },
      dlerror: { parameters: [], result: "pointer" },
      dup: { parameters: ["i32"], result: "i32" },
      dup2: { parameters: ["i32", "i32"], result: "i32" },
      close: { parameters: ["i32"], result: "i32" },
      open: { parameters: ["buffer", "i32"], result: "i32" },
    }).symbols;
  } catch (error) {
    throw new Error(`Cannot load the C library ${libc}: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * What is registered last runs first; TensorFlow registers more as it goes, hence not before the process
 * is about to end.
 */
function endBy(libc: Libc, { atExit, everywhere }: Platform): void {
  const end = libc.dlsym(Deno.UnsafePointer.create(everywhere), cString("_exit"));
  const register = (code: number) =>
    atExit === "on_exit" ? libc.on_exit?.(end, null) : libc.__cxa_atexit?.(end, BigInt(code), null);
  addEventListener("unload", () => void register(Deno.exitCode));
  for (const event of ["error", "unhandledrejection"]) {
    addEventListener(event, () => void register(1));
  }
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text + "\0");
}
