import { parseArgs } from "node:util";
import {
  type AnyEntry,
  type Entries,
  entryWords,
  matches,
  nearName,
  parseEntries,
  type ValuesOf,
} from "../schema/mod.ts";

/** A wrong command line; its message is one line that names the flag. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A command line in parts. */
export interface Given {
  /** Values of the flags that were given, by name without dashes. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** What is not a flag, in order. */
  readonly operands: readonly string[];
}

/**
 * Parses a command line: `--name value`, `--name=value`, booleans as `--name` and `--no-name`. Of a flag
 * that is repeated the last one counts, so that a script's flags can be changed behind them; lists add
 * up. A value may begin with one dash, as negative numbers do, but not with two. `--`, which npm's
 * users write before flags, is passed over.
 *
 * As Python's absl has them, words may be joined by underscores, and a boolean may be `--noname` or
 * `--name=false`.
 *
 * @param flags by name without dashes
 * @param shorts names of flags by the letter that stands for them
 * @throws UsageError for unknown flags, missing, malformed or impossible values
 */
export function parseFlags(
  args: readonly string[],
  flags: Entries,
  shorts: Readonly<Record<string, string>> = { h: "help" },
): Given {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => {
      const short = Object.keys(shorts).find((letter) => shorts[letter] === name);
      const type = entryWords(flag).standsAlone ? "boolean" as const : "string" as const;
      return [name, { type, ...short !== undefined && { short } }];
    }),
  );
  const { tokens } = parseArgs({
    args: args.filter((arg) => arg !== "--").map((arg) => inOurSpelling(arg, flags)),
    options,
    strict: false,
    tokens: true,
  });
  const parsed: Record<string, unknown> = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined) {
      const near = nearName(name, Object.keys(flags));
      const hint = near === undefined ? "" : `; did you mean --${near}?`;
      throw new UsageError(`Unknown option ${rawName}${hint}`);
    }
    const isNextOption = !inlineValue && value?.startsWith("--");
    const found = valueOf(`--${name}`, flag, isNextOption ? undefined : value);
    const before = parsed[name];
    const addsUp = entryWords(flag).repeats && before !== undefined;
    parsed[name] = addsUp ? [...before as unknown[], ...found as unknown[]] : found;
  }
  return { flags: parsed, operands };
}

/** The values of all flags: what was given, else their defaults. */
export function flagValues<F extends Entries>(
  flags: F,
  given: Readonly<Record<string, unknown>>,
): ValuesOf<F> {
  const own = Object.entries(given).filter(([name]) => Object.hasOwn(flags, name));
  return parseEntries(flags, Object.fromEntries(own), {
    unknown: (name) => new UsageError(`Unknown option --${name}`),
    wrong: (name, value, expected) =>
      Object.hasOwn(given, name)
        ? new UsageError(`--${name} must be ${expected}, got ${value}`)
        : new UsageError(`Give --${name}, ${expected}; see --help`),
  });
}

/**
 * Reads what stands on a command line.
 *
 * @param name as it stands in messages
 * @param text undefined where nothing follows
 * @throws UsageError
 */
export function valueOf(name: string, entry: AnyEntry, text: string | undefined): unknown {
  const { standsAlone, read, expected } = entryWords(entry);
  if (!standsAlone && (text === undefined || text.trim() === "")) {
    throw new UsageError(`${name} needs a value`);
  }
  const value = text === undefined ? true : read(text);
  if (!matches(entry, value)) throw new UsageError(`${name} must be ${expected}, got ${text}`);
  return value;
}

/** `--sam_rho=1` as `--sam-rho=1`, `--notop5` as `--top5=false`, where the name is then known. */
function inOurSpelling(arg: string, flags: Entries): string {
  const [, name, rest] = /^--([^=]+)(.*)$/s.exec(arg) ?? [];
  if (name === undefined) return arg;
  const dashed = name.replaceAll("_", "-");
  if (Object.hasOwn(flags, dashed)) return `--${dashed}${rest}`;
  const denied = /^no-?(.+)$/.exec(dashed)?.[1] ?? "";
  const isDenial = Object.hasOwn(flags, denied) && entryWords(flags[denied]!).standsAlone &&
    rest === "";
  return isDenial ? `--${denied}=false` : arg;
}

/** A line for each flag. */
export function describeFlags(flags: Entries): string {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const { standsAlone, kind, description, fallback } = entryWords(flag);
    const value = standsAlone ? "" : ` ${kind}`;
    const isSilent = standsAlone || fallback === undefined || `${fallback}` === "";
    return [`  --${name}${value}`, `${description}${isSilent ? "" : ` (default ${fallback})`}`];
  });
  const width = Math.min(34, Math.max(...rows.map(([left]) => left!.length)) + 2);
  return rows
    .map(([left = "", right]) =>
      left.length <= width - 2
        ? left.padEnd(width) + right
        : `${left}\n${" ".repeat(width)}${right}`
    )
    .join("\n");
}
