/** Says "ready", waits for an interrupt, takes a second to "save", and says how it went. */
import { watchInterrupts } from "../../lib/train/interrupt.ts";

const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

{
  using interrupt = watchInterrupts(say);
  say("ready");
  while (!interrupt.signal.aborted) await pause(10);
  if (Deno.args.includes("--clock-back")) Date.now = () => 0;
  await pause(1000);
  say("saved");
}
if (Deno.args.includes("--linger")) await pause(20_000);
