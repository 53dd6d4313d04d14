import { parseArgs } from "node:util";

/** A wrong command line; its message is one line that names the flag. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What a flag takes. */
export interface Flag {
  /**
   * A switch takes no value, a boolean is on as `--name` and off as `--no-name`, and integers are a list
   * with commas.
   */
  readonly type: "text" | "number" | "integer" | "integers" | "switch" | "boolean";
  readonly description: string;
  /** Shown as default in the help, unless it is that of a boolean. */
  readonly default?: FlagValue | undefined;
  readonly choices?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Whether `min` itself is out of range. */
  readonly aboveMin?: boolean;
  /** Whether `max` itself is out of range. */
  readonly belowMax?: boolean;
}

export type FlagValue = string | number | boolean | readonly number[];

/**
 * Parses a command line of options alone: `--name value`, `--name=value`, and switches. Of an option
 * that is repeated the last one counts, so that a script's options can be changed behind them; lists
 * add up. A value may begin with one dash, as negative numbers do, but not with two. `--`, which npm's
 * users write before options, is passed over.
 *
 * As Python's absl has them, words may be joined by underscores, and a boolean may be `--noname` or
 * `--name=false`.
 *
 * @param flags by name without dashes
 * @returns the values that were given
 * @throws UsageError for unknown flags, missing, malformed or impossible values
 */
export function parseFlags<Name extends string>(
  args: readonly string[],
  flags: Readonly<Record<Name, Flag>>,
): Partial<Record<Name, FlagValue>> {
  const options = Object.fromEntries(
    Object.entries<Flag>(flags).map(([name, flag]) => [
      name,
      {
        type: standsAlone(flag) ? "boolean" as const : "string" as const,
        ...name === "help" && { short: "h" },
      },
    ]),
  );
  const { tokens } = parseArgs({
    args: args.filter((arg) => arg !== "--").map((arg) => inOurSpelling(arg, flags)),
    options,
    strict: false,
    tokens: true,
  });
  const parsed: Partial<Record<string, FlagValue>> = {};
  for (const token of tokens) {
    if (token.kind === "positional") {
      throw new UsageError(`Unexpected argument ${token.value}: options start with --`);
    }
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const flag = Object.hasOwn(flags, name) ? flags[name as Name] : undefined;
    if (flag === undefined) {
      throw new UsageError(`Unknown option ${rawName}${hint(name, Object.keys(flags))}`);
    }
    const isNextOption = !inlineValue && value?.startsWith("--");
    const found = valueOf(name, flag, isNextOption ? undefined : value);
    const before = parsed[name];
    parsed[name] = Array.isArray(found) && Array.isArray(before) ? [...before, ...found] : found;
  }
  return parsed as Partial<Record<Name, FlagValue>>;
}

/** `--sam_rho=1` as `--sam-rho=1`, `--notop5` as `--top5=false`, where the name is then known. */
function inOurSpelling(arg: string, flags: Readonly<Record<string, Flag>>): string {
  const [, name, rest] = /^--([^=]+)(.*)$/s.exec(arg) ?? [];
  if (name === undefined) return arg;
  const dashed = name.replaceAll("_", "-");
  if (Object.hasOwn(flags, dashed)) return `--${dashed}${rest}`;
  const denied = /^no-?(.+)$/.exec(dashed)?.[1] ?? "";
  const isDenial = Object.hasOwn(flags, denied) && flags[denied]!.type === "boolean" && rest === "";
  return isDenial ? `--${denied}=false` : arg;
}

/** Whether no value follows. */
function standsAlone({ type }: Flag): boolean {
  return type === "switch" || type === "boolean";
}

/** A line for each flag. */
export function describeFlags(flags: Readonly<Record<string, Flag>>): string {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const value = standsAlone(flag) ? "" : ` ${flag.choices?.join("|") ?? flag.type}`;
    const fallback = flag.default === undefined || standsAlone(flag)
      ? ""
      : ` (default ${flag.default})`;
    return [`  --${name}${value}`, `${flag.description}${fallback}`] as const;
  });
  const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)) + 2);
  return rows
    .map(([left, right]) =>
      left.length < width ? left.padEnd(width) + right : `${left}\n${" ".repeat(width)}${right}`
    )
    .join("\n");
}

function valueOf(name: string, flag: Flag, text: string | undefined): FlagValue {
  if (flag.type === "switch") {
    if (text !== undefined) throw new UsageError(`--${name} takes no value, got ${text}`);
    return true;
  }
  if (flag.type === "boolean") return booleanOf(name, text);
  if (text === undefined || text.trim() === "") throw new UsageError(`--${name} needs a value`);
  if (flag.choices && !flag.choices.includes(text)) {
    throw new UsageError(`--${name} must be one of ${flag.choices.join(", ")}, got ${text}`);
  }
  if (flag.type === "text") return text;
  if (flag.type === "integers") {
    return text.split(",").map((part) => numberOf(name, { ...flag, type: "integer" }, part));
  }
  return numberOf(name, flag, text);
}

function booleanOf(name: string, text = "true"): boolean {
  const lower = text.toLowerCase();
  if (["true", "t", "1"].includes(lower)) return true;
  if (["false", "f", "0"].includes(lower)) return false;
  throw new UsageError(`--${name} must be true or false, got ${text}`);
}

function numberOf(name: string, flag: Flag, text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  const { min = -Infinity, max = Infinity, aboveMin = false, belowMax = false } = flag;
  const isNumber = Number.isFinite(value) &&
    (flag.type === "number" || Number.isSafeInteger(value));
  const isInRange = (aboveMin ? value > min : value >= min) &&
    (belowMax ? value < max : value <= max);
  if (!isNumber || !isInRange) {
    throw new UsageError(`--${name} must be ${range(flag)}, got ${text}`);
  }
  return value === 0 ? 0 : value; // not -0
}

function range({ type, min, max, aboveMin, belowMax }: Flag): string {
  const kind = type === "integer" ? "an integer" : "a number";
  const bounds = [
    ...min === undefined ? [] : [`${aboveMin ? ">" : ">="} ${min}`],
    ...max === undefined ? [] : [`${belowMax ? "<" : "<="} ${max}`],
  ];
  return [kind, bounds.join(" and ")].join(" ").trimEnd();
}

function hint(name: string, known: readonly string[]): string {
  const plain = name.replaceAll(/[-_]/g, "").toLowerCase();
  if (plain.length < 2) return "";
  const plainOf = (other: string) => other.replaceAll("-", "");
  const near = known.find((other) => plainOf(other).startsWith(plain)) ??
    known.find((other) => plainOf(other).includes(plain) || plain.includes(plainOf(other)));
  return near === undefined ? "" : `; did you mean --${near}?`;
}
