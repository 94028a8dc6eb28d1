// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from "vitest";
import { A, B, Panel, turn } from "./panel";

let panel: Panel;

afterEach(() => {
  panel.close();
  vi.restoreAllMocks();
});

const log = () => panel.find("log", "Conversation");

function start(): void {
  panel.when((kernel) => kernel.say({ kind: "turn_started", turn: 1, user: "Hi?", asked: [A] }));
}

function answerWith(text: string): void {
  panel.when((kernel) => {
    kernel.delta(1, 1, text);
    kernel.say({ kind: "turn_ended", turn: 1, seq: 1, reason: "complete", meta: { model_name: "m", provider: "p" } });
  });
}

describe("the panel", () => {
  it("has the names it promises, and says hello", () => {
    panel = new Panel({ models_priority_list: [A] });
    expect(panel.has("region", "GPTRouter chat")).toBe(true);
    for (const name of ["Send", "Models"]) expect(panel.has("button", name)).toBe(true);
    expect(panel.box.placeholder).toBe("Message");
    expect(log().getAttribute("aria-live")).toBe("off");
    expect(panel.findAll("status")).toHaveLength(1);
    expect(panel.kernel.commands("hello")).toHaveLength(1);
  });

  it("keeps its keys from the notebook", () => {
    panel = new Panel();
    const heard = vi.fn();
    document.body.addEventListener("keydown", heard);
    panel.press("d");
    panel.press("a", {}, panel.find("button", "Models"));
    document.body.removeEventListener("keydown", heard);
    expect(heard).not.toHaveBeenCalled();
    expect(panel.find("region", "GPTRouter chat").dataset.lmSuppressShortcuts).toBe("true");
  });

  it("leaves nothing behind", () => {
    panel = new Panel();
    panel.close();
    expect(panel.element.innerHTML).toBe("");
    expect(panel.kernel.listenerCount).toBe(0);
  });
});

describe("an empty conversation", () => {
  it("offers three beginnings, which fill the box and send nothing", () => {
    panel = new Panel();
    const suggestions = [...log().querySelectorAll("button")];
    expect(suggestions).toHaveLength(3);
    panel.click(suggestions[0]?.textContent ?? "");
    expect(panel.box.value).toBe(suggestions[0]?.textContent);
    expect(document.activeElement).toBe(panel.box);
    expect(panel.kernel.commands("send")).toEqual([]);
  });
});

describe("an answer", () => {
  it("is drawn as Markdown, and announced once it is complete", async () => {
    panel = new Panel();
    start();
    panel.when((kernel) => kernel.delta(1, 1, "**Hel"));
    expect(panel.findAll("status")[0]?.textContent).toBe("");
    panel.when((kernel) => {
      kernel.delta(1, 2, "lo**");
      kernel.say({ kind: "turn_ended", turn: 1, seq: 2, reason: "complete" });
    });
    await panel.drawn();
    expect(log().querySelector("strong")?.textContent).toBe("Hello");
    expect(panel.findAll("status")[0]?.textContent).toBe("Answer complete: **Hello**");
  });

  it("says who is asked until there is text", () => {
    panel = new Panel();
    start();
    expect(log().textContent).toContain("Asking anthropic/claude-2");
  });

  it("ends in a line of what is known, and says what is not", () => {
    panel = new Panel();
    start();
    answerWith("Hello");
    const line = log().querySelector(".gptr-meta")?.textContent;
    expect(line).toContain("p/m");
    expect(line).toContain("first token unknown");
    expect(line).toContain("tokens unknown");
  });

  it("can be copied, as Markdown, also on plain http", async () => {
    panel = new Panel();
    start();
    answerWith("**Hello**");
    const copied: string[] = [];
    document.execCommand = (command) => {
      if (command === "copy" && document.activeElement instanceof HTMLTextAreaElement)
        copied.push(document.activeElement.value);
      return true;
    };
    panel.click("Copy answer");
    await vi.waitFor(() => expect(panel.find("button", "Copy answer").textContent).toBe("Copied"));
    expect(copied).toEqual(["**Hello**"]);
  });

  it("has code that can be copied", async () => {
    panel = new Panel();
    start();
    answerWith("```python\nx = 1\n```");
    await panel.drawn();
    const copied: string[] = [];
    document.execCommand = () => {
      if (document.activeElement instanceof HTMLTextAreaElement) copied.push(document.activeElement.value);
      return true;
    };
    panel.click("Copy python code");
    await vi.waitFor(() => expect(copied).toEqual(["x = 1"]));
  });

  it("has code that goes into a cell below, where the front end lets it", async () => {
    const executed: unknown[] = [];
    const commands = {
      hasCommand: () => true,
      execute: async (id: string, args?: unknown) => executed.push([id, args]),
    };
    vi.stubGlobal("jupyterapp", { commands });
    panel = new Panel();
    expect(panel.find("region", "GPTRouter chat").hasAttribute("data-can-insert")).toBe(true);
    start();
    answerWith("```python\nx = 1\n```");
    await panel.drawn();
    panel.click("Insert below: python code");
    await vi.waitFor(() => expect(executed).toHaveLength(2));
    expect(executed[1]).toEqual(["notebook:replace-selection", { text: "x = 1" }]);
    vi.unstubAllGlobals();
  });

  it("has no such button elsewhere", async () => {
    panel = new Panel();
    expect(panel.find("region", "GPTRouter chat").hasAttribute("data-can-insert")).toBe(false);
  });

  it("can be asked for again, also of another model", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "One?")] }, models_priority_list: [A] });
    panel.when((kernel) => kernel.say({ kind: "catalog", models: [{ ...B, state: "up" }] }));
    panel.click("Regenerate");
    panel.choose("Regenerate with another model", "chat_openai/gpt-4");
    expect(panel.kernel.commands("regenerate")).toMatchObject([
      { turn: 1, model: null },
      { turn: 1, model: B },
    ]);
    expect(document.activeElement).toBe(panel.box);
  });

  it("that was stopped says so beside what there is", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "One?", { reason: "stopped" })] } });
    expect(log().textContent).toContain("Bonjour.");
    expect(log().querySelector(".gptr-stopped")?.textContent).toBe("stopped");
  });

  it("that broke off in the middle goes on below a note", () => {
    const parts = [
      { text: "Bon", broke: "a/one broke off." },
      { text: "Bonsoir.", broke: null },
    ];
    panel = new Panel({ conversation: { turns: [turn(1, "One?", { parts })] } });
    expect(panel.find("note", "a/one broke off.").previousElementSibling?.textContent?.trim()).toBe("Bon");
    expect(log().textContent).toContain("Bonsoir.");
  });

  it("that failed says why in one sentence, with a way to try again", () => {
    const error = { message: "The gateway refused the key.", kind: "ConfigurationError" };
    panel = new Panel({ conversation: { turns: [turn(1, "One?", { reason: "failed", parts: [], error })] } });
    expect(log().textContent).toContain("One?");
    expect(log().textContent).toContain("The gateway refused the key.");
    expect(panel.has("button", "Regenerate")).toBe(false);
    panel.click("Retry");
    expect(panel.kernel.commands("regenerate")).toMatchObject([{ turn: 1 }]);
  });
});

describe("what came beside the text", () => {
  const extras = {
    reasoning: "Let me see.",
    citations: [
      { url: "https://example.org/sky", title: "The sky" },
      { url: "javascript:alert(1)", title: "" },
    ],
    tool_calls: [{ name: "look", arguments: '{"where": 1}' }],
  };

  it("is folded away below the answer", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "Why?", { extras })] } });
    const folds = [...log().querySelectorAll("details")];
    expect(folds.map((fold) => fold.querySelector("summary")?.textContent)).toEqual([
      "Reasoning",
      "Tool call: look",
      "2 citations",
    ]);
    expect(folds.some((fold) => fold.open)).toBe(false);
    expect(folds[1]?.querySelector("pre")?.textContent).toBe('{"where": 1}');
  });

  it("links only to addresses on the web", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "Why?", { extras })] } });
    const links = [...log().querySelectorAll("details a")];
    expect(links.map((link) => link.getAttribute("href"))).toEqual(["https://example.org/sky"]);
    expect(log().textContent).toContain("javascript:alert(1)");
  });

  it("of an answer that just ended is there at once, like what the key has left", () => {
    panel = new Panel();
    start();
    const allowance = { limit: 10, remaining: 1 };
    panel.when((kernel) => kernel.say({ kind: "turn_ended", turn: 1, seq: 0, reason: "complete", extras, allowance }));
    expect(log().textContent).toContain("Let me see.");
    expect(panel.element.querySelector(".gptr-totals")?.textContent).toBe("1 call left");
  });
});

describe("the route", () => {
  it("opens to what became of each model, and says what was inferred", () => {
    const route = [
      { model: "l", provider: "r", outcome: "skipped" as const, reason: "never checked", inferred: true },
      { model: "g", provider: "o", outcome: "failed" as const, reason: "500", seconds: 0.68 },
      { model: "c", provider: "a", outcome: "answered" as const, seconds: 0.4 },
    ];
    panel = new Panel({ conversation: { turns: [turn(1, "One?", { meta: { route } })] } });
    panel.click("Show route");
    const hops = [...panel.find("list", "Route").children].map((hop) => hop.textContent);
    expect(hops).toEqual(["r/lskipped: never checked (inferred)–", "o/gfailed: 5000.68 s", "a/canswered0.40 s"]);
    expect(log().querySelector("em")?.textContent).toContain("(inferred)");
    panel.click("Hide route");
    expect(panel.has("list", "Route")).toBe(false);
  });
});
