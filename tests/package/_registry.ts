/**
 * A registry of packages on loopback, which `deno publish`, `deno add` and importers take for JSR where
 * `JSR_URL` names it. It keeps what is published in memory.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Parser, type ReadEntry } from "tar";

/** The types that JSR gives to files; of all others it says that they are bytes. */
const TYPES: readonly [end: RegExp, type: string][] = [
  [/\.ts$/, "text/typescript"],
  [/\.js$/, "text/javascript"],
  [/\.json$/, "application/json"],
  [/\.css$/, "text/css"],
  [/\.(txt|md)$/, "text/plain"],
];

/** One version of a package: its files by their path, which begins with a slash. */
export type Published = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

export interface Registry extends AsyncDisposable {
  /** For `JSR_URL`. */
  readonly url: string;
  /** By `@scope/name/version`. */
  readonly packages: ReadonlyMap<string, Published>;
}

/** Starts a registry on a port of its own. */
export function startRegistry(): Registry {
  const packages = new Map<string, Published>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const upload = /^\/api\/scopes\/([\w-]+)\/packages\/([\w-]+)(?:\/versions\/([^/]+))?$/
      .exec(pathname);
    if (!upload) return serveFile(packages, pathname);
    const [, scope, name, version] = upload;
    const key = `@${scope}/${name}/${version}`;
    if (request.method === "POST") {
      packages.set(key, await unpack(new Uint8Array(await request.arrayBuffer())));
      return Response.json({ id: "1", status: "success", error: null });
    }
    return version === undefined || packages.has(key) ? Response.json({}) : notFound(pathname);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    packages,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function serveFile(packages: ReadonlyMap<string, Published>, pathname: string): Response {
  for (const [key, files] of packages) {
    const [scope, name, version] = key.split("/") as [string, string, string];
    if (pathname === `/${scope}/${name}/meta.json`) {
      return Response.json({ scope, name, latest: version, versions: { [version]: {} } });
    }
    if (pathname === `/${scope}/${name}/${version}_meta.json`) {
      return Response.json({ manifest: manifestOf(files), exports: exportsOf(files) });
    }
    const file = pathname.startsWith(`/${key}/`) ? files.get(pathname.slice(key.length + 1)) : null;
    if (file) return new Response(file, { headers: { "content-type": typeOf(pathname) } });
  }
  return notFound(pathname);
}

function typeOf(path: string): string {
  return TYPES.find(([end]) => end.test(path))?.[1] ?? "application/octet-stream";
}

function manifestOf(files: Published): Record<string, { size: number; checksum: string }> {
  return Object.fromEntries(Array.from(files, ([path, bytes]) => {
    const checksum = `sha256-${createHash("sha256").update(bytes).digest("hex")}`;
    return [path, { size: bytes.length, checksum }];
  }));
}

function exportsOf(files: Published): unknown {
  const config = files.get("/deno.json");
  if (!config) throw new Error("Cannot serve a package without its deno.json");
  return JSON.parse(new TextDecoder().decode(config)).exports;
}

async function unpack(archive: Uint8Array<ArrayBuffer>): Promise<Published> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const parser = new Parser({
    onReadEntry: (entry: ReadEntry) => {
      const parts: Uint8Array[] = [];
      entry.on("data", (part: Uint8Array) => parts.push(part));
      entry.on("end", () => files.set("/" + entry.path.replace(/^\.?\//, ""), joined(parts)));
    },
  });
  const ended = new Promise<void>((resolve, reject) => {
    parser.on("end", resolve);
    parser.on("error", reject);
  });
  // deno-lint-ignore no-explicit-any -- Node's own type of bytes
  parser.end(archive as any);
  await ended;
  return files;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function notFound(path: string): Response {
  return Response.json({ code: "notFound", message: `There is no ${path}` }, { status: 404 });
}
