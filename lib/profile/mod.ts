/** Where a step's time and memory go. @module */
export { type Profile, profile, type ProfileOptions } from "./profile.ts";
export type { LayerSum, OperationSum, Sum } from "./_sums.ts";
