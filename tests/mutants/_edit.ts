/** A small mistake in the source that the tests of its room ought to notice. */
export interface Edit {
  /** What is wrong with the edit in place, in a few words. */
  readonly mistake: string;
  /** The file, from the root of the repository. */
  readonly file: string;
  /** A text that occurs exactly once in the file, and what takes its place. */
  readonly old: string;
  readonly new: string;
  /** The few test files that ought to notice; they run in seconds. */
  readonly tests: readonly string[];
  /** Only the tests whose names contain this. */
  readonly filter?: string;
  /** Why no test can notice, or why none should. */
  readonly survives?: string;
}

/** An edit with the name of its list and its place in it, from 1. */
export interface Listed extends Edit {
  readonly room: string;
  readonly number: number;
}

/** @returns the source with the edit in place, or undefined if the edit is stale */
export function apply(source: string, edit: Edit): string | undefined {
  const at = source.indexOf(edit.old);
  if (at < 0 || edit.old === "" || source.includes(edit.old, at + 1)) return undefined;
  return source.slice(0, at) + edit.new + source.slice(at + edit.old.length);
}
