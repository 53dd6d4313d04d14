import type { OutputPipe } from "./_pipe.ts";
import { decode, encode, load, stringify } from "./_primordials.ts";
import { type Shared, Word } from "./_shared.ts";

/**
 * Replaces `prompt`, `confirm` and `alert`, which stop the cell until the user has answered: Deno's
 * own cannot be interrupted.
 *
 * @param wait waits until a word changes, or a little while; throws if the cell was interrupted
 */
export function installInput(
  { words, typed }: Shared,
  pipe: OutputPipe,
  wait: (word: number, last: number) => void,
): void {
  let questions = 0;

  /** What the user types; null where the client takes no questions. */
  function ask(prompt: string, password: boolean): string | null {
    const question = ++questions;
    const content = encode(stringify({ prompt, password }));
    pipe.message("input_request", content, { question }, []);
    for (let last: number; (last = load(words, Word.ANSWERED)) !== question;) {
      wait(Word.ANSWERED, last);
    }
    const length = load(words, Word.TYPED);
    return length < 0 ? null : decode(new Uint8Array(typed, 0, length).slice());
  }

  Object.assign(globalThis, {
    alert(message = "Alert"): void {
      ask(`${message} [Enter] `, false);
    },
    confirm(message = "Confirm"): boolean {
      return /^y$/i.test(ask(`${message} [y/N] `, false) ?? "");
    },
    prompt(message = "Prompt", defaultValue = "", { password = false } = {}): string | null {
      const answer = ask(
        defaultValue === "" ? `${message}` : `${message} [${defaultValue}]`,
        password,
      );
      return answer === "" ? defaultValue : answer;
    },
  });
}
