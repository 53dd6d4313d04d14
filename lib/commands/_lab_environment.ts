import { join } from "node:path";
import { cacheFolder } from "../tensorflow/install/mod.ts";
import { askPython, CLONE } from "../system/mod.ts";

/** What the laboratory consists of, pinned; the versions that the kernel's tests run against. */
export const LAB_PACKAGES: readonly string[] = [
  "jupyterlab==4.6.6",
  "ipywidgets==8.1.9",
  "jupyter_client==8.10.0",
  "nbclient==0.11.0",
  "nbconvert==7.17.2",
  "papermill==2.7.0",
];

/** What the kernel's own tests need besides. */
export const TEST_PACKAGES: readonly string[] = [
  "jupyter_kernel_test==0.7.0",
  "notebook==7.6.5",
  "jupyter_console==6.6.3",
  "pexpect==4.9.0",
];

/** The laboratory's own virtual environment: in a clone, or in the cache of the installed program. */
export function labEnvironment(): string {
  return CLONE === undefined ? join(cacheFolder(), "lab") : join(CLONE, ".venv", "lab");
}

/** The folder of an environment's programs. */
export function labPrograms(environment: string): string {
  return join(environment, Deno.build.os === "windows" ? "Scripts" : "bin");
}

/**
 * Makes a virtual environment with `packages`, unless it is there and complete.
 *
 * @throws Error if Python is missing or pip fails, with what to do
 */
export async function prepareLab(
  environment: string,
  print: (line: string) => void,
  packages: readonly string[] = LAB_PACKAGES,
): Promise<void> {
  const record = join(environment, "installed.txt");
  const installed = await readLines(record);
  if (packages.every((name) => installed.includes(name))) return;
  print(`Installing ${packages.join(", ")} into ${environment}; this takes a minute or two`);
  const python = await firstPython();
  await run([python, "-m", "venv", environment], "make a virtual environment");
  const program = join(labPrograms(environment), "python");
  const options = ["--disable-pip-version-check", "--no-input", "--quiet", "--progress-bar=off"];
  await run([program, "-m", "pip", "install", ...options, ...packages], "install JupyterLab");
  const all = new Set([...installed, ...packages]);
  await Deno.writeTextFile(record, [...all].join("\n") + "\n");
}

async function firstPython(): Promise<string> {
  const found = await askPython(["--version"]);
  if (found) return found.program;
  throw new Error("Cannot install JupyterLab: there is no python3 on the path; install Python");
}

async function run([program = "", ...args]: readonly string[], purpose: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const last = new TextDecoder().decode(stderr).trim().split("\n").slice(-4);
  throw new Error(
    `Cannot ${purpose}: \`${[program, ...args].join(" ")}\` failed; check the network and ` +
      `Python's venv module, then try again; it says:\n${
        last.map((line) => `  ${line}`).join("\n")
      }`,
  );
}

async function readLines(path: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(path)).split("\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
