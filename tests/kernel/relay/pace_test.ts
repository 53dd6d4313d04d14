import { assertEquals } from "@std/assert";
import { Pace } from "../../../lib/kernel/relay/_pace.ts";
import { MAX_WAITING } from "../../../lib/kernel/wire/mod.ts";

/** A client whose subscribers never read, and what was waited for. */
function deafClient(waiting: number) {
  const asked: number[] = [];
  const whenWaiting = (most: number) => {
    asked.push(most);
    return waiting <= most ? Promise.resolve() : new Promise<void>(() => {});
  };
  const whenRoom = () => new Promise<void>(() => {});
  return { asked, client: { waiting, whenRoom, whenWaiting } };
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 5, "waits"));

Deno.test("pace: an interrupted cell waits for no subscriber, however far behind", async () => {
  const { client, asked } = deafClient(100 * MAX_WAITING);
  const pace = new Pace(client);
  const waiting = pace.whenRoom();
  assertEquals(await Promise.race([waiting, moment()]), "waits");
  pace.hurry();
  await waiting;
  await pace.whenRoom();
  assertEquals([...new Set(asked)], [102 * MAX_WAITING], "its last words have a bound");
});

Deno.test("pace: the cell behind an interrupted one waits again", async () => {
  const pace = new Pace(deafClient(0).client);
  pace.hurry();
  await pace.whenRoom();
  pace.slow();
  assertEquals(await Promise.race([pace.whenRoom(), moment()]), "waits");
});

Deno.test("pace: what an interrupted cell has put out is taken at its end, however much", async () => {
  let waiting = 0;
  const pace = new Pace({
    get waiting() {
      return waiting;
    },
    whenRoom: () => new Promise<void>(() => {}),
    whenWaiting: (most) => waiting <= most ? Promise.resolve() : new Promise<void>(() => {}),
  });
  pace.hurry();
  waiting = 100 * MAX_WAITING; // it saw the interrupt late
  const room = pace.whenRoom();
  assertEquals(await Promise.race([room, moment()]), "waits");
  pace.finish();
  await room;
  await pace.whenRoom(); // what it is asked behind its end, such as an error's causes
  pace.slow();
  assertEquals(await Promise.race([pace.whenRoom(), moment()]), "waits", "the next waits again");
});

Deno.test("pace: the end of a cell that was not interrupted is as slow as its clients", async () => {
  const pace = new Pace(deafClient(0).client);
  pace.finish();
  assertEquals(await Promise.race([pace.whenRoom(), moment()]), "waits");
});
