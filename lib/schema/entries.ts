import * as v from "valibot";
import { closest, distance } from "fastest-levenshtein";
import { type Value, type Words, wordsOf } from "./values.ts";

/** An entry with a default. */
export type Entry<T> = v.OptionalSchema<Value<T>, T>;
/** An entry that may be left out. */
export type OptionalEntry<T> = v.OptionalSchema<Value<T>, undefined>;
/** An entry that has to be given. */
export type RequiredEntry<T> = Value<T>;
// deno-lint-ignore no-explicit-any -- of whatever type
export type AnyEntry = Entry<any> | OptionalEntry<any> | RequiredEntry<any>;

/** Entries by name. */
export type Entries = Readonly<Record<string, AnyEntry>>;

/** The values of entries. */
export type ValuesOf<E extends Entries> = Readonly<
  v.InferOutput<v.StrictObjectSchema<E, undefined>>
>;

/** The entries that give `Values`, whose optional properties may be left out. */
export type EntriesOf<Values> = {
  readonly [Name in keyof Values]-?: undefined extends Values[Name]
    ? OptionalEntry<Exclude<Values[Name], undefined>>
    : Entry<Values[Name]>;
};

/** Describes an entry, which has a default. */
export function entry<T>(value: Value<T>, description: string, fallback: NoInfer<T>): Entry<T> {
  return v.optional(described(value, description), fallback as never) as unknown as Entry<T>;
}

/** Describes an entry that may be left out. */
export function optionalEntry<T>(value: Value<T>, description: string): OptionalEntry<T> {
  return v.optional(described(value, description));
}

/** Describes an entry that has to be given. */
export function requiredEntry<T>(value: Value<T>, description: string): RequiredEntry<T> {
  return described(value, description);
}

function described<T>(value: Value<T>, description: string): Value<T> {
  return v.pipe(value, v.description(description)) as Value<T>;
}

/** What is said of an entry. */
export interface EntryWords extends Words {
  readonly description: string;
  readonly fallback: unknown;
  readonly isRequired: boolean;
}

/** What is said of an entry. */
export function entryWords(entry: AnyEntry): EntryWords {
  const isRequired = entry.type !== "optional";
  const value = (isRequired ? entry : (entry as Entry<unknown>).wrapped) as Value<unknown>;
  return {
    ...wordsOf(value),
    description: v.getDescription(value as never) ?? "",
    fallback: v.getDefault(entry as never),
    isRequired,
  };
}

/** Whether an entry can have a value. */
export function matches(entry: AnyEntry, value: unknown): boolean {
  return v.is(entry, value);
}

/** The errors of {@linkcode parseEntries}. */
export interface Refusals {
  unknown(name: string): Error;
  /** @param value as it is shown in a message */
  wrong(name: string, value: string, expected: string): Error;
}

/**
 * The values of all entries, from those that are given: defaults fill in what is missing or undefined,
 * and what has none is left out.
 *
 * @throws the errors that `refusals` makes, for a name that no entry has and for a value that its entry
 *   refuses
 */
export function parseEntries<E extends Entries>(
  entries: E,
  given: Readonly<Record<string, unknown>>,
  refusals: Refusals,
): ValuesOf<E> {
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  const unknown = stated.find(([name]) => !Object.hasOwn(entries, name));
  if (unknown) throw refusals.unknown(unknown[0]);
  const values: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(entries)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const result = v.safeParse(entry, value);
    if (!result.success) throw refusals.wrong(name, shown(value), entryWords(entry).expected);
    if (result.output !== undefined) values[name] = result.output;
  }
  return values as ValuesOf<E>;
}

/** Characters of a value in a message. */
const MOST_SHOWN = 200;

/** A value in a message. */
export function shown(value: unknown): string {
  if (typeof value === "number" || value === undefined) return `${value}`;
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  } catch {
    return String(value);
  }
}

/** The known name that an unknown one is a slip of, if there is one. */
export function nearName(name: string, known: readonly string[]): string | undefined {
  const plain = plainOf(name);
  if (plain.length < 2 || known.length === 0) return undefined;
  const [whole, part] = [
    known.find((other) => plainOf(other).startsWith(plain)),
    known.find((other) =>
      plainOf(other).includes(plain) || other.length > 2 && plain.includes(plainOf(other))
    ),
  ];
  const slip = closest(plain, known.map(plainOf));
  const isSlip = distance(plain, slip) <= Math.max(1, plain.length / 3);
  return whole ?? (isSlip ? known.find((other) => plainOf(other) === slip) : undefined) ?? part;
}

function plainOf(name: string): string {
  return name.replaceAll(/[-_]/g, "").toLowerCase();
}
