/** Seconds over which the speed is averaged. */
const WINDOW = 5;

/** Recent steps per second. */
export class Speed {
  readonly #times: number[] = [performance.now()];

  /** A step is done. @returns steps per second of the last seconds */
  lap(): number {
    const now = performance.now();
    this.#times.push(now);
    while (this.#times.length > 2 && now - this.#times[0]! > WINDOW * 1000) this.#times.shift();
    return (this.#times.length - 1) * 1000 / (now - this.#times[0]!);
  }
}
