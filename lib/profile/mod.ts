/** Where a step's time and memory go. @module */
export { profile, type ProfileOptions } from "./profile.ts";
export type { LayerSum, OperationSum, PrimitiveSum, Sum } from "./_sums.ts";
export type { Profile } from "./types.ts";
