import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CLONE, SPECIFIER } from "../system/mod.ts";
import { requireTestedDeno } from "./evaluator/mod.ts";

/** Where Jupyter looks for kernels: the user's own folder, or `share/jupyter` below a prefix. */
export interface KernelPlace {
  /** For example a virtual environment; without it, the user's own folder is meant. */
  readonly prefix?: string | undefined;
  /** The kernel's folder name, by which `jupyter nbconvert` and others call it; default `deno-sam`. */
  readonly name?: string | undefined;
}

export interface KernelSpecOptions {
  /** What is shown in menus; default `Deno (SAM)`. */
  readonly displayName?: string | undefined;
  /**
   * The folder whose deno.json applies to notebooks that have none. Default a clone's own, in which
   * they can import "sam"; of a package the kernel's, where a deno.json that says the same is written.
   */
  readonly project?: string | undefined;
}

/** A kernelspec, see https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs. */
export interface KernelSpec {
  readonly argv: readonly string[];
  readonly display_name: string;
  readonly language: "typescript";
  /** Interrupts come by message: a signal could reach the kernel before it listens. */
  readonly interrupt_mode: "message";
  readonly env: Readonly<Record<string, string>>;
}

/** An installed kernel of ours. */
export interface InstalledKernel {
  readonly folder: string;
  readonly displayName: string;
  /** Whether the program and the Deno that it names are still there. */
  readonly usable: boolean;
}

export const KERNEL_NAME = "deno-sam";
const MAIN_URL = new URL("./main.ts", import.meta.url);
/** A path, or where the package was imported from: Deno then has it in its cache. */
const MAIN = CLONE === undefined ? MAIN_URL.href : fileURLToPath(MAIN_URL);

/**
 * The kernelspec of the kernel "Deno (SAM)", with absolute paths.
 *
 * ```ts
 * import { kernelSpec } from "sam/kernel";
 *
 * console.log(kernelSpec({ displayName: "Deno here" }).display_name); // Deno here
 * ```
 */
export function kernelSpec(options: KernelSpecOptions = {}): KernelSpec {
  const { displayName = "Deno (SAM)", project = CLONE } = options;
  return {
    argv: [
      Deno.execPath(),
      "run",
      "--quiet",
      CLONE === undefined ? "--no-config" : `--config=${join(CLONE, "deno.json")}`,
      "--no-lock",
      "--allow-read",
      "--allow-write",
      "--allow-net",
      "--allow-env",
      "--allow-sys",
      "--allow-run",
      MAIN,
      "{connection_file}",
      ...project === undefined ? [] : ["--project", project],
    ],
    display_name: displayName,
    language: "typescript",
    interrupt_mode: "message",
    env: { DENO_NO_UPDATE_CHECK: "1" },
  };
}

/**
 * Writes the kernelspec; replaces an older one of ours. Returns its folder.
 *
 * ```ts
 * import { installKernel, listKernels, uninstallKernel } from "sam/kernel";
 *
 * const prefix = await Deno.makeTempDir(); // without it, the user's own kernels
 * await installKernel({ prefix });
 * console.log((await listKernels({ prefix })).map(({ displayName }) => displayName)); // Deno (SAM)
 * await uninstallKernel({ prefix });
 * ```
 *
 * @throws Error for a Deno that the kernel was not tested with
 */
export async function installKernel(
  { prefix, name = KERNEL_NAME, ...options }: KernelPlace & KernelSpecOptions = {},
): Promise<string> {
  if (!/^[a-z0-9._-]+$/i.test(name)) {
    throw new RangeError(
      `Cannot install the kernel as ${name}: a name has only letters, digits, '.', '_' and '-'`,
    );
  }
  requireTestedDeno("install the kernel");
  const folder = join(kernelsFolder(prefix), name);
  await refuseForeign(folder, "install");
  await Deno.mkdir(folder, { recursive: true });
  const { project = CLONE ?? folder } = options;
  await writeJson(join(folder, "kernel.json"), kernelSpec({ ...options, project }));
  if (project === folder) {
    await writeJson(join(folder, "deno.json"), { imports: { sam: SPECIFIER } });
  }
  return folder;
}

/**
 * Removes the kernelspec. Returns its folder, or undefined if there was none.
 *
 * ```ts
 * import { uninstallKernel } from "sam/kernel";
 *
 * console.log(await uninstallKernel({ prefix: await Deno.makeTempDir() })); // undefined: none was there
 * ```
 */
export async function uninstallKernel(
  { prefix, name = KERNEL_NAME }: KernelPlace = {},
): Promise<string | undefined> {
  const folder = join(kernelsFolder(prefix), name);
  if (await readSpec(folder) === undefined) return undefined;
  await refuseForeign(folder, "uninstall");
  await Deno.remove(folder, { recursive: true });
  return folder;
}

/**
 * Our kernels below a prefix, or in the user's own folder.
 *
 * ```ts
 * import { listKernels } from "sam/kernel";
 *
 * for (const { folder, usable } of await listKernels()) console.log(folder, usable);
 * ```
 */
export async function listKernels({ prefix }: Pick<KernelPlace, "prefix"> = {}): Promise<
  InstalledKernel[]
> {
  const found: InstalledKernel[] = [];
  const parent = kernelsFolder(prefix);
  for (const name of await namesIn(parent)) {
    const folder = join(parent, name);
    const spec = await readSpec(folder);
    if (!spec || !isOurs(spec)) continue;
    const [deno = ""] = spec.argv;
    const main = spec.argv.find(isMain) ?? "";
    const usable = await exists(deno) && (URL.canParse(main) || await exists(main));
    found.push({ folder, displayName: spec.display_name, usable });
  }
  return found;
}

/**
 * Where kernels are kept, as `jupyter --paths` says.
 *
 * ```ts
 * import { kernelsFolder } from "sam/kernel";
 *
 * console.log(kernelsFolder("/opt/jupyter")); // /opt/jupyter/share/jupyter/kernels
 * ```
 */
export function kernelsFolder(prefix?: string): string {
  if (prefix !== undefined) return join(prefix, "share", "jupyter", "kernels");
  const data = Deno.env.get("JUPYTER_DATA_DIR");
  if (data) return join(data, "kernels");
  const home = Deno.env.get(Deno.build.os === "windows" ? "USERPROFILE" : "HOME") ?? "";
  switch (Deno.build.os) {
    case "darwin":
      return join(home, "Library", "Jupyter", "kernels");
    case "windows":
      return join(Deno.env.get("APPDATA") ?? home, "jupyter", "kernels");
    default: {
      const share = Deno.env.get("XDG_DATA_HOME") || join(home, ".local", "share");
      return join(share, "jupyter", "kernels");
    }
  }
}

const MAIN_END = join("lib", "kernel", "main.ts");

function isOurs({ argv }: KernelSpec): boolean {
  return argv.some(isMain);
}

/** Whether an argument names this program, by a path or a URL. */
function isMain(argument: string): boolean {
  return argument.endsWith(MAIN_END) || argument.endsWith("/lib/kernel/main.ts");
}

async function refuseForeign(folder: string, action: string): Promise<void> {
  const spec = await readSpec(folder);
  if (spec === undefined || isOurs(spec)) return;
  throw new Error(
    `Cannot ${action} the kernel in ${folder}: another program's kernel is there; use --name`,
  );
}

async function readSpec(folder: string): Promise<KernelSpec | undefined> {
  try {
    const spec: unknown = JSON.parse(await Deno.readTextFile(join(folder, "kernel.json")));
    const isSpec = typeof spec === "object" && spec !== null && "argv" in spec &&
      Array.isArray(spec.argv);
    return isSpec ? spec as KernelSpec : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(folder)) names.push(name);
    return names.toSorted();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    throw error;
  }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, JSON.stringify(value, null, 2) + "\n");
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
