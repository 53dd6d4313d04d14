/** Says "ready", waits for an interrupt, "saves" until a byte comes, and says how it went. */
import { watchInterrupts } from "../../lib/train/interrupt.ts";

const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
let arrivesTwice = Deno.args.includes("--twice");

{
  using interrupt = watchInterrupts((message) => {
    say(message);
    if (arrivesTwice) Deno.kill(Deno.pid, "SIGINT"); // as fast as any machine does it
    arrivesTwice = false;
  });
  say("ready");
  while (!interrupt.signal.aborted) await pause(10);
  if (Deno.args.includes("--clock-back")) Date.now = () => 0;
  await Deno.stdin.read(new Uint8Array(1));
  say("saved");
}
if (Deno.args.includes("--linger")) {
  say("lingers");
  await pause(600_000);
}
