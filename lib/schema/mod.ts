/**
 * What a setting may be, in one place: its type, check, default, description, and how it is written
 * on a command line. The checks are valibot's.
 *
 * @module
 */
export {
  type AnyEntry,
  type Entries,
  type EntriesOf,
  type Entry,
  entry,
  type EntryWords,
  entryWords,
  matches,
  nearName,
  type OptionalEntry,
  optionalEntry,
  parseEntries,
  type Refusals,
  type RequiredEntry,
  requiredEntry,
  shown,
  type ValuesOf,
} from "./entries.ts";
export {
  boolean,
  choice,
  integer,
  integers,
  list,
  number,
  orNone,
  type Range,
  repeated,
  text,
  type Value,
  type Words,
  wordsOf,
} from "./values.ts";
