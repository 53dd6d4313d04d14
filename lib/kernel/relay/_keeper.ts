import { Evaluator, type EvaluatorEvents } from "../evaluator/mod.ts";
import { log } from "../wire/mod.ts";
import { freeEventLoop } from "./_event_loop.ts";
import { obituary } from "./_failures.ts";

export interface KeeperOptions extends EvaluatorEvents {
  /** Where cells work. */
  readonly cwd: string;
  /** The folder whose deno.json applies to the cells; default `cwd`. */
  readonly project?: string | undefined;
  /** Whether a cell runs: it finds out by itself that its evaluator has ended. */
  isBusy(): boolean;
  /** Another evaluator is about to start: the variables are gone. */
  onRestart(): void;
  /** Shows a line to the user. */
  tell(line: string): void;
}

/** Keeps an evaluator alive: starts another in place of one that has ended. */
export class EvaluatorKeeper {
  readonly #options: KeeperOptions;
  readonly #stopping = new AbortController();
  /** The evaluator, or the one that is starting, or why there is none. */
  #evaluator: Promise<Evaluator>;
  #alive: Evaluator | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#evaluator = this.#start();
  }

  /** The evaluator, or another one if it has ended or could not be started. */
  async ready(): Promise<Evaluator> {
    const evaluator = await this.#evaluator.catch(() => this.#evaluator = this.#start());
    if (!evaluator.hasEnded) return evaluator;
    await this.#replace(evaluator, await evaluator.ended);
    return await this.#evaluator;
  }

  /** Stops what a cell that is over has left to run, where it keeps the event loop from turning. */
  async interrupt(): Promise<void> {
    const evaluator = this.#alive;
    if (evaluator) await freeEventLoop(evaluator, () => this.#alive !== evaluator);
  }

  /** Starts another evaluator in place of one that ended, once. */
  async revive(dead: Evaluator): Promise<void> {
    if (this.#alive !== dead) return;
    this.#alive = undefined;
    this.#options.onRestart();
    this.#evaluator = this.#start();
    await this.#evaluator;
  }

  /** Ends the evaluator, or its start; resolves with the one that is ending, if there is one. */
  async stop(): Promise<Evaluator | undefined> {
    this.#stopping.abort();
    return await this.#evaluator.catch(() => undefined);
  }

  #start(): Promise<Evaluator> {
    const { tell } = this.#options;
    const starting = Evaluator.start({ ...this.#options, signal: this.#stopping.signal });
    starting.then((evaluator) => {
      this.#alive = evaluator;
      void evaluator.ended.then((death) => this.#diedIdle(evaluator, death));
    }, (error) => {
      log(String(error));
      tell(String(error));
    });
    return starting;
  }

  /** An evaluator that ends while no cell runs is replaced at once. */
  #diedIdle(evaluator: Evaluator, death: string): void {
    if (this.#stopping.signal.aborted || this.#options.isBusy()) return;
    this.#replace(evaluator, death).catch((error) => log(String(error)));
  }

  /** Starts another evaluator in place of one that ended, once, and tells the user. */
  async #replace(evaluator: Evaluator, death: string): Promise<void> {
    if (this.#alive === evaluator) this.#options.tell(obituary(death));
    await this.revive(evaluator);
  }
}
