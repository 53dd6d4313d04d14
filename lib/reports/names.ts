import { resolve, sep } from "node:path";

/**
 * The names of the notebooks' reports, by the notebooks' paths: the files' names without the
 * extension; where two would be the same, or one is reserved, preceded by as many folders as make
 * them distinct. A notebook that is listed twice counts once.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reportNames } from "./mod.ts";
 *
 * const names = reportNames(["a/rho.ipynb", "b/rho.ipynb"]);
 * assertEquals([...names.values()], ["rho", "b-rho"]);
 * ```
 */
export function reportNames(
  paths: readonly string[],
  reserved: readonly string[] = [],
): ReadonlyMap<string, string> {
  const parts = new Map(paths.map((path) => [resolve(path), path]));
  const names = new Map<string, string>();
  const taken = new Set(reserved);
  for (const [whole, path] of parts) {
    const segments = whole.replace(/\.ipynb$/, "").split(sep).filter(Boolean);
    const nameOf = (count: number) => segments.slice(-count).join("-");
    let count = 1;
    while (taken.has(nameOf(count)) && count < segments.length) count++;
    let name = nameOf(count);
    while (taken.has(name)) name += "-2"; // "/a-b.ipynb" and "/a/b.ipynb"
    taken.add(name);
    names.set(path, name);
  }
  return names;
}
