import type { Shared } from "./_shared.ts";

interface ListenOptions {
  readonly port: number;
  readonly token: string;
  readonly shared: Shared;
  onInterrupt(): void;
  onCollect(): void;
}

/**
 * Starts the worker that the relay can reach while a cell runs; resolves when it is connected.
 *
 * @returns what wakes it when there is output
 */
export async function listen(
  { onInterrupt, onCollect, ...setup }: ListenOptions,
): Promise<() => void> {
  const url = new URL("./_side_channel_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module", name: "kernel side channel" });
  const connected = Promise.withResolvers<void>();
  worker.onmessage = ({ data }: MessageEvent<string>) => {
    if (data === "connected") connected.resolve();
    else if (data === "interrupt") onInterrupt();
    else if (data === "collect") onCollect();
    else worker.postMessage(data); // a ping: this thread's event loop turns
  };
  worker.onerror = (event) => connected.reject(new Error(event.message));
  worker.postMessage(setup);
  await connected.promise;
  return () => worker.postMessage("output");
}
