/** In the environment of a process that another one began for its own work, that one's number. */
const LEADER = "SAM_LEADER";
/** How often the process looks whether that one is there. */
const LOOK_MS = 1000;

/** For the environment of a process that shall not outlive this one. */
export const leaderEnvironment = (): Record<string, string> => ({ [LEADER]: `${Deno.pid}` });

/**
 * Asks this process to terminate once the one that began it is gone, which may have been killed: nobody
 * else would. Does nothing in a process that somebody else began.
 */
export function watchLeader(): Disposable {
  const leader = Deno.env.get(LEADER);
  Deno.env.delete(LEADER); // it is not that of what this process begins
  // Windows has no other parent for whoever lost its own.
  if (leader === undefined || Deno.build.os === "windows") return { [Symbol.dispose]: () => {} };
  const timer = setInterval(() => {
    if (Deno.ppid === Number(leader)) return;
    clearInterval(timer);
    Deno.kill(Deno.pid, "SIGTERM");
  }, LOOK_MS);
  Deno.unrefTimer(timer);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
