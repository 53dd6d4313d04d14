/** The root of the package. */
export const ROOT = new URL("../../", import.meta.url);

/** The texts of files at or below a folder, by their path from the root. */
export function* textsIn(folder: string, ending: RegExp): Generator<[path: string, text: string]> {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(new URL(folder, ROOT))) {
    const path = `${folder}${name}`;
    if (isDirectory) yield* textsIn(`${path}/`, ending);
    else if (isFile && ending.test(name)) yield [path, Deno.readTextFileSync(new URL(path, ROOT))];
  }
}

/** The texts of files by their paths from the root. */
export function textsOf(...paths: readonly string[]): [path: string, text: string][] {
  return paths.map((path) => [path, Deno.readTextFileSync(new URL(path, ROOT))]);
}
