/**
 * Loads the test suite that is published inside `@tensorflow/tfjs-core`, unchanged.
 *
 * The suite is ESM written for bundlers: its imports have no extensions, and its package does not
 * say that it is ESM. Module hooks resolve it. They also let it test the very modules that users
 * run: a module of core whose exports the running instance of core all has is replaced by that
 * instance. Only internals that the package does not export are loaded beside it; core keeps their
 * state (the engine, the registries of kernels and gradients) in the global scope for such cases.
 *
 * @module
 */
import { createRequire, isBuiltin, registerHooks } from "node:module";

const CORE = /\/tfjs-core\/4\.22\.0\/dist\/tf-core\.node\.js$/;
const GLOBAL = "conformanceModules";

/** Where core was found, and what it exports. */
interface Core {
  /** URL of the folder of its modules. */
  readonly folder: string;
  readonly require: NodeJS.Require;
  readonly exports: Record<string, unknown>;
}

let coreUrl: string | undefined;
let suite: Core | undefined;

/** Starts watching where core is loaded from. Call before it is first imported. */
export function watchCore(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const parent = context.parentURL ?? "";
      if (suite && parent.startsWith(suite.folder) && !CORE.test(parent)) {
        return { ...resolve(suite, specifier, parent), shortCircuit: true };
      }
      const found = next(specifier, context);
      if (CORE.test(found.url)) coreUrl = found.url;
      return found;
    },
  });
}

/**
 * Defines the suite's specs in the running jasmine environment. Call when the backend under test
 * is registered.
 *
 * @param jasmineCore what the suite's own `require("jasmine-core/…")` returns
 * @returns the suite's module `jasmine_util`
 */
export async function defineSpecs(jasmineCore: unknown, backendName: string): Promise<unknown> {
  if (coreUrl === undefined) {
    throw new Error("Cannot find @tensorflow/tfjs-core: import it after watchCore()");
  }
  const require = createRequire(coreUrl);
  suite = {
    folder: new URL(".", coreUrl).href,
    require,
    exports: require("./tf-core.node.js"),
  };
  const suiteRequire = (name: string) =>
    name.startsWith("jasmine-core") ? jasmineCore : require(name);
  Object.assign(globalThis, {
    require: Object.assign(suiteRequire, { resolve: require.resolve }),
  });
  const util = await import(`${suite.folder}jasmine_util.js`);
  // Named as tfjs-node names it, so that the names of specs compare with its ignore list.
  util.setTestEnvs([{ name: "test-tensorflow", backendName, flags: {}, isDataSync: true }]);
  await import(`${suite.folder}tests.js`);
  return util;
}

function resolve(core: Core, specifier: string, parent: string): { url: string; format?: string } {
  if (isBuiltin(specifier)) return { url: `node:${specifier.replace(/^node:/, "")}` };
  if (!specifier.startsWith(".")) {
    return { url: moduleOf(specifier, core.require(specifier)), format: "module" };
  }
  const ends = [".js", "/index.js"];
  const url = ends.map((end) => new URL(specifier + end, parent).href).find(isFile);
  if (!url) throw new Error(`Cannot resolve ${specifier} from ${parent}: no such file`);
  const found = belongsTo(core, url) ? moduleOf("core", core.exports) : url;
  return { url: found, format: "module" };
}

function isFile(url: string): boolean {
  try {
    return Deno.statSync(new URL(url)).isFile;
  } catch {
    return false;
  }
}

const modules = new Map<string, string>();

/** The URL of an ES module with the members of an object as exports. */
function moduleOf(name: string, members: Record<string, unknown>): string {
  let url = modules.get(name);
  if (url === undefined) {
    const shelf = Reflect.get(globalThis, GLOBAL) ?? {};
    Reflect.set(globalThis, GLOBAL, { ...shelf, [name]: members });
    const names = Object.keys(members).filter((key) => key !== "default");
    const source = [
      `const members = globalThis.${GLOBAL}[${JSON.stringify(name)}];`,
      "export default members.default ?? members;",
      ...names.map((key, i) => `const m${i} = members.${key}; export { m${i} as ${key} };`),
    ];
    url = `data:text/javascript,${encodeURIComponent(source.join("\n"))}`;
    modules.set(name, url);
  }
  return url;
}

const belonging = new Map<string, boolean>();

/** Whether the running instance of core exports all that a module of core does. */
function belongsTo(core: Core, url: string): boolean {
  let answer = belonging.get(url);
  if (answer === undefined) {
    const path = url.slice(core.folder.length);
    // Operations in namespaces, such as `fused.conv2d`, share their names with others.
    const isNested = path.startsWith("ops/") && path.split("/").length > 2;
    const names = isNested ? [] : exportsOf(url);
    answer = path === "index.js" ||
      names.length > 0 && names.every((name) => name in core.exports);
    belonging.set(url, answer);
  }
  return answer;
}

/** The names that a module exports, `*` for those that it passes on. */
function exportsOf(url: string): string[] {
  const declaration = /^export (?:(?:async )?function\*?|const|let|var|class) (\w+)/gm;
  const list = /^export (\*|\{[^}]*\})/gm;
  const source = Deno.readTextFileSync(new URL(url));
  return [
    ...source.matchAll(declaration).map(([, name]) => name!),
    ...source.matchAll(list).flatMap(([, names]) =>
      names!.replace(/[{}]/g, "").split(",").map((name) => name.trim().split(/\s+as\s+/).at(-1)!)
    ),
  ].filter((name) => name !== "");
}
