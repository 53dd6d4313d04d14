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
  /** Of a choice, or known names; empty where anything goes. */
  readonly values: readonly string[];
  /** Beginnings of names of which the rest is the user's: `wide_resnet_`. */
  readonly beginnings: readonly string[];
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

function optionsOf({ flags, settings = {}, names = {} }: Command<Entries, Entries>): Option[] {
  const entries = { ...settings, ...flags };
  const help = { description: "Show this", values: [], beginnings: [], takesValue: false };
  return [
    ...Object.entries(entries).map(([name, entry]) => {
      const words = wordsOf(entry);
      const values = [...words.values, ...(names[name] ?? []).filter((name) => !isForm(name))];
      const beginnings = new Set((names[name] ?? []).filter(isForm).map(beginningOf));
      return { name: `--${name}`, ...words, values, beginnings: [...beginnings] };
    }),
    { name: "--help", ...help },
  ];
}

/** `wide_resnet_<depth>_<width>`, `folder:PATH` */
function isForm(name: string): boolean {
  return beginningOf(name) !== name;
}

function beginningOf(form: string): string {
  return form.replace(/<.*|(?<=:)[A-Z].*/, "");
}

function operandsOf({ operands = {} }: Command<Entries, Entries>): string[] {
  return Object.values(operands).flatMap((entry) => wordsOf(entry).values);
}

function wordsOf(entry: AnyEntry): Omit<Option, "name" | "beginnings"> {
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
    optionsOf(command).filter(hasWords).map(({ name, values, beginnings }) =>
      `    "${of} ${name}") words="${[...values, ...beginnings].join(" ")}" ;;`
    )
  );
  const files = commands.flatMap(({ name: of, command }) =>
    optionsOf(command).filter((option) => option.takesValue && !hasWords(option))
      .map(({ name }) => `"${of} ${name}"`)
  );
  // Where nothing is replied, bash completes names of files by itself, and quotes them.
  return `_${ident()}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${
    commands.map(({ name }) => name).join(" ")
  } --help --version" -- "$word"))
    return
  fi
  if [ "$word" = "=" ]; then
    word=""
  elif [ "$before" = "=" ]; then
    before="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  case "\${COMP_WORDS[1]} $before" in
${values.join("\n")}
    ${files.join("|")})
      return ;;
  esac
  if [ -z "$words" ]; then case "\${COMP_WORDS[1]}" in
${options.join("\n")}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  case "\${COMPREPLY[*]}" in *[_:-]) compopt -o nospace 2>/dev/null ;; esac
}
complete -o default -F _${ident()} ${PROGRAM}`;
}

function hasWords({ values, beginnings }: Option): boolean {
  return values.length + beginnings.length > 0;
}

function zshScript(commands: readonly CompletionWords[]): string {
  const cases = commands.map(({ name, command }) => {
    const flags = optionsOf(command).map((option) => {
      const { name, description, values, beginnings, takesValue } = option;
      const open = beginnings.length === 0
        ? ""
        : `; compadd -S "" -- ${beginnings.map(zshText).join(" ")}`;
      const words = `: :{compadd -- ${values.join(" ")}${open}}`;
      const value = !takesValue ? "" : hasWords(option) ? words : ": :_files";
      return `'${name}${takesValue ? "=" : ""}[${zshText(description)}]${value}'`;
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
      ...optionsOf(command).map((option) => {
        const { name, description, values, beginnings, takesValue } = option;
        const words = ` -x -a '${[...values, ...beginnings].join(" ")}'`;
        const value = !takesValue ? "" : hasWords(option) ? words : " -r";
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
