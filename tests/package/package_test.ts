/**
 * The package as others have it: published to a registry on loopback, imported from an empty folder.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { demoSeeds, METHODS } from "../../lib/commands/_demo_runs.ts";
import { labEnvironment } from "../../lib/commands/_lab_environment.ts";
import { TestKernel } from "../kernel/_kernel.ts";
import { missingBrowser } from "../_lab.ts";
import { missingPosix } from "../_skip.ts";
import { testUnless } from "../_skip.ts";
import { until } from "../_wait.ts";
import { Consumer } from "./_consumer.ts";

/** Imports of what only the user knows: an absolute URL, which needs no import map. */
const DYNAMIC_IMPORTS = [
  "lib/commands/_sweep_experiments.ts",
  "lib/kernel/evaluator/inside/_start.ts",
];

/** Of the runs that come with the package. */
const RECORDED_SEEDS = 20;

testUnless(missingPosix, "package: from a registry into an empty folder", async (t) => {
  await using consumer = await Consumer.start();
  const { published, registry, env, folder } = consumer;
  const name = `${config.name}/${config.version}`;
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));

  await t.step("deno publish has no error and no warning that matters", () => {
    assertEquals(published.code, 0, published.stderr);
    const places = published.stderr.matchAll(
      /^(?:warning|error)\[([\w-]+)\].*\n *--> (?:.*\/)?(lib\/.*):\d+:\d+$/gm,
    );
    const told = Array.from(places, ([, rule, path]) => `${rule} ${path}`);
    assertEquals(told, DYNAMIC_IMPORTS.map((path) => `unanalyzable-dynamic-import ${path}`));
    assertEquals([...registry.packages.keys()], [name]);
  });

  await t.step("what is published is what importers need", () => {
    const paths = [...registry.packages.get(name)!.keys()];
    const tops = new Set(paths.map((path) => path.split("/")[1]));
    assertEquals([...tops].toSorted(), [
      ...["CHANGELOG.md", "LICENSE", "README.md", "cli.ts", "data", "deno.json", "lib", "mod.ts"],
      "notebooks", // the demo's recorded runs
    ]);
    for (
      const path of [
        "/lib/plots/_page.css",
        "/lib/plots/fonts/arimo_bold.ttf.txt",
        "/data/fashion_mnist_small/LICENSE",
      ]
    ) {
      assert(paths.includes(path), path);
    }
    const bytes = [...registry.packages.get(name)!.values()].reduce(
      (sum, { length }) => sum + length,
      0,
    );
    assert(bytes < 5e6, `${bytes} bytes: JSR's limit is 20 MB, and importers fetch it`);
  });

  await t.step("deno add, and README's lines train", async () => {
    await Deno.writeTextFile(join(folder, "deno.json"), "{}");
    await consumer.deno("add", "--quiet", `sam@jsr:${config.name}`);
    const [, snippet] = /```ts\n(import \{ compile, [^`]*)```/.exec(readme)!;
    await Deno.writeTextFile(
      join(folder, "train.ts"),
      `${snippet}
import { random, tf } from "sam";
import { samOptimizer } from "sam/tfjs";
const images = random.normal(random.seed(1), [8, 16, 16, 3]);
const labels = tf.oneHot([0, 1, 2, 3, 4, 5, 6, 7], 10, 1, 0, "float32");
const { metrics } = await compiled(init(model.init(0, images.shape)), { images, labels }, random.seed(0));
console.log(metrics.loss.dataSync()[0] > 0, typeof samOptimizer);
`,
    );
    const permissions = /deno run (--allow-[^\n]*) train\.ts/.exec(readme)?.[1]?.split(" ") ?? [];
    assert(permissions.length > 0, "README does not say which permissions an importer needs");
    const { stdout } = await consumer.deno("run", "--quiet", "--check", ...permissions, "train.ts");
    assertEquals(stdout, "true function\n");
  });

  await t.step("README's lines make an optimizer of TensorFlow.js", async () => {
    const [add] = /^deno add npm:@tensorflow\S*/m.exec(readme)!;
    await consumer.shell(add.replace("deno add", `'${Deno.execPath()}' add --quiet`));
    const [, snippet] = /```ts\n(import \* as tf from "@tensorflow[^`]*)```/.exec(readme)!;
    await Deno.writeTextFile(
      join(folder, "layers.ts"),
      `${snippet}
const [x, y] = [tf.tensor2d([[1, 0], [0, 1]]), tf.tensor2d([[1], [0]])];
const { history } = await layers.fit(x, y, { epochs: 5, verbose: 0 });
console.log(history.loss!.length);
`,
    );
    const { stdout } = await consumer.deno("run", "--quiet", "--check", "--allow-env", "layers.ts");
    assertEquals(stdout.trim().split("\n").at(-1), "5");
  });

  await t.step("plots with fonts, WebAssembly and pages", async () => {
    await Deno.writeTextFile(
      join(folder, "plots.ts"),
      `import { htmlPage, toPng, toSvg } from "sam/plots";
const spec = {
  data: { values: [{ a: 1, b: 2 }] },
  mark: "point",
  encoding: { x: { field: "a", type: "quantitative", title: "epoch" }, y: { field: "b", type: "quantitative" } },
} as const;
const png = await toPng(spec);
console.log((await toSvg(spec)).includes("epoch"), png.length > 1000 && png[1] === 0x50, typeof htmlPage);
`,
    );
    const { stdout } = await consumer.deno("run", "--quiet", "--check", "--allow-env", "plots.ts");
    assertEquals(stdout, "true true function\n");
  });

  await t.step("README's line installs the command line, which trains", async () => {
    const [line] = /^deno install .*$/m.exec(readme)!;
    await consumer.shell(line.replace(/^deno /, `'${Deno.execPath()}' `));
    assertEquals((await consumer.program("--version")).stdout, `sam-deno ${config.version}\n`);
    assertStringIncludes((await consumer.program("--help")).stdout, "Usage: sam-deno <command>");
    const help = (await consumer.program("train", "--help")).stdout;
    assertStringIncludes(help, "--sam-rho");
    const source = /^\S*`(source <\(sam-deno completions bash\))`/m.exec(readme)?.[1];
    const completed = await consumer.shell(`${source} && complete -p sam-deno`);
    assertMatch(completed.stdout, /^complete .*sam-deno$/m);
    const small = ["--model", "wide_resnet_10_1", "--train-count", "200", "--test-count", "100"];
    const { stdout } = await consumer.program(
      ...["train", "--dataset", "fashion_mnist_small", ...small, "--epochs", "1"],
    );
    assertMatch(stdout, /^runs\/fashion_mnist_small\/.*\nsha256 of the parameters: \w{64}\n$/);
  });

  await t.step("the demo follows its first epochs in a report", async () => {
    const page = join(folder, "runs", "demo", "report.html");
    await using demo = consumer.startDeno("run", "-q", "-A", `jsr:${config.name}/cli`, "demo");
    const said = Promise.all([new Response(demo.stdout).text(), new Response(demo.stderr).text()]);
    const isOver = demo.status.then(() => true);
    while (!(await readIfThere(page)).includes('"source":"here"')) {
      const isLate = new Promise<false>((resolve) => setTimeout(resolve, 200, false));
      if (await Promise.race([isOver, isLate])) break;
    }
    demo.kill("SIGINT");
    const { code } = await demo.status;
    assertEquals(code, 130, String(await said));
    assertDemoReport(await Deno.readTextFile(page), "Interrupted in run 1 of 3.");
  });

  if (Deno.env.get("SAM_SLOW_TESTS")) {
    await t.step("the demo of the installed program goes on to its end", async () => {
      const { stdout } = await consumer.program("demo");
      assertMatch(stdout, /^Here\. Beside SGD, .*\n.*\nMeasured with seed 10 in \d+ s\nOpen /m);
      const page = await Deno.readTextFile(join(folder, "runs", "demo", "report.html"));
      assertDemoReport(page, "Measured with seed 10 in ");
      const ended = METHODS.map((method) => `${method}, seed 10</th><td>here</td>`);
      assertEquals(ended.filter((part) => !page.includes(part)), []);
    });
  }

  const spec = JSON.parse(
    await (async () => {
      await consumer.program("kernel", "install", "--prefix", join(consumer.home, "cache", "lab"));
      return await Deno.readTextFile(join(consumer.jupyter, "kernels", "deno-sam", "kernel.json"));
    })(),
  );

  await t.step(
    "the installed kernel: a plot, a tensor, help with types, a type error",
    async () => {
      await using kernel = await TestKernel.start({
        argv: spec.argv,
        cwd: consumer.home,
        env: { ...env, DENO_KERNEL_TYPE_ERRORS: "warnings" },
      });
      const first = await kernel.run(
        'import { optim, tf } from "sam";\nimport { chart } from "sam/notebook";\ntf.tensor([1, 2])',
      );
      assertEquals(first.outputs, ["result:Tensor float32 [2]\n[1., 2.]"]);
      const plot = await kernel.run('chart({ data: { values: [{ a: 1 }] }, mark: "point" })');
      assertEquals(plot.status, "ok", String(plot.outputs));
      const code = "optim.sam";
      const inspect = { code, cursor_pos: code.length, detail_level: 0 };
      await until(async () => {
        const { content } = await kernel.request("inspect_request", inspect);
        return JSON.stringify(content).includes("GradientFunction");
      }, "help with the package's types");
      const wrong = { code: "const count: number = 'three';", silent: false };
      const { header } = await kernel.exchange("execute_request", wrong);
      await kernel.sees(({ parent, header: { msg_type }, content }) =>
        parent.msg_id === header.msg_id && msg_type === "stream" &&
        String(content.text).includes("not assignable to type 'number'")
      );
    },
  );

  await t.step("uninstalling the kernel leaves nothing", async () => {
    await consumer.program("kernel", "install", "--prefix", join(consumer.home, "prefix"));
    await consumer.program("kernel", "uninstall", "--prefix", join(consumer.home, "prefix"));
    const kernels = join(consumer.home, "prefix", "share", "jupyter", "kernels");
    assertEquals(Array.from(Deno.readDirSync(kernels)), []);
  });

  await t.step({
    name: "a notebook with a plot becomes a report, as a page and PDF",
    ignore: missingBrowser !== undefined,
    fn: async () => {
      consumer.lend(join(labEnvironment(), "bin"), "lab", "bin");
      consumer.lend(join(labEnvironment(), "installed.txt"), "lab", "installed.txt");
      const cell = 'import { chart } from "sam/notebook";\n' +
        'chart({ data: { values: [{ a: 1 }] }, mark: "point" })';
      await Deno.writeTextFile(join(folder, "plot.ipynb"), notebookOf(cell));
      await consumer.program("report", "plot.ipynb", "--format", "html,pdf");
      const page = await Deno.readTextFile(join(folder, "reports", "plot.html"));
      assertStringIncludes(page, "vega-embed");
      assertStringIncludes(page, '"mark":"point"');
      const pdf = await Deno.readFile(join(folder, "reports", "plot.pdf"));
      assertEquals(new TextDecoder().decode(pdf.subarray(0, 5)), "%PDF-");
    },
  });
});

async function readIfThere(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch(() => "");
}

/** The demo's figure, recorded runs of every seed and one of here, and how it ended. */
function assertDemoReport(page: string, status: string): void {
  const seeds = demoSeeds(RECORDED_SEEDS);
  const parts = [
    `<p>${status}`,
    'alt="Test error of recorded runs and of those here. Recorded. ',
    `"method":"SGD","source":"here","seed":${seeds[0]},`,
    ...METHODS.flatMap((method) =>
      seeds.flatMap((seed) => [
        `"method":"${method}","source":"recorded","seed":${seed},`,
        `${method}, seed ${seed}</th><td>recorded</td>`,
      ])
    ),
  ];
  assertEquals(parts.filter((part) => !page.includes(part)), []);
}

function notebookOf(source: string): string {
  const cell = {
    cell_type: "code",
    execution_count: null,
    id: "a",
    metadata: {},
    outputs: [],
    source,
  };
  const kernelspec = { name: "deno-sam", display_name: "Deno (SAM)", language: "typescript" };
  return JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec },
    cells: [cell],
  });
}
