/**
 * Where an axis begins and ends that need not hold 0: room for every point, and for what reaches beyond
 * them (the end of an interval) up to half as much again on either side, within the limits.
 */
export function axisRange(
  points: readonly number[],
  beyond: readonly number[],
  [least, most]: readonly [number, number] = [-Infinity, Infinity],
): [number, number] {
  const [low, high] = [Math.min(...points), Math.max(...points)];
  const span = high - low || Math.abs(high) / 10 || 1;
  const start = Math.max(Math.min(low, ...beyond), low - span / 2) - span / 20;
  const end = Math.min(Math.max(high, ...beyond), high + span / 2) + span / 20;
  return [Math.max(least, start), Math.min(most, end)];
}
