/** Calls a function on SIGTERM, which Windows does not know, until it is disposed. */
export function onTerminate(handle: () => void): Disposable {
  if (Deno.build.os === "windows") return { [Symbol.dispose]: () => {} };
  Deno.addSignalListener("SIGTERM", handle);
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGTERM", handle) };
}
