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

/** What a file imports, however it is written: `import`, `export … from`, `import()`, types. */
async function specifiersOf(path: string): Promise<string[]> {
  const { importedFiles } = ts.preProcessFile(await Deno.readTextFile(path), true, true);
  return importedFiles.map(({ fileName }) => fileName);
}

async function parsed(path: string): Promise<ts.SourceFile> {
  return ts.createSourceFile(path, await Deno.readTextFile(path), ts.ScriptTarget.Latest, true);
}

function nodesIn(root: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node) => {
    found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

async function importsOf(path: string): Promise<Import[]> {
  const specifiers = (await specifiersOf(path)).filter((name) => name.startsWith("."));
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

/** The package's name and version. */
const PACKAGE = "../deno.json";

/** Names of the import map by which files of the repository can be imported. */
const { imports: importMap }: { imports: Record<string, string> } = JSON.parse(
  await Deno.readTextFile(new URL("../deno.json", import.meta.url)),
);
const OWN_NAMES = Object.keys(importMap).filter((name) => importMap[name]!.startsWith("."));

Deno.test("the library imports no file outside of it, nor itself by a name or in another spelling", async () => {
  const named = await Promise.all(paths.map(async (path) => {
    const own = (await specifiersOf(path)).filter((name) =>
      /^@sam\/sam($|\/)|^file:|^\//.test(name) ||
      OWN_NAMES.some((own) => name === own || name.startsWith(`${own}/`)) ||
      (name.startsWith(".") && !/^\.[\w./-]*\.(js|ts|css|txt|json)$/.test(name))
    );
    return own.map((name) => `${relative(LIB, path)} imports ${name}`);
  }));
  assertEquals(named.flat(), []);
  assertEquals(imports.filter(({ to }) => to.startsWith("..") && to !== PACKAGE), []);
});

/** What is imported by a name that is known when it runs: experiments of the caller's, cells' modules. */
const COMPUTED = ["commands/_sweep_experiments.ts", "kernel/evaluator/inside/_start.ts"];

Deno.test("what is imported can be read in the source", async () => {
  const computed = await Promise.all(paths.map(async (path) => {
    const calls = nodesIn(await parsed(path)).filter((node) =>
      ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      !ts.isStringLiteral(node.arguments[0]!)
    );
    return calls.length === 0 ? [] : [relative(LIB, path)];
  }));
  assertEquals(computed.flat().sort(), COMPUTED);
});

/** Charts that are one literal each. */
const LONG_CHARTS = ["errorBySetting", "errorPanel", "reductionPanel"];

Deno.test("a file has at most 400 lines, and a function 60", async () => {
  const long = await Promise.all(paths.map(async (path) => {
    const source = await parsed(path);
    const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line;
    const functions = nodesIn(source).filter((node) =>
      ts.isFunctionLike(node) && lineOf(node.end) - lineOf(node.getStart()) >= 60
    ).map((node) => (node as ts.FunctionDeclaration).name?.getText() ?? "a function");
    const found = functions.filter((name) => !LONG_CHARTS.includes(name));
    if (lineOf(source.end) > 400) found.push("the whole file");
    return found.map((name) => `${relative(LIB, path)}: ${name}`);
  }));
  assertEquals(long.flat(), []);
});

/** What runs where there is no engine, which the room's door would load. */
const SIDE_DOORS = ["tensorflow/install/mod.ts", "tensorflow/install/setup.ts"];

/** Whether it is a text, such as a style sheet, in or below the importing file's folder. */
function isOwnAsset({ from, to }: Import): boolean {
  return !/\.[jt]s$/.test(to) && to.startsWith(`${dirname(from)}/`);
}

Deno.test("a folder is entered by its door, mod.ts", () => {
  const climbed = imports.filter((each) => {
    const room = roomEntered(each);
    if (each.to === PACKAGE || isOwnAsset(each)) return false;
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
