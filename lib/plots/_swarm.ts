/**
 * Levels for points along a line, so that none hides another: the nearest to the middle (0, then −1, 1, −2,
 * …) that has no point closer than `distance`. The same positions give the same levels.
 */
export function swarmLevels(positions: readonly number[], distance: number): number[] {
  const order = [...positions.keys()].sort((a, b) => positions[a]! - positions[b]! || a - b);
  const levels = positions.map(() => 0);
  /** The last position on each level; points come in ascending order. */
  const last = new Map<number, number>();
  for (const index of order) {
    const position = positions[index]!;
    let level = 0;
    while (position - (last.get(level) ?? -Infinity) < distance) {
      level = level < 0 ? -level : -level - 1;
    }
    last.set(level, position);
    levels[index] = level;
  }
  return levels;
}
