// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CatalogModel } from "../../src/protocol";
import { A, B, Panel } from "./panel";

const C = { provider_name: "cohere", name: "command" };
const CATALOG: CatalogModel[] = [
  { ...A, state: "up", latency_ms: 310, skip: null, history: [300, null, 310] },
  { ...B, state: "slow", latency_ms: 4600, skip: "slower than 4 s" },
  { ...C, state: "unknown", skip: "never checked", input_type: "messages" },
  { provider_name: "cohere", name: "rerank", state: "down", skip: "down" },
];

let panel: Panel;

beforeEach(() => {
  panel = new Panel({ models_priority_list: [A, B] });
  panel.when((kernel) => kernel.say({ kind: "catalog", models: CATALOG, error: null }));
});

afterEach(() => panel.close());

const order = () => [...panel.find("list", "Model priority").children].map((row) => row.getAttribute("aria-label"));
const box = () => panel.find("combobox", "Add a model");
const nameIn = (option: Element | null) => option?.querySelector(".gptr-option-name")?.textContent;
const options = () => panel.findAll("option").map(nameIn);
const activeOption = () => nameIn(document.getElementById(box().getAttribute("aria-activedescendant") ?? ""));

describe("the bar", () => {
  it("names the models in order, with health, latency and what would be skipped", () => {
    const bar = panel.find("list", "Models asked");
    const models = [...bar.querySelectorAll(".gptr-bar-model")].map((model) => model.textContent);
    expect(models).toEqual(["1anthropic/claude-2310 ms", "2chat_openai/gpt-44.6 sskipped: slower than 4 s"]);
    expect(panel.findAll("img").map((mark) => mark.getAttribute("aria-label"))).toEqual(["up", "slow"]);
  });

  it("opens and closes the picker", () => {
    const button = panel.find("button", "Models");
    expect(button.getAttribute("aria-expanded")).toBe("false");
    panel.click("Models");
    expect(button.getAttribute("aria-expanded")).toBe("true");
    panel.click("Models");
    expect(panel.has("list", "Model priority")).toBe(false);
  });
});

describe("the list", () => {
  beforeEach(() => panel.click("Models"));

  it("is reordered by buttons", () => {
    panel.click("Move chat_openai/gpt-4 up");
    expect(panel.kernel.saved).toEqual([[B, A]]);
    expect(order()).toEqual(["chat_openai/gpt-4", "anthropic/claude-2"]);
    panel.click("Move chat_openai/gpt-4 down");
    expect(order()).toEqual(["anthropic/claude-2", "chat_openai/gpt-4"]);
  });

  it("says where a model has gone", () => {
    const said = () => panel.findAll("status")[0]?.textContent;
    panel.click("Move chat_openai/gpt-4 up");
    expect(said()).toBe("chat_openai/gpt-4 is now 1 of 2.");
    panel.click("Remove chat_openai/gpt-4");
    expect(said()).toBe("chat_openai/gpt-4 removed; 1 model left.");
  });

  it("keeps the focus on the button, and does nothing at its ends", () => {
    panel.find("button", "Move chat_openai/gpt-4 up").focus();
    panel.click("Move chat_openai/gpt-4 up");
    panel.click("Move chat_openai/gpt-4 up");
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Move chat_openai/gpt-4 up");
    expect(panel.kernel.saved).toHaveLength(1);
  });

  it("is reordered by Alt and arrows on a row", () => {
    panel.press("ArrowDown", { altKey: true }, panel.find("button", "Remove anthropic/claude-2"));
    expect(order()).toEqual(["chat_openai/gpt-4", "anthropic/claude-2"]);
  });

  it("hands the focus on when its row goes, and at last to the box below", () => {
    panel.click("Remove anthropic/claude-2");
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Remove chat_openai/gpt-4");
    panel.click("Remove chat_openai/gpt-4");
    expect(document.activeElement).toBe(box());
  });

  it("loses a model, down to none", () => {
    panel.click("Remove anthropic/claude-2");
    panel.click("Remove chat_openai/gpt-4");
    expect(panel.kernel.saved).toEqual([[B], []]);
    expect(panel.element.textContent).toContain("No model is asked yet: add one.");
  });

  it("says why the gateway will skip a model", () => {
    expect(panel.find("listitem", "chat_openai/gpt-4").textContent).toContain("will skip it: slower than 4 s");
  });

  it("stays as it is when the kernel is gone", () => {
    panel.kernel.restart();
    panel.click("Remove anthropic/claude-2");
    expect(panel.has("alert", "The kernel was restarted: run this cell again.")).toBe(true);
  });

  it("follows what Python writes", () => {
    panel.when((kernel) => kernel.write("models_priority_list", [C]));
    expect(order()).toEqual(["cohere/command"]);
  });
});

describe("adding", () => {
  beforeEach(() => {
    panel.click("Models");
    box().focus();
    panel.press("ArrowDown", {}, box());
  });

  it("offers the gateway's models that are not on the list", () => {
    expect(box().getAttribute("aria-expanded")).toBe("true");
    expect(options()).toEqual(["cohere/command", "cohere/rerank"]);
  });

  it("says of each how it fares, what it takes, and why it would be skipped", () => {
    expect(panel.findAll("option").map((option) => option.textContent)).toEqual([
      "cohere/command the gateway will skip it: never checked · takes messages –",
      "cohere/rerank the gateway will skip it: down –",
    ]);
  });

  it("narrows down to what holds all the words typed", () => {
    panel.type("RANK cohere", box());
    expect(options()).toEqual(["cohere/rerank"]);
    panel.type("nothing", box());
    expect(options()).toEqual([]);
    expect(panel.element.textContent).toContain("No such model at this gateway.");
  });

  it("goes by arrows and Enter", () => {
    expect(activeOption()).toBe("cohere/command");
    panel.press("ArrowDown", {}, box());
    expect(activeOption()).toBe("cohere/rerank");
    panel.press("ArrowDown", {}, box());
    expect(activeOption()).toBe("cohere/command");
    panel.press("Enter", {}, box());
    expect(panel.kernel.saved).toEqual([[A, B, C]]);
    expect(box().getAttribute("aria-expanded")).toBe("false");
    expect(panel.kernel.commands("send")).toEqual([]);
  });

  it("goes by a click", () => {
    panel.find("option", "cohere/rerank the gateway will skip it: down –").click();
    expect(panel.kernel.saved).toEqual([[A, B, { provider_name: "cohere", name: "rerank" }]]);
  });

  it("closes with Esc and keeps what was typed, until Esc again", () => {
    panel.type("com", box());
    panel.press("Escape", {}, box());
    expect(box().getAttribute("aria-expanded")).toBe("false");
    expect(box()).toHaveProperty("value", "com");
    panel.press("Escape", {}, box());
    expect(box()).toHaveProperty("value", "");
  });
});

describe("the catalogue", () => {
  it("is asked for again by a button, and a failure is told", () => {
    panel.click("Models");
    panel.click("Refresh health");
    expect(panel.kernel.commands("catalog")).toHaveLength(1);
    panel.when((kernel) => kernel.say({ kind: "catalog", models: [], error: "The gateway is out of reach." }));
    expect(panel.element.textContent).toContain("The gateway is out of reach.");
    expect(order()).toHaveLength(2);
  });
});
