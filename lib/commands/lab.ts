import { join } from "node:path";
import { installKernel } from "../kernel/mod.ts";
import { describeFlags, type Flag, parseFlags } from "./_flags.ts";
import { labEnvironment, labPrograms, prepareLab } from "./_lab_environment.ts";
import { PROJECT } from "./_project.ts";

const flags: Record<string, Flag> = {
  "folder": { type: "text", default: "notebooks", description: "The folder that it opens" },
  "port": { type: "integer", min: 0, max: 65535, default: 8888, description: "Port on loopback" },
  "no-browser": { type: "switch", description: "Only print the address" },
  "setup-only": { type: "switch", description: "Install and register, start nothing" },
  "help": { type: "switch", description: "Show this" },
};

const help = `Starts JupyterLab with the kernel "Deno (SAM)". At first use, JupyterLab is installed
into .venv/lab of this project; nothing outside the project changes.

Cells run with all permissions, whatever deno.json says: run only notebooks that you trust.

Usage: deno task lab [options]

${describeFlags(flags)}`;

/**
 * The command `lab`.
 *
 * @param print writes a line to standard output
 * @returns the exit code
 * @throws UsageError for a command line that cannot be carried out
 */
export async function labCommand(
  args: readonly string[],
  print: (line: string) => void,
): Promise<number> {
  const given = parseFlags(args, flags);
  if (given.help) {
    print(help);
    return 0;
  }
  const environment = labEnvironment();
  await prepareLab(environment, print);
  await installKernel({ prefix: environment });
  if (given["setup-only"]) return 0;
  const folder = String(given.folder ?? join(PROJECT, "notebooks"));
  await Deno.mkdir(folder, { recursive: true });
  const lab = new Deno.Command(join(labPrograms(environment), "jupyter-lab"), {
    args: [
      "--ServerApp.ip=127.0.0.1",
      `--ServerApp.port=${given.port ?? 8888}`,
      `--ServerApp.root_dir=${Deno.realPathSync(folder)}`,
      ...given["no-browser"] ? ["--no-browser"] : [],
      // JupyterLab refuses to run as root, which is who one is in a container.
      ...Deno.uid() === 0 ? ["--allow-root"] : [],
    ],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  // Ctrl-C reaches JupyterLab too, which asks before it ends and then ends its kernels.
  const stay = () => {};
  Deno.addSignalListener("SIGINT", stay);
  const { code } = await lab.status;
  Deno.removeSignalListener("SIGINT", stay);
  return code;
}
