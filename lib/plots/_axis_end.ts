/**
 * Where an axis from 0 ends: room for every point, and for what reaches beyond them (the end of an
 * interval, a run that exploded) up to half as much again. What sticks out is cut off there: an
 * interval from two seeds must not squeeze everything else.
 */
export function axisEnd(
  points: readonly number[],
  beyond: readonly number[],
  limit = Infinity,
): number {
  const largest = points.reduce((most, value) => Math.max(most, value), 0);
  const farthest = beyond.reduce((most, value) => Math.max(most, value), 0);
  const end = largest > 0 ? Math.max(largest * 1.05, Math.min(farthest, largest * 1.5)) : farthest;
  return end > 0 ? Math.min(limit, end) : 1;
}
