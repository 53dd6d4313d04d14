import { boolean, type Entries, entry, entryWords, type ValuesOf } from "../schema/mod.ts";
import { CLONE, PROGRAM } from "../system/mod.ts";
import { type Output, printer } from "../terminal/mod.ts";
import { describeFlags, flagValues, parseFlags, UsageError, valueOf } from "./_flags.ts";

/** What a command takes and says of itself. */
export interface Command<Flags extends Entries, Operands extends Entries> {
  /** After `deno task`, or after the name of the installed program. */
  readonly name: string;
  /** First paragraphs of the help. */
  readonly about: string;
  /** What stands beside the flags, in order; a list takes all that is left. */
  readonly operands?: Operands;
  readonly flags: Flags;
  /** Flags of which only those that are given count, described before the others. */
  readonly settings?: Entries;
  /** The same, known and not described. */
  readonly aliases?: Entries;
  /** What flags whose value is a text know by name, for the help and for shells. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
  /** Letters of flags, besides `-h`. */
  readonly shorts?: Readonly<Record<string, string>>;
  /** Last paragraphs of the help. */
  readonly after?: string;
}

/** What a command line says. */
export interface CommandLine<Flags extends Entries, Operands extends Entries> {
  readonly flags: ValuesOf<Flags>;
  readonly operands: ValuesOf<Operands>;
  /** Those of `settings` and `aliases` that were given. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What stands before the name of a command. */
export const CALLED = CLONE === undefined ? PROGRAM : "deno task";

const HELP = { help: entry(boolean(), "Show this", false) };

/**
 * Reads a command line.
 *
 * @returns undefined if it asks for help, which is then written
 * @throws UsageError for a command line that cannot be carried out
 */
export function readCommandLine<Flags extends Entries, Operands extends Entries>(
  command: Command<Flags, Operands>,
  args: readonly string[],
  output: Output,
): CommandLine<Flags, Operands> | undefined {
  const { flags, settings = {}, aliases = {}, shorts = {} } = command;
  const known = { ...settings, ...aliases, ...flags, ...HELP };
  const given = parseFlags(args, known, { ...shorts, h: "help" });
  if (given.flags.help === true) {
    printer(output)(describeCommand(command));
    return undefined;
  }
  const isSetting = ([name]: [string, unknown]) => !Object.hasOwn({ ...flags, ...HELP }, name);
  return {
    flags: flagValues(flags, given.flags),
    operands: operandsOf(command.operands ?? {} as Operands, given.operands),
    settings: Object.fromEntries(Object.entries(given.flags).filter(isSetting)),
  };
}

function operandsOf<Operands extends Entries>(
  operands: Operands,
  given: readonly string[],
): ValuesOf<Operands> {
  const left = [...given];
  const values: Record<string, unknown> = {};
  for (const [name, operand] of Object.entries(operands)) {
    const { repeats, isRequired, description, fallback } = entryWords(operand);
    const texts = left.splice(0, repeats ? left.length : 1);
    if (texts.length === 0) {
      if (isRequired) throw new UsageError(`Name ${description}; see --help`);
      values[name] = fallback;
      continue;
    }
    const read = texts.map((text) => valueOf(`<${name}>`, operand, text));
    values[name] = repeats ? read.flat() : read[0];
  }
  if (left.length > 0) {
    throw new UsageError(`Unexpected argument ${left[0]}: options start with --`);
  }
  return values as ValuesOf<Operands>;
}

/** The text of `--help`. */
export function describeCommand(command: Command<Entries, Entries>): string {
  const { name, about, operands = {}, settings = {}, flags, after } = command;
  const words = Object.entries(operands).map(([name, operand]) => {
    const { repeats, isRequired } = entryWords(operand);
    const word = `<${name}>${repeats ? "..." : ""}`;
    return isRequired ? word : `[${word}]`;
  });
  return [
    about,
    `Usage: ${[CALLED, name, ...words, "[options]"].join(" ")}`,
    describeFlags({ ...settings, ...flags, ...HELP }),
    ...after === undefined ? [] : [after],
  ].join("\n\n");
}
