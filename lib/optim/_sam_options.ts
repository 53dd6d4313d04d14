/** Options of SAM, as a gradient transformation and as an optimizer of TensorFlow.js. */
export interface SamOptions {
  /** Radius ρ of the neighbourhood, in the L2 norm over all parameters together. */
  readonly rho: number;
  /** Whether metrics tell of the neighbourhood: {@linkcode SamStatistics}; default false. */
  readonly statistics?: boolean | undefined;
}

/** @throws RangeError if ρ is negative or not finite */
export function checkRho(rho: number): void {
  if (!(Number.isFinite(rho) && rho >= 0)) {
    throw new RangeError(`Cannot perturb with rho ${rho}: rho must be finite and >= 0`);
  }
}
