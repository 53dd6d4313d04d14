/** Looks at processes by Linux's `/proc`. */
import type { Missing } from "../_skip.ts";

/** Why tests that look at processes are left out. */
export const missingProc: Missing = Deno.build.os === "linux"
  ? undefined
  : "processes are looked at in Linux's /proc";

/** The processes below one, itself included. */
export function familyOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const family = [pid];
  for (let i = 0; i < family.length; i++) {
    for (const [child, parent] of parents) if (parent === family[i]) family.push(child);
  }
  return family;
}

/**
 * Memory in RAM of a process and all below it, in bytes, without a language server, whose heap has a
 * bound of its own.
 */
export function residentBytes(pid: number): number {
  let pages = 0;
  for (const member of familyOf(pid)) {
    try {
      if (isLanguageServer(member)) continue;
      pages += Number(Deno.readTextFileSync(`/proc/${member}/statm`).split(" ")[1]);
    } catch {
      // It ended meanwhile.
    }
  }
  return pages * 4096;
}

/** The language servers among a process and all below it. */
export function languageServersOf(pid: number): number[] {
  return familyOf(pid).filter((member) => {
    try {
      return isRunning(member) && isLanguageServer(member);
    } catch {
      return false; // it ended meanwhile
    }
  });
}

function isLanguageServer(pid: number): boolean {
  return Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0").includes("lsp");
}

/** Whether it runs, and is not only waiting to be noticed as ended. */
export function isRunning(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
  } catch {
    return false;
  }
}
