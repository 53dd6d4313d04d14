import {
  installKernel,
  KERNEL_NAME,
  type KernelPlace,
  kernelsFolder,
  listKernels,
  uninstallKernel,
} from "../kernel/mod.ts";
import { describeFlags, type Flag, type FlagValue, parseFlags, UsageError } from "./_flags.ts";
import { askPython } from "../system/mod.ts";

const flags: Record<string, Flag> = {
  "user": { type: "switch", description: "Into your own Jupyter folder (the default)" },
  "prefix": { type: "text", description: "Below this folder, for example a virtual environment" },
  "sys-prefix": { type: "switch", description: "Into the active Python environment" },
  "name": { type: "text", default: KERNEL_NAME, description: "What Jupyter calls the kernel" },
  "display-name": { type: "text", default: "Deno (SAM)", description: "What its menus show" },
  "help": { type: "switch", description: "Show this" },
};

const help = `Registers the kernel with a Jupyter that is there already.

Cells run with all permissions, whatever deno.json says: run only notebooks that you trust.

Usage: deno task kernel install|uninstall|list [options]

${describeFlags(flags)}`;

/**
 * The command `kernel`.
 *
 * @param print writes a line to standard output
 * @returns the exit code
 * @throws UsageError for a command line that cannot be carried out
 */
export async function kernelCommand(
  args: readonly string[],
  print: (line: string) => void,
): Promise<number> {
  const [action = "--help", ...rest] = args;
  const given = parseFlags(action.startsWith("--") ? args : rest, flags);
  if (given.help || action === "--help") {
    print(help);
    return 0;
  }
  const prefix = await prefixOf(given);
  const name = text(given.name);
  switch (action) {
    case "install": {
      const folder = await installKernel({
        prefix,
        name,
        displayName: text(given["display-name"]),
      });
      print(`Installed in ${folder}`);
      return 0;
    }
    case "uninstall": {
      const folder = await uninstallKernel({ prefix, name });
      print(
        folder ? `Removed ${folder}` : `No kernel ${name ?? KERNEL_NAME} in ${place({ prefix })}`,
      );
      return folder ? 0 : 1;
    }
    case "list": {
      const kernels = await listKernels({ prefix });
      if (kernels.length === 0) print(`None of our kernels in ${place({ prefix })}`);
      for (const { folder, displayName, usable } of kernels) {
        print(
          `${displayName}  ${folder}${usable ? "" : "  (its program is gone: install it again)"}`,
        );
      }
      return 0;
    }
    default:
      throw new UsageError(`Unknown action ${action}: there are install, uninstall and list`);
  }
}

/** The folder to install below, or undefined for the user's own Jupyter folder. */
async function prefixOf(
  given: Readonly<Partial<Record<string, FlagValue>>>,
): Promise<string | undefined> {
  const places = ["user", "prefix", "sys-prefix"].filter((name) => given[name] !== undefined);
  if (places.length > 1) {
    throw new UsageError(`--${places.join(" and --")} exclude each other: give one of them`);
  }
  if (given["sys-prefix"]) return await activePrefix();
  return text(given.prefix);
}

/** Where the active Python environment is, as Python itself says. */
async function activePrefix(): Promise<string> {
  const found = await askPython(["-c", "import sys; print(sys.prefix)"]);
  if (found) return found.answer.trim();
  throw new UsageError("--sys-prefix: there is no python3 on the path; use --prefix");
}

function place({ prefix }: KernelPlace): string {
  return kernelsFolder(prefix);
}

function text(value: FlagValue | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
