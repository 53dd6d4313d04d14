import { createHash } from "node:crypto";
import { join } from "node:path";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { openLocked } from "../../lib/data/download/_locked_file.ts";
import { DataError, download, type DownloadOptions } from "../../lib/data/mod.ts";
import { temporaryFolder } from "./_files.ts";

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 5);
const sha256 = createHash("sha256").update(content).digest("hex");
const options: DownloadOptions = { sha256, bytes: content.length, backoff: 5 };

type Handler = (request: Request, count: number) => Response | Promise<Response>;

/** Serves `handler` on the loopback; `ranges` are the Range headers of the requests so far. */
function serve(handler: Handler) {
  const ranges: (string | null)[] = [];
  const closing = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, onError: () => new Response(null) },
    (request) => {
      ranges.push(request.headers.get("range"));
      return handler(request, ranges.length);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/file.gz`,
    ranges,
    /** Aborted when the server closes: a handler that hangs waits for it. */
    closing: closing.signal,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await server.shutdown();
    },
  };
}

/** The rest that the Range header asks for. */
function respond(request: Request, bytes: Uint8Array<ArrayBuffer> = content): Response {
  const start = Number(request.headers.get("range")?.match(/^bytes=(\d+)-$/)?.[1] ?? 0);
  if (start === 0) return new Response(bytes);
  const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
  return new Response(bytes.subarray(start), { status: 206, headers: { "content-range": range } });
}

/** Sends the bytes from `start` to `end`, then cuts the connection. */
function cut(start: number, end: number, init?: ResponseInit): Response {
  let sent = false;
  const body = new ReadableStream({
    async pull(controller) {
      if (!sent) controller.enqueue(content.subarray(start, end));
      else {
        await new Promise((resolve) => setTimeout(resolve, 20));
        controller.error(new Error("cut"));
      }
      sent = true;
    },
  });
  return new Response(body, init);
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("download fetches a file, reports progress, leaves nothing else", async () => {
  using folder = temporaryFolder();
  await using server = serve((request) => respond(request));
  const path = join(folder.path, "deep", "file.gz");
  const seen: number[] = [];
  await download(server.url, path, {
    ...options,
    onProgress: (progress) => {
      assertEquals([progress.path, progress.total], [path, content.length]);
      seen.push(progress.received);
    },
  });
  assertEquals(await Deno.readFile(path), content);
  assertEquals(names(join(folder.path, "deep")), ["file.gz"]);
  assertEquals(seen.at(-1), content.length);
  assertEquals(seen.toSorted((a, b) => a - b), seen);

  await download(server.url, path, options);
  assertEquals(server.ranges.length, 1, "A file that is right was fetched again");
});

Deno.test("download continues after a cut connection", async () => {
  using folder = temporaryFolder();
  await using server = serve((request, count) => count === 1 ? cut(0, 100_000) : respond(request));
  const path = join(folder.path, "file.gz");
  await download(server.url, path, options);
  assertEquals(await Deno.readFile(path), content);
  assertEquals(server.ranges, [null, "bytes=100000-"]);
});

Deno.test("download continues what an earlier run left", async () => {
  using folder = temporaryFolder();
  await using server = serve((request) => respond(request));
  const path = join(folder.path, "file.gz");
  await Deno.writeFile(`${path}.partial`, content.subarray(0, 7));
  await download(server.url, path, options);
  assertEquals(await Deno.readFile(path), content);
  assertEquals(server.ranges, ["bytes=7-"]);
});

Deno.test("download begins anew where the server ignores Range", async () => {
  using folder = temporaryFolder();
  await using server = serve((_, count) => count === 1 ? cut(0, 100_000) : new Response(content));
  const path = join(folder.path, "file.gz");
  await download(server.url, path, options);
  assertEquals(await Deno.readFile(path), content);
  assertEquals(server.ranges, [null, "bytes=100000-"]);
});

Deno.test("download gives up on a server that always cuts at the same place", async () => {
  using folder = temporaryFolder();
  await using server = serve(() => cut(0, 50_000));
  const path = join(folder.path, "file.gz");
  await assertRejects(
    () => download(server.url, path, { ...options, retries: 2 }),
    DataError,
    "(3 ",
  );
  assertEquals(names(folder.path), ["file.gz.partial"]);
});

Deno.test("download goes on with a server that cuts often, but brings something each time", async () => {
  using folder = temporaryFolder();
  await using server = serve((_, count) => {
    const start = 40_000 * (count - 1);
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    const partly = { status: 206, headers: { "content-range": range } };
    return cut(start, start + 40_000, count === 1 ? undefined : partly);
  });
  const path = join(folder.path, "file.gz");
  await download(server.url, path, { ...options, retries: 2 });
  assertEquals(await Deno.readFile(path), content);
  assertEquals(server.ranges.length, 8);
});

Deno.test("download begins anew on a range that does not fit", async () => {
  for (
    const init of [
      { status: 206, headers: { "content-range": "bytes 5-299999/300000" } },
      { status: 416 },
    ]
  ) {
    using folder = temporaryFolder();
    await using server = serve((request, count) =>
      count === 1
        ? new Response(init.status === 206 ? content.subarray(5) : null, init)
        : respond(request)
    );
    const path = join(folder.path, "file.gz");
    await Deno.writeFile(`${path}.partial`, content.subarray(0, 7));
    await download(server.url, path, options);
    assertEquals(await Deno.readFile(path), content);
    assertEquals(server.ranges, ["bytes=7-", null]);
  }
});

Deno.test("download replaces a wrong beginning and one that is too long", async () => {
  for (
    const beginning of [
      new Uint8Array(1000),
      new Uint8Array(content.length + 1),
      new Uint8Array(content.length),
    ]
  ) {
    using folder = temporaryFolder();
    await using server = serve((request) => respond(request));
    const path = join(folder.path, "file.gz");
    await Deno.writeFile(`${path}.partial`, beginning);
    await download(server.url, path, options);
    assertEquals(await Deno.readFile(path), content);
  }
});

Deno.test("download removes a wrong file and names both checksums", async () => {
  using folder = temporaryFolder();
  const wrong = content.map((byte, i) => i === 9 ? byte ^ 1 : byte);
  await using server = serve((request) => respond(request, wrong));
  const path = join(folder.path, "file.gz");
  const error = await assertRejects(() => download(server.url, path, options), DataError, sha256);
  assertStringIncludes(error.message, createHash("sha256").update(wrong).digest("hex"));
  assertEquals(error.path, path);
  assertEquals(names(folder.path), []);
});

Deno.test("download leaves an existing file alone until the new one is right", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "file.gz");
  await Deno.writeTextFile(path, "old");
  await using server = serve((request, count) =>
    count === 1 ? new Response("no", { status: 404 }) : respond(request)
  );
  await assertRejects(() => download(server.url, path, options), DataError, "HTTP 404");
  assertEquals(await Deno.readTextFile(path), "old");
  await download(server.url, path, options);
  assertEquals(await Deno.readFile(path), content);
});

Deno.test("download stops at the expected size", async () => {
  using folder = temporaryFolder();
  let sent = 0;
  await using server = serve(() =>
    new Response(
      new ReadableStream({
        pull(controller) {
          sent += 65536;
          controller.enqueue(new Uint8Array(65536));
        },
      }),
    )
  );
  const path = join(folder.path, "file.gz");
  await assertRejects(
    () => download(server.url, path, options),
    DataError,
    "more than the expected",
  );
  assertEquals(names(folder.path), []);
  assert(sent < 64e6, `${sent} bytes were sent`);
});

Deno.test("download does not repeat a 404, goes to the next mirror, names every failure", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "file.gz");
  await using gone = serve(() => new Response("no", { status: 404 }));
  await using good = serve((request) => respond(request));
  await download([gone.url, good.url], path, options);
  assertEquals([gone.ranges.length, good.ranges.length], [1, 1]);

  const other = join(folder.path, "other.gz");
  const error = await assertRejects(
    () => download([gone.url, gone.url], other, options),
    DataError,
  );
  assertEquals(error.message.split("HTTP 404").length, 3);
  assertStringIncludes(error.message, `put the file there by hand (sha256 ${sha256})`);
});

Deno.test("download repeats after a server error, but not for ever", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "file.gz");
  await using server = serve((request, count) =>
    count < 3 ? new Response("busy", { status: count === 1 ? 500 : 429 }) : respond(request)
  );
  await download(server.url, path, options);
  assertEquals(server.ranges.length, 3);

  await using broken = serve(() => new Response("busy", { status: 503 }));
  const other = join(folder.path, "other.gz");
  await assertRejects(() => download(broken.url, other, options), DataError, "HTTP 503");
  assertEquals(broken.ranges.length, 5);
  assertEquals(names(folder.path), ["file.gz"]);
});

Deno.test("download gives up on a server that hangs, before and within the body", async () => {
  using folder = temporaryFolder();
  const hangs: Handler[] = [
    () => new Promise((_, reject) => server.closing.addEventListener("abort", reject)),
    () => new Response(new ReadableStream({ start: (c) => c.enqueue(content.subarray(0, 10)) })),
  ];
  await using server = serve((request, count) =>
    hangs[count - 1]?.(request, count) ?? respond(request)
  );
  const path = join(folder.path, "file.gz");
  const start = performance.now();
  await download(server.url, path, { ...options, timeout: 1000 });
  assertEquals(await Deno.readFile(path), content);
  assertEquals(server.ranges, [null, null, "bytes=10-"]);
  assert(performance.now() - start < 20_000); // and does not wait for 30 s, the default
});

Deno.test("download stops at a signal and keeps what came", async () => {
  using folder = temporaryFolder();
  await using server = serve((request, count) =>
    count === 1
      ? new Response(new ReadableStream({ start: (c) => c.enqueue(content.subarray(0, 10)) }))
      : respond(request)
  );
  const path = join(folder.path, "file.gz");
  const stop = new AbortController();
  const { signal } = stop;
  const onProgress = () => stop.abort(new Error("stopped by the user"));
  await assertRejects(
    () => download(server.url, path, { ...options, signal, onProgress }),
    Error,
    "by the user",
  );
  assertEquals(names(folder.path), ["file.gz.partial"]);
  await assertRejects(
    () => download(server.url, path, { ...options, signal }),
    Error,
    "by the user",
  );
  await download(server.url, path, options);
  assertEquals(server.ranges, [null, "bytes=10-"]);
});

Deno.test("download stops at a signal while it waits to try again", async () => {
  using folder = temporaryFolder();
  await using server = serve(() => new Response("busy", { status: 500 }));
  const signal = AbortSignal.timeout(100);
  const path = join(folder.path, "file.gz");
  await assertRejects(
    () => download(server.url, path, { ...options, signal, backoff: 60_000 }),
    DOMException,
    "timeout",
  );
});

Deno.test("downloads of one file wait for each other", async () => {
  using folder = temporaryFolder();
  await using server = serve((request) => respond(request));
  const path = join(folder.path, "file.gz");
  await Promise.all([1, 2, 3].map(() => download(server.url, path, options)));
  assertEquals(await Deno.readFile(path), content);
  assertEquals(names(folder.path), ["file.gz"]);
  assertEquals(server.ranges.length, 1);
});

Deno.test("a file that its holder renamed while it was opened is not the one to hold", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "file.gz.partial");
  const { tryLock } = Deno.FsFile.prototype;
  let tries = 0;
  Deno.FsFile.prototype.tryLock = async function (exclusive) {
    if (tries++ === 0) await Deno.rename(path, join(folder.path, "file.gz"));
    return await tryLock.call(this, exclusive);
  };
  try {
    using file = await openLocked(path);
    assertEquals((await file.stat()).ino, (await Deno.stat(path)).ino);
    assertEquals(tries, 2);
  } finally {
    Deno.FsFile.prototype.tryLock = tryLock;
  }
});

Deno.test("download names the path that cannot be written", async () => {
  using folder = temporaryFolder();
  await using server = serve((request) => respond(request));
  const file = join(folder.path, "file");
  await Deno.writeTextFile(file, "");
  await assertRejects(() => download(server.url, join(file, "x.gz"), options), DataError, file);

  const directory = join(folder.path, "x.gz");
  await Deno.mkdir(directory);
  await assertRejects(() => download(server.url, directory, options), DataError, directory);
});

Deno.test("download on a full disk says so and does not try again", async () => {
  using folder = temporaryFolder();
  await using server = serve((request) => respond(request));
  const path = join(folder.path, "file.gz");
  // As /dev/full answers, which tests may not write to without --allow-all.
  const full = Object.assign(new Error("No space left on device (os error 28)"), {
    code: "ENOSPC",
  });
  const { write } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.write = () => Promise.reject(full);
  try {
    const error = await assertRejects(() => download(server.url, path, options), DataError, path);
    assertStringIncludes(error.message, "No space left");
    assertStringIncludes(error.message, "free some disk space");
  } finally {
    Deno.FsFile.prototype.write = write;
  }
  assertEquals(server.ranges.length, 1);
  assertEquals(names(folder.path), []);
  await download(server.url, path, options);
  assertEquals(await Deno.readFile(path), content);
});
