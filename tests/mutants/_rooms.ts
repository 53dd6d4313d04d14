import type { Edit, Listed } from "./_edit.ts";

/** The edits of all lists: every file of this folder that is neither private nor a program. */
export async function readRooms(): Promise<Listed[]> {
  const rooms: string[] = [];
  for await (const { name } of Deno.readDir(new URL(".", import.meta.url))) {
    const room = name.match(/^([a-z]+)\.ts$/)?.[1];
    if (room !== undefined && room !== "run") rooms.push(room);
  }
  const lists = await Promise.all(
    rooms.sort().map(async (room) => {
      const { edits } = await import(`./${room}.ts`) as { readonly edits: readonly Edit[] };
      return edits.map((edit, index): Listed => ({ ...edit, room, number: index + 1 }));
    }),
  );
  return lists.flat();
}
