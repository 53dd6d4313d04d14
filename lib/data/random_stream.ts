/** Seeded random numbers: one independent stream for each (seed, name, index). @module */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A stream of random numbers; every draw advances it. Equal on every machine. */
export interface Random {
  /** Uniform integer in [0, 2^32). */
  word(): number;
  /** Uniform number in [low, high), in steps of (high - low) / 2^32. */
  between(low: number, high: number): number;
  /** Uniform integer in [0, count), without modulo bias. */
  below(count: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
}

/**
 * The stream `name` number `index` of `seed`. Streams are drawn from independently: what one image
 * takes never shifts the next one's numbers, so a smaller set is a prefix of a larger one.
 *
 * @param seed integer in [0, 2^32)
 * @param index integer in [0, 2^32); two indices of one name never share their generator's state
 */
export function randomStream(seed: number, name: string, index = 0): Random {
  assertSeed(seed);
  const generator = xoroshiro128plus(mix(index ^ mix(seed ^ hashName(name))));
  const word = () => generator.next() >>> 0;
  const between = (low: number, high: number) => low + (high - low) * (word() / 0x1_0000_0000);
  return {
    word,
    between,
    below: (count) => uniformInt(generator, 0, count - 1),
    chance: (probability) => between(0, 1) < probability,
  };
}

/** The integers 0..count-1 in random order (Fisher-Yates). */
export function permutation(random: Random, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Throws a RangeError unless `seed` is an integer in [0, 2^32). */
export function assertSeed(seed: number): void {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    throw new RangeError(
      `Cannot draw random numbers with seed ${seed}: the seed must be an integer from 0 to 4294967295`,
    );
  }
}

/** MurmurHash3's finaliser: a bijection of 32-bit integers that leaves no visible pattern. */
function mix(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}

/** FNV-1a. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
