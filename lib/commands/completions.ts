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

/** A command as the list of commands has it. */
interface Completable {
  readonly does: string;
  load(): Promise<Pick<CompletionWords, "command">>;
}

/**
 * The command `completions`.
 *
 * @param output standard output
 * @param commands that are completed, by name
 * @returns the exit code
 * @throws UsageError for a command line that cannot be carried out
 */
export async function completionsCommand(
  args: readonly string[],
  output: Output,
  commands: Readonly<Record<string, Completable>>,
): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  const words = Object.entries(commands).map(async ([name, { does, load }]) => ({
    name,
    does,
    command: (await load()).command,
  }));
  printer(output)(completionScript(given.operands.shell, await Promise.all(words)));
  return 0;
}
