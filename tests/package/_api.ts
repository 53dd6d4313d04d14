/** The public API by names, as `deno doc` reads it. @module */
import { assert } from "@std/assert";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);

/** What is exported, by its name: its kind, and what a class, an interface or a record consists of. */
export type ExportedNames = { readonly [name: string]: string };

interface Declaration {
  readonly kind: string;
  readonly location: Location;
  /** The text, and tags such as `@example`. */
  readonly jsDoc?: unknown;
  readonly def?: {
    /** Of a name that is documented under another module. */
    readonly target?: Location;
    readonly elements?: readonly Symbol[];
    readonly properties?: readonly Member[];
    readonly methods?: readonly Member[];
    readonly tsType?: {
      readonly kind: string;
      readonly value?: { readonly properties?: readonly Member[] };
    };
  };
}
interface Location {
  readonly filename: string;
  readonly byteIndex: number;
}
interface Symbol {
  readonly name: string;
  readonly declarations: readonly Declaration[];
}
interface Member {
  readonly name: string;
  readonly optional?: boolean;
}

/** Packages of others, whose names are theirs. */
const FOREIGN = ["tf", "savedModel"];

/** What is exported under a name: more than one for a function that is written for several uses. */
type Exported = readonly [name: string, declarations: readonly Declaration[]];

/** The exports of every entry point in deno.json, those of namespaces under `namespace.name`. */
export async function publicApi(): Promise<Record<string, ExportedNames>> {
  const found = (await exported()).map(([entry, all]) => {
    const names = all.map(([name, declarations]) =>
      [name, [...new Set(declarations.map(described))].join(" & ")] as const
    ).toSorted(([a], [b]) => a < b ? -1 : 1);
    return [entry, Object.fromEntries(names)] as const;
  });
  return Object.fromEntries(found);
}

/** Functions of ours that are exported without an example. */
export async function withoutExamples(): Promise<string[]> {
  const missing = (await exported()).flatMap(([entry, all]) =>
    all.filter(([, declarations]) =>
      declarations.some(({ kind }) => kind === "function") &&
      declarations.every(({ location, jsDoc }) =>
        location.filename.startsWith(ROOT.href) && !/```ts\b/.test(JSON.stringify(jsDoc) ?? "")
      )
    ).map(([name]) => `${entry} ${name}`)
  );
  return missing.toSorted();
}

async function exported(): Promise<[entry: string, Exported[]][]> {
  const { exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const entries = Object.entries(exports as Record<string, string>);
  const rooms = new Map<string, URL>();
  for (const [, path] of entries) await findRooms(new URL(path, ROOT), rooms);
  const files = [
    ...new Set([...entries.map(([, path]) => new URL(path, ROOT)), ...rooms.values()]
      .map(({ href }) => href)),
  ];
  const nodes = await documented(files);
  const declared = new Map(
    Object.values(nodes).flatMap(({ symbols }) =>
      symbols.flatMap(({ declarations }) => declarations)
    )
      .map((declaration) => [placeOf(declaration.location), declaration]),
  );
  const original = (declaration: Declaration) =>
    declaration.kind === "reference"
      ? declared.get(placeOf(declaration.def!.target!)) ?? declaration
      : declaration;
  const namesOf = (file: URL, prefix = ""): Exported[] =>
    (nodes[file.href]?.symbols ?? []).flatMap(({ name, declarations }): Exported[] => {
      const room = rooms.get(`${file.href} ${name}`);
      if (room && !FOREIGN.includes(name)) return namesOf(room, `${prefix}${name}.`);
      return [[prefix + name, declarations.map(original)]];
    });
  return entries.map(([entry, path]) => [entry, namesOf(new URL(path, ROOT))]);
}

function placeOf({ filename, byteIndex }: Location): string {
  return `${filename}:${byteIndex}`;
}

/** The modules that are exported as a namespace, by the exporting module and the name. */
async function findRooms(file: URL, rooms: Map<string, URL>): Promise<void> {
  const text = await Deno.readTextFile(file);
  for (const [, name, path] of text.matchAll(/^export \* as (\w+) from "(\.[^"]+)";/gm)) {
    const room = new URL(path!, file);
    rooms.set(`${file.href} ${name}`, room);
    await findRooms(room, rooms);
  }
  // The root passes on the engine's namespaces by their names.
  for (const [, names, path] of text.matchAll(/^export \{([^}]*)\} from "(\.[^"]+mod\.ts)";/gm)) {
    const from = new URL(path!, file);
    const inner = new Map<string, URL>();
    await findRooms(from, inner);
    for (const name of names!.split(",").map((name) => name.trim())) {
      const room = inner.get(`${from.href} ${name}`);
      if (room) rooms.set(`${file.href} ${name}`, room);
    }
    for (const [key, room] of inner) rooms.set(key, room);
  }
}

async function documented(files: readonly string[]) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...files],
    cwd: fileURLToPath(ROOT),
    env: { NO_COLOR: "1" },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  return nodes as Record<string, { readonly symbols: readonly Symbol[] }>;
}

function described({ kind, def }: Declaration): string {
  const { properties = [], methods = [], tsType } = def ?? {};
  const members = [...properties, ...methods, ...tsType?.value?.properties ?? []]
    .map(({ name, optional }) => `${name}${optional ? "?" : ""}`);
  return members.length === 0 ? kind : `${kind} { ${[...new Set(members)].toSorted().join(", ")} }`;
}
