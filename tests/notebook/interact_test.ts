import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { button, interact, select, slider } from "../../lib/notebook/mod.ts";
import { FrontEnd } from "./_fake_comms.ts";

const text = (value: string) => [{
  output_type: "display_data",
  data: { "text/plain": value },
  metadata: {},
}];

Deno.test("interact: what a reader sets calls the function, and its result is shown in place", async () => {
  const page = new FrontEnd();
  await page.connected(async () => {
    await interact({
      rho: slider("ρ", { min: 0, max: 0.5, step: 0.05, value: 0.1 }),
      method: select("method", ["SGD", "SAM"], { value: "SAM" }),
      again: button("Again"),
    }, ({ rho, method, again }) => `${method} ${rho}, ${again} clicks`);
    assertEquals(page.outputs, text("SAM 0.1, 0 clicks"));
    const { value, readout_format, continuous_update } = page.model("FloatSliderModel").state;
    assertEquals([value, readout_format, continuous_update], [0.1, ".2f", false]);
    assertEquals(page.model("DropdownModel").state.index, 1);
    assertEquals(
      page.model("VBoxModel").state.children,
      ["FloatSliderModel", "DropdownModel", "ButtonModel", "OutputModel"]
        .map((name) => `IPY_MODEL_${page.model(name).id}`),
    );

    await page.send("FloatSliderModel", { method: "update", state: { value: 0.25 } });
    assertEquals(page.outputs, text("SAM 0.25, 0 clicks"));
    await page.send("DropdownModel", { method: "update", state: { index: 0 } });
    assertEquals(page.outputs, text("SGD 0.25, 0 clicks"));
    await page.send("ButtonModel", { method: "custom", content: { event: "click" } });
    assertEquals(page.outputs, text("SGD 0.25, 1 clicks"));
  });
});

Deno.test("interact: values that do not change anything do not call the function", async () => {
  const page = new FrontEnd();
  let calls = 0;
  await page.connected(async () => {
    await interact(
      { rho: slider("ρ", { min: 0, max: 1, step: 0.5 }), m: select("m", [1, 4]) },
      () => `${++calls}`,
    );
    await page.send("FloatSliderModel", { method: "update", state: { value: 0 } });
    await page.send("FloatSliderModel", { method: "update", state: { layout: "another" } });
    await page.send("DropdownModel", { method: "update", state: { index: 7 } });
    await page.send("FloatSliderModel", { method: "request_state" });
  });
  assertEquals(calls, 1);
});

Deno.test("interact: an error stands in the place of the output until the next value", async () => {
  const page = new FrontEnd();
  await page.connected(async () => {
    await interact({ rho: slider("ρ", { min: 0, max: 1, step: 0.1 }) }, ({ rho }) => {
      if (rho === 0.5) throw new RangeError("Cannot train with rho 0.5");
      return `ρ = ${rho}`;
    });
    await page.send("FloatSliderModel", { method: "update", state: { value: 0.5 } });
    const [{ output_type: type, ename, evalue } = {}] = page.outputs;
    assertEquals([type, ename, evalue], ["error", "RangeError", "Cannot train with rho 0.5"]);
    await page.send("FloatSliderModel", { method: "update", state: { value: 0.6 } });
    assertEquals(page.outputs, text("ρ = 0.6"));
  });
});

Deno.test("interact: a page that is loaded anew gets every model as it is now", async () => {
  const page = new FrontEnd();
  await page.connected(async () => {
    await interact({ rho: slider("ρ", { min: 0, max: 1, step: 0.1 }) }, ({ rho }) => `ρ = ${rho}`);
    await page.send("FloatSliderModel", { method: "update", state: { value: 0.4 } });
    const { method, states } = await page.loadPage() as {
      method: string;
      states: Record<string, { model_name: string; state: Record<string, unknown> }>;
    };
    assertEquals(method, "update_states");
    for (const { id } of page.models) assertEquals(id in states, true);
    assertEquals(states[page.model("FloatSliderModel").id]!.state.value, 0.4);
    assertEquals(states[page.model("OutputModel").id]!.state.outputs, text("ρ = 0.4"));
  });
});

Deno.test("interact: without a front end the first result is shown once", async () => {
  let calls = 0;
  await interact(
    { rho: slider("ρ", { min: 0, max: 1, step: 0.1, value: 0.3 }) },
    ({ rho }) => `interact shows ρ = ${rho}, call ${++calls}`,
  );
  assertEquals(calls, 1);
});

Deno.test("interact: what one page changes is echoed to the others, and a state told when asked for", async () => {
  const page = new FrontEnd();
  await page.connected(async () => {
    await interact({ rho: slider("ρ", { min: 0, max: 1, step: 0.1 }) }, ({ rho }) => `ρ = ${rho}`);
    const { id } = page.model("FloatSliderModel");
    const own = () => page.sent.filter((message) => message.id === id).map(({ data }) => data);
    await page.send("FloatSliderModel", { method: "update", state: { value: 0.4 } });
    assertEquals(own(), [{ method: "echo_update", state: { value: 0.4 }, buffer_paths: [] }]);
    await page.send("FloatSliderModel", { method: "request_state" });
    const told = own().at(-1) as { method: string; state: Record<string, unknown> };
    assertEquals([told.method, told.state.value], ["update", 0.4]);
  });
});

Deno.test("interact: an error at the first values is the cell's own", async () => {
  await assertRejects(
    () =>
      interact({ again: button("Again") }, () => {
        throw new RangeError("Cannot train");
      }),
    RangeError,
    "Cannot train",
  );
});

Deno.test("controls: refuse ranges and choices that cannot be", () => {
  assertThrows(() => slider("ρ", { min: 1, max: 0, step: 0.1 }), RangeError, "ρ from 1 to 0");
  assertThrows(() => slider("ρ", { min: 0, max: 1, step: 0 }), RangeError, "by 0");
  assertThrows(() => slider("ρ", { min: 0, max: 1, step: 0.1, value: 2 }), RangeError, "at 2");
  assertThrows(() => select("m", []), RangeError, "m of nothing");
  assertThrows(() => select("m", [1, 2], { value: 3 as 1 }), RangeError, "at 3");
});
