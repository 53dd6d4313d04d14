import * as v from "valibot";

/** Checks a value, and knows how it is called: of a configuration's entry, or of a flag. */
export type Value<T> = v.GenericSchema<T>;

/** How a value is spoken of, and written on a command line. */
export interface Words {
  /** In a list of flags: `integer`, `sgd|rmsprop`. */
  readonly kind: string;
  /** Behind "must be". */
  readonly expected: string;
  /** Stands on a command line without a value: `--name` and `--no-name`. */
  readonly standsAlone?: boolean;
  /** May be repeated on a command line; the values add up. */
  readonly repeats?: boolean;
  /** The value of a text; what it cannot read comes back as text, which the check then refuses. */
  readonly read: (text: string) => unknown;
}

/** Bounds of a number; none by default. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
  /** Whether `min` itself is out of range. */
  readonly aboveMin?: boolean;
  /** Whether `max` itself is out of range. */
  readonly belowMax?: boolean;
}

/** Any text but the empty one. */
export function text(): Value<string> {
  const isText = (value: string) => value.trim() !== "";
  const words = { kind: "text", expected: "a text", read: (text: string) => text };
  return spoken(v.pipe(v.string(), v.check(isText)), words);
}

/** One of some words. */
export function choice<const Choice extends string>(...choices: Choice[]): Value<Choice> {
  const words = { kind: choices.join("|"), expected: `one of ${choices.join(", ")}` };
  return spoken(v.picklist(choices), { ...words, read: (text) => text });
}

/** On or off, also as Python's absl writes it. */
export function boolean(): Value<boolean> {
  const read = (text: string) =>
    /^(true|t|1)$/i.test(text) ? true : /^(false|f|0)$/i.test(text) ? false : text;
  const words = { kind: "boolean", expected: "true or false", standsAlone: true, read };
  return spoken(v.boolean(), words);
}

/** A finite number. */
export function number(range: Range = {}): Value<number> {
  const words = { kind: "number", expected: withBounds("a number", range), read: readNumber };
  return spoken(v.pipe(v.number(), v.finite(), v.check((value) => isIn(range, value))), words);
}

/** A whole number that is exact as a double. */
export function integer(range: Range = {}): Value<number> {
  const words = { kind: "integer", expected: withBounds("an integer", range), read: readNumber };
  return spoken(v.pipe(v.number(), v.safeInteger(), v.check((value) => isIn(range, value))), words);
}

/**
 * A value, or `"none"` for what is switched off. On a command line 0 means the same, as in
 * google-research/sam.
 */
export function orNone<T>(value: Value<T>): Value<T | "none"> {
  const { kind, expected, read } = wordsOf(value);
  const readOrNone = (text: string) => read(text) === 0 ? "none" : read(text);
  const words = { kind: `${kind}|none`, expected: `${expected}, or none`, read: readOrNone };
  return spoken(v.union([value, v.literal("none")]), words);
}

/** A list; on a command line with commas. */
export function list<T>(item: Value<T>): Value<readonly T[]> {
  const { kind, expected, read } = wordsOf(item);
  return spoken(v.array(item), {
    kind: `${kind},…`,
    expected: `a list, each ${expected}`,
    repeats: true,
    read: (text) => text.split(",").map((part) => read(part.trim())),
  });
}

/** A list whose values stand alone on a command line: commas are a part of them. */
export function repeated<T>(item: Value<T>): Value<readonly T[]> {
  const { kind, expected, read } = wordsOf(item);
  const words = { kind, expected, repeats: true, read: (text: string) => [read(text)] };
  return spoken(v.array(item), words);
}

/** Whole numbers; on a command line with commas, and with two dots between the ends of a range. */
export function integers(): Value<readonly number[]> {
  return spoken(v.array(v.pipe(v.number(), v.safeInteger())), {
    kind: "A..B,…",
    expected: "integers, or ranges such as 0..4",
    repeats: true,
    read: (text) => text.split(",").flatMap((part) => readRange(part.trim())),
  });
}

/** The words of a value that was made here. */
export function wordsOf(value: Value<unknown>): Words {
  return v.getMetadata(value as Value<unknown> & { readonly pipe: never }) as unknown as Words;
}

function spoken<T>(value: Value<T>, words: Words): Value<T> {
  return v.pipe(value, v.metadata({ ...words })) as Value<T>;
}

/** No run of programs is made for more. */
const LONGEST_RANGE = 100_000;

/** `0..4` as 0, 1, 2, 3, 4; what is not a range stays as it is. */
function readRange(text: string): unknown[] {
  const [, first, last] = /^(-?\d+)\.\.(-?\d+)$/.exec(text) ?? [];
  const length = Number(last) - Number(first) + 1;
  if (first === undefined) return [readNumber(text)];
  if (!(length > 0 && length <= LONGEST_RANGE)) return [text];
  return Array.from({ length }, (_, index) => Number(first) + index);
}

function readNumber(text: string): unknown {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(value)) return text;
  return value === 0 ? 0 : value; // not -0
}

function isIn(
  { min = -Infinity, max = Infinity, aboveMin = false, belowMax = false }: Range,
  value: number,
): boolean {
  return (aboveMin ? value > min : value >= min) && (belowMax ? value < max : value <= max);
}

function withBounds(kind: string, { min, max, aboveMin, belowMax }: Range): string {
  const bounds = [
    ...min === undefined ? [] : [`${aboveMin ? ">" : ">="} ${min}`],
    ...max === undefined ? [] : [`${belowMax ? "<" : "<="} ${max}`],
  ];
  return [kind, bounds.join(" and ")].join(" ").trimEnd();
}
