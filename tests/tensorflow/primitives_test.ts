/** oneDNN's own lines: what is read of them, and that nothing else is lost. */
import { assert, assertEquals } from "@std/assert";
import { primitivesIn } from "../../lib/tensorflow/profile/primitives.ts";
import { runScript } from "./_process.ts";

const DESCRIPTION = "mb4_ic3oc16_ih32oh32kh3sh1dh0ph1_iw32ow32kw3sw1dw0pw1";

/** Of oneDNN 3.7.3 in TensorFlow 2.21, on Zen 5. */
const LINES = [
  "onednn_verbose,v1,info,cpu,isa:Intel AVX-512 with Intel DL Boost and bfloat16 support",
  "onednn_verbose,v1,primitive,info,template:operation,engine,primitive,implementation,prop_kind," +
  "memory_descriptors,attributes,auxiliary,problem_desc,exec_time",
  "onednn_verbose,v1,primitive,exec,cpu,convolution,brg_conv_fwd:avx512_core_bf16," +
  "forward_training,src:bf16::blocked:acdb::f0 wei:bf16:ap:blocked:AcdB16a2b::f0 " +
  "bia:undef::undef::: dst:bf16::blocked:acdb::f0,attr-scratchpad:user,alg:convolution_direct," +
  `${DESCRIPTION},0.177979`,
  "onednn_verbose,v1,primitive,exec,cpu,reorder,jit:uni,undef," +
  "src:f32::blocked:cdba::f0 dst:bf16:p:blocked:AcdB16a2b::f0,,,16x3x3x3,0.00415039",
  "onednn_verbose,v1,primitive,exec,cpu,gemm_api,,undef,src_f32::blocked:ab:f0 " +
  "wei_f32::blocked:ab:f0 dst_f32::blocked:ab:f0,,,64x27:27x4,0.026123",
];

Deno.test("oneDNN's lines: what was computed by what, in what, how long", () => {
  assertEquals(primitivesIn(LINES), [
    {
      primitive: "convolution",
      direction: "forward_training",
      implementation: "brg_conv_fwd:avx512_core_bf16",
      dtypes: ["bf16"],
      problem: DESCRIPTION,
      milliseconds: 0.177979,
    },
    {
      primitive: "reorder",
      direction: "",
      implementation: "jit:uni",
      dtypes: ["f32", "bf16"],
      problem: "16x3x3x3",
      milliseconds: 0.00415039,
    },
    {
      primitive: "gemm_api",
      direction: "",
      implementation: "",
      dtypes: ["f32"],
      problem: "64x27:27x4",
      milliseconds: 0.026123,
    },
  ]);
});

Deno.test("oneDNN's lines: a time of day before them is passed over", () => {
  const stamped = LINES.map((line) => line.replace(",v1,", ",v1,1764211000123.45,"));
  assertEquals(primitivesIn(stamped), primitivesIn(LINES));
});

Deno.test("oneDNN's lines: those that are cut, or of something else, are no executions", () => {
  const execution = LINES[2]!;
  for (let length = 0; length < execution.length - "0.177979".length; length++) {
    assertEquals(primitivesIn([execution.slice(0, length)]), [], execution.slice(0, length));
  }
  const others = ["", "exec,cpu,convolution", execution.replace("exec", "create:cache_hit")];
  assertEquals(primitivesIn([...others, execution.replace("0.177979", "soon")]), []);
});

/** A product of matrices, which oneDNN computes. */
const PROFILED = `
  const a = engine.tf.ones([64, 64]);
  const { primitives, milliseconds } = engine.profiledRun(
    (a) => {
      console.log("traced");
      return engine.tf.relu(engine.tf.matMul(a, a));
    }, [a], { runs: 3 });
  console.log(JSON.stringify({ primitives, runs: milliseconds.length }));`;

Deno.test({
  name: "oneDNN's lines: are of one run, and none of them is left on standard output",
  ignore: Deno.build.os !== "linux" || Deno.build.arch !== "x86_64",
  fn: async () => {
    const env = { ONEDNN_VERBOSE: "profile_exec", DNNL_VERBOSE: "1" };
    const { code, stdout, stderr } = await runScript(PROFILED, { env });
    assertEquals([code, stderr], [0, ""]);
    const [traced, told, ...rest] = stdout.trim().split("\n");
    assertEquals([traced, rest], ["traced", []]);
    const { primitives, runs } = JSON.parse(told!);
    const products = primitives.filter((record: { primitive: string }) =>
      /matmul|gemm/.test(record.primitive)
    );
    assertEquals([products.length, runs], [1, 3], told);
    for (const { dtypes, problem, milliseconds } of products) {
      assertEquals([dtypes, problem], [["f32"], "64x64:64x64"]);
      assert(milliseconds > 0);
    }
  },
});

Deno.test("oneDNN's lines: nobody asked, nothing is told", async () => {
  const { stdout } = await runScript(PROFILED, { env: { ONEDNN_VERBOSE: "" } });
  const [, told] = stdout.trim().split("\n");
  assertEquals(JSON.parse(told!).primitives, []);
});

Deno.test({
  name: "captured output: of native code and of this process, of any length",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const { code, stdout } = await runScript(`
      const { capturedOutput } = await import("./lib/tensorflow/native/captured_output.ts");
      const { puts } = Deno.dlopen("libc.so.6", {
        puts: { parameters: ["buffer"], result: "i32" } }).symbols;
      const native = (text) => puts(new TextEncoder().encode(text + "\\0"));
      console.log("before");
      const { result, text } = capturedOutput(() => {
        native("native");
        for (let line = 0; line < 20_000; line++) console.log("line " + line);
        return 7;
      });
      console.log(result, text.split("\\n").length, text.includes("native\\n"));
      try {
        capturedOutput(() => { throw new Error("mine"); });
      } catch (error) {
        console.log(error.message);
      }
      native("after");`);
    assertEquals(code, 0);
    assertEquals(stdout.trim().split("\n"), ["before", "7 20002 true", "mine", "after"]);
  },
});
