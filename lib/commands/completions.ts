import { choice, requiredEntry } from "../schema/mod.ts";
import { PROGRAM } from "../system/mod.ts";
import { type Output, printer } from "../terminal/mod.ts";
import { readCommandLine } from "./_command.ts";
import { completionScript, type CompletionWords } from "./_completion_script.ts";

export const command = {
  name: "completions",
  about:
    "Prints a script that makes a shell complete commands and options of the installed program.",
  operands: {
    shell: requiredEntry(choice("bash", "zsh", "fish"), "a shell: bash, zsh or fish"),
  },
  flags: {},
  after: `bash  echo 'source <(${PROGRAM} completions bash)' >> ~/.bashrc
zsh   echo 'source <(${PROGRAM} completions zsh)' >> ~/.zshrc, behind compinit
fish  ${PROGRAM} completions fish > ~/.config/fish/completions/${PROGRAM}.fish`,
};

/**
 * The command `completions`.
 *
 * @param output standard output
 * @returns the exit code
 * @throws UsageError for a command line that cannot be carried out
 */
export async function completionsCommand(args: readonly string[], output: Output): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  printer(output)(completionScript(given.operands.shell, await allWords()));
  return 0;
}

async function allWords(): Promise<CompletionWords[]> {
  // Only now, as the list of commands names this one too.
  const { commands } = await import("./mod.ts");
  return await Promise.all(
    Object.entries(commands).map(async ([name, { does, load }]) => ({
      name,
      does,
      command: (await load()).command,
    })),
  );
}
