import type { Json } from "../wire/mod.ts";

interface Entry {
  readonly number: number;
  readonly input: string;
  output?: string | undefined;
}

/** How many cells are remembered. */
const LIMIT = 10_000;
const SESSION = 1;

/** What was executed since the kernel started; restarts of the evaluator do not clear it. */
export class History {
  #entries: Entry[] = [];

  add(number: number, input: string, output?: string): void {
    this.#entries.push({ number, input, output });
    if (this.#entries.length > LIMIT) this.#entries.shift();
  }

  /** The content of a `history_reply`. */
  answer(request: Json): Json {
    const entries = this.#select(request);
    const history = entries.map(({ number, input, output }) => [
      SESSION,
      number,
      request.output === true ? [input, output ?? null] : input,
    ]);
    return { status: "ok", history };
  }

  #select({ hist_access_type: type, n, start, stop, session, pattern, unique }: Json): Entry[] {
    const count = typeof n === "number" ? Math.max(0, n) : LIMIT;
    if (type === "range") {
      if (session !== 0 && session !== SESSION && session !== undefined) return [];
      const from = typeof start === "number" ? start : 0;
      const to = typeof stop === "number" ? stop : Infinity;
      return this.#entries.filter(({ number }) => number >= from && number < to);
    }
    let entries = this.#entries;
    if (type === "search") {
      const glob = globOf(typeof pattern === "string" ? pattern : "*");
      entries = entries.filter(({ input }) => glob.test(input));
      if (unique === true) {
        entries = [...new Map(entries.map((entry) => [entry.input, entry])).values()];
      }
    }
    return entries.slice(Math.max(0, entries.length - count));
  }
}

/** `*` stands for any text, `?` for one character. */
function globOf(pattern: string): RegExp {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^]*").replaceAll("?", "[^]");
  return new RegExp(`^${source}$`);
}
