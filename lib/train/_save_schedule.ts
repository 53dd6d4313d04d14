/** When checkpoints are due. */
export class SaveSchedule {
  readonly #seconds: number;
  #last = performance.now();

  /** @param seconds the longest time between two of them; 0: one at the end of each epoch */
  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** Whether one is due in the middle of an epoch. */
  get isDue(): boolean {
    return this.#seconds > 0 && performance.now() - this.#last >= 1000 * this.#seconds;
  }

  /** Whether one is due at the end of an epoch. */
  get isDueAtEpochEnd(): boolean {
    return this.#seconds === 0 || this.isDue;
  }

  saved(): void {
    this.#last = performance.now();
  }
}
