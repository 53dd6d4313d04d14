import { outputOf, PYTHONS } from "../lib/system/mod.ts";
import { dirname } from "node:path";
import { note } from "./_print.ts";

/** What the peers run on. A change here makes the next `deno task bench` install again. */
export const PINNED = [
  "torch==2.13.0",
  "jax[cpu]==0.10.2",
  "numpy==2.4.6",
  "tensorflow-cpu==2.21.0",
  "pillow==13.0.0",
] as const;

const OLDEST_PYTHON = [3, 11] as const; // jax 0.10 asks for it

/** Thrown where Python's peers cannot be had; its message says what to do. */
export class NoPythonError extends Error {
  override readonly name = "NoPythonError";
}

/** Where to make the environment, and with which Python. */
export interface VenvOptions {
  /** Folder of the environment. */
  readonly folder?: string;
  /** Pinned requirements, as pip takes them. */
  readonly packages?: readonly string[];
  /** Python programs to try, in this order. */
  readonly pythons?: readonly string[];
}

const root = dirname(import.meta.dirname ?? "bench");

/**
 * Makes the benches' own Python environment, or finds it made, and returns its interpreter's path.
 *
 * A stamp is written when all is installed, so a second call is instant and an interrupted one
 * begins again where pip's cache lets it. Throws `NoPythonError` where Python or pip cannot do it.
 */
export async function benchPython(options: VenvOptions = {}): Promise<string> {
  const {
    folder = `${root}/.venv/bench`,
    packages = PINNED,
    pythons = PYTHONS.map(([name]) => name),
  } = options;
  const windows = Deno.build.os === "windows";
  const python = `${folder}/${windows ? "Scripts/python.exe" : "bin/python"}`;
  const stamp = `${folder}/installed.json`;
  if (await isStamped(stamp, packages) && await exists(python)) return python;

  const system = await findPython(pythons);
  note(`Making ${folder} with ${packages.join(", ")} (once; some hundred megabytes)`);
  await pass(system, ["-m", "venv", folder], `${system} -m venv ${folder}`);
  await pass(
    python,
    ["-m", "pip", "install", "--disable-pip-version-check", ...packages],
    `pip install ${packages.join(" ")}`,
  );
  await Deno.writeTextFile(`${stamp}.part`, JSON.stringify(packages));
  await Deno.rename(`${stamp}.part`, stamp);
  return python;
}

async function isStamped(stamp: string, packages: readonly string[]): Promise<boolean> {
  try {
    return await Deno.readTextFile(stamp) === JSON.stringify(packages);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
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

/** The first of the programs that is a recent enough Python. */
async function findPython(programs: readonly string[]): Promise<string> {
  const seen: string[] = [];
  for (const program of programs) {
    const version = await pythonVersion(program);
    if (version === undefined) continue;
    const [major, minor] = version;
    if (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]) return program;
    seen.push(`${program} is ${major}.${minor}`);
  }
  const found = seen.length > 0 ? seen.join(", ") : "none found";
  throw new NoPythonError(
    `Cannot run the PyTorch and JAX peers without Python ${OLDEST_PYTHON.join(".")} or newer ` +
      `(${found}): install it with its venv module, or run with --no-python to time our side alone`,
  );
}

async function pythonVersion(program: string): Promise<[number, number] | undefined> {
  const answer = await outputOf([program], ["-c", "import sys; print(*sys.version_info[:2])"]);
  const [major, minor] = answer?.trim().split(" ").map(Number) ?? [];
  return major === undefined || minor === undefined ? undefined : [major, minor];
}

/** Runs a command with its output shown, so that pip's progress is seen. */
async function pass(program: string, args: string[], what: string): Promise<void> {
  const command = new Deno.Command(program, { args, stdout: "inherit", stderr: "inherit" });
  const { success, code } = await command.spawn().status;
  if (success) return;
  throw new NoPythonError(
    `Cannot make the benches' Python environment: ${what} ended with code ${code} ` +
      `(its output is above); --no-python times our side alone`,
  );
}

if (import.meta.main) note(await benchPython());
