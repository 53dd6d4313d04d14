import { parseArgs } from "node:util";

/** A wrong command line; its message is one line that names the flag. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What a flag takes. */
export interface Flag {
  /** A switch takes no value. */
  readonly type: "text" | "number" | "integer" | "switch";
  readonly description: string;
  /** Shown as default in the help. */
  readonly default?: string | number | undefined;
  readonly choices?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Whether `min` itself is out of range. */
  readonly aboveMin?: boolean;
}

export type FlagValue = string | number | boolean;

/**
 * Parses a command line.
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
    Object.entries<Flag>(flags).map(([name, { type }]) => [
      name,
      { type: type === "switch" ? "boolean" as const : "string" as const },
    ]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const parsed: Partial<Record<string, FlagValue>> = {};
  for (const token of tokens) {
    if (token.kind === "positional") {
      throw new UsageError(`Unexpected argument ${token.value}: options start with --`);
    }
    if (token.kind !== "option") continue;
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name as Name] : undefined;
    if (flag === undefined) {
      throw new UsageError(`Unknown option --${token.name}${hint(token.name, Object.keys(flags))}`);
    }
    parsed[token.name] = valueOf(token.name, flag, token.value);
  }
  return parsed as Partial<Record<Name, FlagValue>>;
}

/** A line for each flag. */
export function describeFlags(flags: Readonly<Record<string, Flag>>): string {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const value = flag.type === "switch" ? "" : ` ${(flag.choices ?? [flag.type]).join("|")}`;
    const fallback = flag.default === undefined ? "" : ` (default ${flag.default})`;
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
  if (text === undefined || text === "") throw new UsageError(`--${name} needs a value`);
  if (flag.type === "text") {
    if (flag.choices && !flag.choices.includes(text)) {
      throw new UsageError(`--${name} must be one of ${flag.choices.join(", ")}, got ${text}`);
    }
    return text;
  }
  const value = Number(text);
  const { min = -Infinity, max = Infinity, aboveMin = false } = flag;
  const isNumber = Number.isFinite(value) &&
    (flag.type === "number" || Number.isSafeInteger(value));
  if (!isNumber || value > max || value < min || (aboveMin && value === min)) {
    throw new UsageError(`--${name} must be ${range(flag)}, got ${text}`);
  }
  return value;
}

function range({ type, min, max, aboveMin }: Flag): string {
  const kind = type === "integer" ? "an integer" : "a number";
  const lower = min === undefined ? "" : aboveMin ? ` > ${min}` : ` >= ${min}`;
  return kind + lower + (max === undefined ? "" : `${lower ? " and" : ""} <= ${max}`);
}

function hint(name: string, known: readonly string[]): string {
  const near = known.find((other) =>
    other.startsWith(name) || other.replaceAll("-", "") === name.replaceAll(/[-_]/g, "")
  );
  return near === undefined ? "" : `; did you mean --${near}?`;
}
