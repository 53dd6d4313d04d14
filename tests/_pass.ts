import type { Pass } from "../lib/optim/mod.ts";

/** For losses that look neither at a state nor at a seed. */
export const PASS: Pass = { state: {}, seed: undefined as unknown as Pass["seed"] };
