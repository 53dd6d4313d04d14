import { type AnyEntry, type Entries, entryWords } from "../schema/mod.ts";
import { PROGRAM } from "../system/mod.ts";
import type { Command } from "./_command.ts";

/** A command, and what its shell completion shows. */
export interface CompletionWords {
  readonly name: string;
  readonly does: string;
  readonly command: Command<Entries, Entries>;
}

/** What may stand behind a word. */
interface Option {
  readonly name: string;
  readonly description: string;
  /** Of a choice; empty where anything goes. */
  readonly values: readonly string[];
  /** Whether a value follows. */
  readonly takesValue: boolean;
}

/** The script that makes `shell` complete the installed program's commands, options and choices. */
export function completionScript(
  shell: "bash" | "zsh" | "fish",
  commands: readonly CompletionWords[],
): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands);
}

function optionsOf({ flags, settings = {} }: Command<Entries, Entries>): Option[] {
  const entries = { ...settings, ...flags };
  return [
    ...Object.entries(entries).map(([name, entry]) => ({ name: `--${name}`, ...wordsOf(entry) })),
    { name: "--help", description: "Show this", values: [], takesValue: false },
  ];
}

function operandsOf({ operands = {} }: Command<Entries, Entries>): string[] {
  return Object.values(operands).flatMap((entry) => wordsOf(entry).values);
}

function wordsOf(entry: AnyEntry): Omit<Option, "name"> {
  const { kind: spoken, description, standsAlone = false } = entryWords(entry);
  const kind = spoken.replace(/,…$/, "");
  const values = kind.includes("|") ? kind.split("|").filter((word) => !isKind(word)) : [];
  return { description, values, takesValue: !standsAlone };
}

/** Whether a word stands for many: `number|none` completes `none` alone. */
function isKind(word: string): boolean {
  return ["text", "number", "integer", "boolean"].includes(word) || word.includes("…");
}

function bashScript(commands: readonly CompletionWords[]): string {
  const options = commands.map(({ name, command }) => {
    const words = [...operandsOf(command), ...optionsOf(command).map(({ name }) => name)];
    return `    ${name}) words="${words.join(" ")}" ;;`;
  });
  const values = commands.flatMap(({ name: of, command }) =>
    optionsOf(command).filter(({ values }) => values.length > 0).map(({ name, values }) =>
      `    "${of} ${name}") words="${values.join(" ")}" ;;`
    )
  );
  const files = commands.flatMap(({ name: of, command }) =>
    optionsOf(command).filter(({ values, takesValue }) => takesValue && values.length === 0)
      .map(({ name }) => `"${of} ${name}"`)
  );
  return `_${ident()}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${
    commands.map(({ name }) => name).join(" ")
  } --help --version" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]} $before" in
${values.join("\n")}
    ${files.join("|")})
      COMPREPLY=($(compgen -f -- "$word"))
      return ;;
  esac
  if [ -z "$words" ]; then case "\${COMP_WORDS[1]}" in
${options.join("\n")}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))
}
complete -o filenames -F _${ident()} ${PROGRAM}`;
}

function zshScript(commands: readonly CompletionWords[]): string {
  const cases = commands.map(({ name, command }) => {
    const flags = optionsOf(command).map(({ name, description, values, takesValue }) => {
      const value = !takesValue ? "" : values.length > 0 ? `: :(${values.join(" ")})` : ": :_files";
      return `'${name}[${zshText(description)}]${value}'`;
    });
    const operands = operandsOf(command);
    const rest = operands.length > 0 ? `'1: :(${operands.join(" ")})'` : "'*: :_files'";
    return `    ${name}) _arguments ${[...flags, rest].join(" ")} ;;`;
  });
  const described = commands.map(({ name, does }) => `'${name}:${zshText(does)}'`);
  return `#compdef ${PROGRAM}
_${ident()}() {
  local -a commands=(${described.join(" ")})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words; (( CURRENT-- ))
  case "$words[1]" in
${cases.join("\n")}
  esac
}
compdef _${ident()} ${PROGRAM}`;
}

function fishScript(commands: readonly CompletionWords[]): string {
  const lines = commands.flatMap(({ name: of, does, command }) => {
    const inside = `-n '__fish_seen_subcommand_from ${of}'`;
    return [
      `complete -c ${PROGRAM} -n __fish_use_subcommand -f -a ${of} -d '${fishText(does)}'`,
      ...optionsOf(command).map(({ name, description, values, takesValue }) => {
        const value = !takesValue ? "" : values.length > 0 ? ` -x -a '${values.join(" ")}'` : " -r";
        return `complete -c ${PROGRAM} ${inside} -l ${name.slice(2)}${value} -d '${
          fishText(description)
        }'`;
      }),
      ...operandsOf(command).map((word) => `complete -c ${PROGRAM} ${inside} -f -a ${word}`),
    ];
  });
  return lines.join("\n");
}

/** The program's name as part of a shell function's. */
function ident(): string {
  return PROGRAM.replaceAll("-", "_");
}

function zshText(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, "\\$&");
}

function fishText(text: string): string {
  return text.replaceAll(/['\\]/g, "\\$&");
}
