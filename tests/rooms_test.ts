/** The rooms of `lib/`: each folder has one door, and imports go round in no circle. @module */
import { assertEquals } from "@std/assert";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const LIB = fileURLToPath(new URL("../lib", import.meta.url));

/** An import of one file of the library by another; paths are relative to `lib/`. */
interface Import {
  readonly from: string;
  readonly to: string;
}

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts")) yield path;
  }
}

const paths = await Array.fromAsync(sources(LIB));

/** What a file imports, however it is written. */
async function specifiersOf(path: string): Promise<string[]> {
  const { importedFiles } = ts.preProcessFile(await Deno.readTextFile(path), true, true);
  return importedFiles.map(({ fileName }) => fileName);
}

async function importsOf(path: string): Promise<Import[]> {
  const specifiers = (await specifiersOf(path)).filter((name) => /^\..*\.[jt]s$/.test(name));
  return specifiers.map((specifier) => ({
    from: relative(LIB, path),
    to: relative(LIB, join(dirname(path), specifier)),
  }));
}

const imports = (await Promise.all(paths.map(importsOf))).flat();

/** The folders of a file from the outermost to its own. */
function foldersOf(file: string): string[] {
  const parts = dirname(file).split("/");
  return dirname(file) === "." ? [] : parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** The outermost folder that holds the imported file but not the importing one. */
function roomEntered({ from, to }: Import): string | undefined {
  const own = new Set(foldersOf(from));
  return foldersOf(to).find((folder) => !own.has(folder));
}

Deno.test("the library imports no file outside of it, nor itself by its name", async () => {
  const named = await Promise.all(paths.map(async (path) => {
    const own = (await specifiersOf(path)).filter((name) =>
      /^(@sam\/)?sam($|\/)|^file:|^\//.test(name)
    );
    return own.map((name) => `${relative(LIB, path)} imports ${name}`);
  }));
  assertEquals(named.flat(), []);
  assertEquals(imports.filter(({ to }) => to.startsWith("..")), []);
});

/** What runs where there is no engine, which the room's door would load. */
const SIDE_DOORS = ["tensorflow/install/mod.ts", "tensorflow/install/setup.ts"];

Deno.test("a folder is entered by its door, mod.ts", () => {
  const climbed = imports.filter((each) => {
    const room = roomEntered(each);
    return room !== undefined && each.to !== `${room}/mod.ts` && !SIDE_DOORS.includes(each.to);
  });
  assertEquals(climbed.map(({ from, to }) => `${from} imports ${to}`), []);
});

Deno.test("imports between the folders of a room go round in no circle", () => {
  const siblings = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [own, other] = [foldersOf(from), foldersOf(to)];
    const depth = own.findIndex((folder, index) => folder !== other[index]);
    if (depth < 0 || other[depth] === undefined) continue;
    const below = siblings.get(own[depth]!) ?? new Set();
    siblings.set(own[depth]!, below.add(other[depth]!));
  }
  assertEquals(circleIn(siblings), undefined);
});

Deno.test("imports between files go round in no circle", () => {
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of imports) graph.set(from, (graph.get(from) ?? new Set()).add(to));
  assertEquals(circleIn(graph), undefined);
});

/** Some circle of a graph, as its nodes in order. */
function circleIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string | undefined {
  const done = new Set<string>();
  const walk = (node: string, way: readonly string[]): string | undefined => {
    if (way.includes(node)) return [...way.slice(way.indexOf(node)), node].join(" → ");
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const circle = walk(next, [...way, node]);
      if (circle) return circle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const circle = walk(node, []);
    if (circle) return circle;
  }
  return undefined;
}
