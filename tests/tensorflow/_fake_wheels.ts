/** Small wheels and a small pip, so that setup can be tested without a network. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { librariesOn, type Wheel, type WheelTable } from "../../lib/tensorflow/install/_wheels.ts";
import type { Command } from "../../lib/system/mod.ts";
import type { TransferProgress } from "../../lib/terminal/mod.ts";
import type { SetupOptions } from "../../lib/tensorflow/install/setup.ts";

const LIBRARIES = librariesOn(Deno.build.os);

/** Packs entries, in order, into a zip file; the names are not checked. */
export function zip(entries: readonly (readonly [string, string])[]): Uint8Array {
  const local: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, text] of entries) {
    const path = new TextEncoder().encode(name);
    const content = new TextEncoder().encode(text);
    const packed = new Uint8Array(deflateRawSync(content));
    const sizes: [number, ...number[]] = [4, crc32(content), packed.length, content.length];
    const header = bytes([4, 0x04034b50], [2, 20, 0, 8, 0, 0], sizes, [2, path.length, 0]);
    const listed = bytes([4, 0x02014b50], [2, 20, 20, 0, 8, 0, 0], sizes, [2, path.length]);
    local.push(header, path, packed);
    directory.push(listed, bytes([2, 0, 0, 0, 0], [4, 0, offset]), path);
    offset += header.length + path.length + packed.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = entries.length;
  const end = bytes([4, 0x06054b50], [2, 0, 0, count, count], [4, size, offset], [2, 0]);
  return concat([...local, ...directory, end]);
}

/** Little-endian numbers: each list begins with the width of its numbers in bytes. */
function bytes(...lists: [number, ...number[]][]): Uint8Array {
  return Uint8Array.from(
    lists.flatMap(([width, ...values]) =>
      values.flatMap((value) => Array.from({ length: width }, (_, i) => (value >>> (8 * i)) & 255))
    ),
  );
}

function concat(parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The entries of a wheel of TensorFlow; `build` tells one wheel from another. */
export const tensorflowEntries = (build: string): [string, string][] => [
  ["tensorflow/__init__.py", "raise ImportError"],
  [`tensorflow/${LIBRARIES.framework}`, `framework ${build}`.repeat(1000)],
  [`tensorflow/${LIBRARIES.cc}`, `cc ${build}`.repeat(5000)],
  [`tensorflow/core/tensorflow/${LIBRARIES.cc}`, "not this one"],
];

/** A temporary folder with fake wheels, a fake pip and options for `setupTensorFlow`. */
export class FakeWorld {
  readonly root = Deno.makeTempDirSync({ prefix: "sam_setup_test_" });
  readonly cache = join(this.root, "cache");
  readonly index = join(this.root, "index");
  readonly messages: string[] = [];
  readonly environment: Record<string, string> = { SAM_CACHE_DIR: this.cache };

  constructor() {
    Deno.mkdirSync(this.index);
  }

  /** Puts a wheel on the index and returns its pin. */
  wheel(file: string, content: Uint8Array, entries: Wheel["entries"]): Wheel {
    Deno.writeFileSync(join(this.index, file), content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    return { file, sha256, bytes: content.length, entries };
  }

  /** Pins a wheel of TensorFlow for the platform `linux fake`. */
  table(build = "a", entries = tensorflowEntries(build)): WheelTable {
    const file = "tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_fake.whl";
    const wheel = this.wheel(file, zip(entries), [
      `tensorflow/${LIBRARIES.framework}`,
      `tensorflow/${LIBRARIES.cc}`,
    ]);
    return { "cpu-linux-fake": [wheel] };
  }

  /** A pip that copies from the index and logs its arguments; `body` runs before it copies. */
  pip(body = ""): Command {
    return this.script(
      "pip",
      `[ "$1" = --version ] && exit 0
echo "$@" >> '${this.root}/pip.log'
for a in "$@"; do case "$a" in --dest=*) dest="\${a#--dest=}";; esac; done
file=$(printf %s "$2" | sed 's/-/_/g; s/==/-/')
${body}
cp '${this.index}'/"$file"-*.whl "$dest"`,
    );
  }

  /** A Python that answers every question with the same text. */
  python(answer: unknown): Command {
    return this.script("python", `cat <<'END'\n${JSON.stringify(answer)}\nEND`);
  }

  script(name: string, text: string): Command {
    const path = join(this.root, `${name}.sh`);
    Deno.writeTextFileSync(path, text);
    return ["/bin/sh", path];
  }

  /** The arguments of each download so far. */
  get downloads(): string[] {
    try {
      return Deno.readTextFileSync(join(this.root, "pip.log")).trimEnd().split("\n");
    } catch {
      return [];
    }
  }

  /** Makes a folder that looks like an installed package. */
  package(folder: string): string {
    const path = join(this.root, folder, "tensorflow");
    Deno.mkdirSync(path, { recursive: true });
    for (const name of Object.values(LIBRARIES)) {
      Deno.writeTextFileSync(join(path, name), "library");
    }
    return path;
  }

  readonly progress: TransferProgress = {
    message: (text) => this.messages.push(text),
    begin: (label, bytes) => {
      this.messages.push(`${label}: ${bytes}`);
      return { update() {}, end: (complete) => this.messages.push(complete ? "done" : "ended") };
    },
  };

  options(changes: SetupOptions = {}): SetupOptions {
    return {
      environment: (name) => this.environment[name],
      platform: { os: "linux", arch: "fake" },
      pythons: [],
      progress: this.progress,
      ...changes,
    };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}
