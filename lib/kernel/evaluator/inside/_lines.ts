/** A word or a sign, and where it is, from 1. */
interface Token {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** So many tokens may be in one text and not in the other; the work grows with the square. */
const MAX_DIFFERENCE = 2000;

/**
 * Which lines of a cell became which places of what V8 runs: Deno prints a cell anew, without its
 * types. Where the longest common sequence of tokens of both is, the places are the same.
 */
export class LineMap {
  readonly #source: readonly Token[];
  readonly #printed: readonly Token[];
  /** For tokens of the printed text, those of the source; -1 where there is none. */
  readonly #matches: Int32Array;

  constructor(source: string, printed: string) {
    this.#source = tokensOf(source);
    this.#printed = tokensOf(printed);
    this.#matches = matchesOf(this.#source, this.#printed);
  }

  /** The line of the source for a place in what is run, all from 1; undefined if none is known. */
  lineOf(line: number, column: number): number | undefined {
    let at = this.#printed.findIndex((token) =>
      token.line > line || (token.line === line && token.column >= column)
    );
    if (at < 0) at = this.#printed.length - 1;
    // What Deno or the kernel has put there is followed by what it stands in front of.
    for (let i = at; this.#printed[i]?.line === line; i++) {
      if (this.#matches[i] !== -1) return this.#lineOfMatch(i);
    }
    for (let i = at; i >= 0; i--) if (this.#matches[i] !== -1) return this.#lineOfMatch(i);
  }

  #lineOfMatch(printed: number): number | undefined {
    return this.#source[this.#matches[printed] ?? -1]?.line;
  }
}

function tokensOf(text: string): Token[] {
  return text.split("\n").flatMap((words, i) =>
    Array.from(words.matchAll(/[\p{ID_Continue}$]+|\S/gu), ({ 0: text, index }) => ({
      text,
      line: i + 1,
      column: index + 1,
    }))
  );
}

/**
 * For each token of `b` its partner in `a`, by the longest common subsequence.
 *
 * E. Myers, An O(ND) difference algorithm and its variations, Algorithmica 1, 1986.
 */
function matchesOf(a: readonly Token[], b: readonly Token[]): Int32Array {
  const matches = new Int32Array(b.length).fill(-1);
  const bound = Math.min(MAX_DIFFERENCE, a.length + b.length);
  // The furthest place in `a` that a path reaches on each diagonal, after 0, 1, … differences.
  const reached: Int32Array[] = [];
  let before = new Int32Array(3);
  for (let d = 0; d <= bound; d++) {
    const now = new Int32Array(2 * d + 3); // of the diagonals -d-1 … d+1
    const old = (k: number) => before[k + d] ?? 0; // of -d … d
    for (let k = -d; k <= d; k += 2) {
      let x = isDown(old, k, d) ? old(k + 1) : old(k - 1) + 1;
      if (d === 0) x = 0;
      while (x < a.length && x - k < b.length && a[x]!.text === b[x - k]!.text) x++;
      now[k + d + 1] = x;
      if (x < a.length || x - k < b.length) continue;
      reached.push(now);
      retrace(reached, a.length, b.length, matches);
      return matches;
    }
    reached.push(now);
    before = now;
  }
  return matches;
}

/** Whether the path on diagonal `k` came by a token that is in `b` alone. */
function isDown(old: (diagonal: number) => number, k: number, d: number): boolean {
  return k === -d || (k !== d && old(k - 1) < old(k + 1));
}

/** Goes the path back from the ends and notes its matches. */
function retrace(
  reached: readonly Int32Array[],
  lengthA: number,
  lengthB: number,
  matches: Int32Array,
): void {
  let x = lengthA, y = lengthB;
  for (let d = reached.length - 1; d >= 0; d--) {
    const old = (k: number) => reached[d - 1]?.[k + d] ?? 0;
    const k = x - y;
    const from = d === 0 ? 0 : isDown(old, k, d) ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : old(from), fromY = fromX - from;
    while (x > Math.max(fromX, 0) && y > Math.max(fromY, 0)) {
      x--;
      y--;
      matches[y] = x;
    }
    x = fromX;
    y = fromY;
  }
}
