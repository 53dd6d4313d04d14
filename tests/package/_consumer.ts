/** Somebody who imports the package from an empty folder, away from this project. @module */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../../lib/tensorflow/install/mod.ts";
import { type Registry, startRegistry } from "./_registry.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a process left. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Consumer implements AsyncDisposable {
  /** What `deno publish` says. */
  readonly published: Ended;
  readonly registry: Registry;
  /** Empty at first. */
  readonly folder: string;
  /** Where installed programs, caches and Jupyter's data go. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;

  private constructor(registry: Registry, published: Ended, home: string, npm: string) {
    this.registry = registry;
    this.published = published;
    this.home = home;
    this.folder = join(home, "work");
    this.env = {
      JSR_URL: registry.url,
      DENO_DIR: join(home, "deno"),
      SAM_CACHE_DIR: join(home, "cache"),
      DENO_INSTALL_ROOT: home,
      JUPYTER_PATH: this.jupyter,
      NO_COLOR: "1",
      PATH: `${join(home, "bin")}:${Deno.env.get("PATH")}`,
    };
    for (const folder of [this.folder, this.env.DENO_DIR!, this.env.SAM_CACHE_DIR!]) {
      Deno.mkdirSync(folder, { recursive: true });
    }
    // What others publish comes from the network once, not for every test.
    Deno.symlinkSync(npm, join(this.env.DENO_DIR!, "npm"));
    for (const { name } of Deno.readDirSync(cacheFolder())) {
      if (name.startsWith("tensorflow-")) this.lend(join(cacheFolder(), name), name);
    }
  }

  /** Publishes the working tree to a registry of its own. */
  static async start(): Promise<Consumer> {
    const registry = startRegistry();
    const args = ["publish", "--allow-dirty", "--no-check", "--no-provenance", "--token=none"];
    const published = await run(Deno.execPath(), args, ROOT, {
      JSR_URL: registry.url,
      NO_COLOR: "1",
    });
    const info = await run(Deno.execPath(), ["info", "--json"], ROOT, {});
    return new Consumer(
      registry,
      published,
      await Deno.makeTempDir(),
      JSON.parse(info.stdout).npmCache,
    );
  }

  /** What there is of Jupyter's data here. */
  get jupyter(): string {
    return join(this.home, "cache", "lab", "share", "jupyter");
  }

  /** Lets the cache have a file or folder of the tests' own machine. */
  lend(path: string, ...names: string[]): void {
    const place = join(this.home, "cache", ...names);
    Deno.mkdirSync(join(place, ".."), { recursive: true });
    Deno.symlinkSync(path, place);
  }

  /** Runs Deno in the folder, and expects that it succeeds. */
  async deno(...args: string[]): Promise<Ended> {
    return succeeded(args, await run(Deno.execPath(), args, this.folder, this.env));
  }

  /** Starts Deno in the folder, for what is not waited for. */
  startDeno(...args: string[]): Deno.ChildProcess {
    return new Deno.Command(Deno.execPath(), {
      args,
      cwd: this.folder,
      env: this.env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs a line of a shell in the folder, and expects that it succeeds. */
  async shell(line: string): Promise<Ended> {
    return succeeded([line], await run("bash", ["-c", line], this.folder, this.env));
  }

  /** Runs the installed program, and expects that it succeeds. */
  async program(...args: string[]): Promise<Ended> {
    const [name] = Array.from(Deno.readDirSync(join(this.home, "bin")), ({ name }) => name)
      .filter((name) => !name.startsWith("."));
    assert(name !== undefined, "nothing is installed");
    return succeeded(
      [name, ...args],
      await run(join(this.home, "bin", name), args, this.folder, this.env),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.registry[Symbol.asyncDispose]();
    await Deno.remove(this.home, { recursive: true });
  }
}

function succeeded(args: readonly string[], ended: Ended): Ended {
  assertEquals(ended.code, 0, `${args.join(" ")}\n${ended.stdout}\n${ended.stderr}`);
  return ended;
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env,
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out!, stderr: err! };
}
