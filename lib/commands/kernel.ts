import {
  installKernel,
  KERNEL_NAME,
  kernelsFolder,
  listKernels,
  uninstallKernel,
} from "../kernel/mod.ts";
import { boolean, choice, entry, optionalEntry, requiredEntry, text } from "../schema/mod.ts";
import { type Output, printer } from "../terminal/mod.ts";
import { askPython } from "../system/mod.ts";
import { readCommandLine } from "./_command.ts";
import { UsageError } from "./_flags.ts";

export const command = {
  name: "kernel",
  about: `Registers the kernel with a Jupyter that is there already.

Cells run with all permissions, whatever deno.json says: run only notebooks that you trust.`,
  operands: {
    action: requiredEntry(
      choice("install", "uninstall", "list"),
      "an action: install, uninstall or list",
    ),
  },
  flags: {
    "user": entry(boolean(), "Into your own Jupyter folder (the default)", false),
    "prefix": optionalEntry(text(), "Below this folder, for example a virtual environment"),
    "sys-prefix": entry(boolean(), "Into the active Python environment", false),
    "name": entry(text(), "What Jupyter calls the kernel", KERNEL_NAME),
    "display-name": entry(text(), "What its menus show", "Deno (SAM)"),
  },
  after: "Actions: install, uninstall, and list, which tells where it is registered.",
};

/**
 * The command `kernel`.
 *
 * @param output standard output
 * @returns the exit code
 * @throws UsageError for a command line that cannot be carried out
 */
export async function kernelCommand(args: readonly string[], output: Output): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  const print = printer(output);
  const prefix = await prefixOf(given.flags);
  const { name, "display-name": displayName } = given.flags;
  switch (given.operands.action) {
    case "install": {
      const folder = await installKernel({ prefix, name, displayName });
      print(`Installed in ${folder}`);
      return 0;
    }
    case "uninstall": {
      const folder = await uninstallKernel({ prefix, name });
      print(folder ? `Removed ${folder}` : `No kernel ${name} in ${kernelsFolder(prefix)}`);
      return folder ? 0 : 1;
    }
    case "list": {
      const kernels = await listKernels({ prefix });
      if (kernels.length === 0) print(`None of our kernels in ${kernelsFolder(prefix)}`);
      for (const { folder, displayName, usable } of kernels) {
        print(
          `${displayName}  ${folder}${usable ? "" : "  (its program is gone: install it again)"}`,
        );
      }
      return 0;
    }
  }
}

/** The folder to install below, or undefined for the user's own Jupyter folder. */
async function prefixOf(
  { user, prefix, "sys-prefix": sysPrefix }: {
    readonly user: boolean;
    readonly prefix?: string | undefined;
    readonly "sys-prefix": boolean;
  },
): Promise<string | undefined> {
  const places = Object.entries({ user, prefix, "sys-prefix": sysPrefix })
    .filter(([, value]) => value !== undefined && value !== false).map(([name]) => name);
  if (places.length > 1) {
    throw new UsageError(`--${places.join(" and --")} exclude each other: give one of them`);
  }
  return sysPrefix ? await activePrefix() : prefix;
}

/** Where the active Python environment is, as Python itself says. */
async function activePrefix(): Promise<string> {
  const found = await askPython(["-c", "import sys; print(sys.prefix)"]);
  if (found) return found.answer.trim();
  throw new UsageError("--sys-prefix: there is no python3 on the path; use --prefix");
}
