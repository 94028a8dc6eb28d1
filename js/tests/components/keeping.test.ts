// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { copy, FakeNotebook } from "./fake-notebook";
import { Panel, turn } from "./panel";

const MARK = "gptrouter-1";
const ANSWER = {
  seq: 1,
  reason: "complete",
  parts: [{ text: "Hello", broke: null }],
  error: null,
  meta: null,
} as const;
const SAVED = [{ id: 1, parent: null, is_active: true, user: "Hi?", answer: { reason: "complete", parts: [] } }];

let notebook: FakeNotebook;
const panels: Panel[] = [];

beforeEach(() => {
  notebook = new FakeNotebook(`${Math.random()}.ipynb`);
});

afterEach(() => {
  for (const panel of panels.splice(0)) panel.close();
  vi.restoreAllMocks();
});

function open(mark = MARK, turns = [turn(1, "Hi?", ANSWER)], manager: object = notebook.manager): Panel {
  const panel = new Panel({ _transcript_mark: mark, conversation: { turns } }, manager);
  panels.push(panel);
  return panel;
}

const snapshot = (panel: Panel, turns = [turn(1, "Hi?", ANSWER)]) =>
  panel.when((kernel) => kernel.say({ kind: "snapshot", conversation: { turns }, status: "idle" }));

describe("the readable copy", () => {
  it("is hidden by a rule that goes with the panel", () => {
    const panel = open();
    expect(panel.element.querySelector("style")?.textContent).toContain(`[data-gptr-chat="${MARK}"]{display:none}`);
    panel.close();
    expect(panel.element.innerHTML).toBe("");
  });

  it("is hidden by nothing but its own mark", () => {
    expect(open('"],body,[x="').element.querySelector("style")).toBeNull();
  });

  it("is left to the kernel while its displays arrive", () => {
    const panel = open();
    const outputs = notebook.run("c", copy(MARK, []));
    panel.when((kernel) => kernel.sayAnything({ kind: "saved" }));
    outputs.set(0, copy(MARK, SAVED));
    panel.when((kernel) => kernel.sayAnything({ kind: "saved" }));
    expect(panel.kernel.commands("copy")).toHaveLength(0);
  });

  it("is asked for and written by the panel where no display arrives", () => {
    const outputs = notebook.run("c", { data: { "text/plain": "chat" } }, copy(MARK, []), copy("other", []));
    const panel = open();
    for (const text of ["one more", "two more"]) {
      panel.when((kernel) => kernel.sayAnything({ kind: "saved" }));
      const [command] = panel.kernel.commands("copy").slice(-1);
      const { data } = copy(MARK, SAVED, text);
      panel.when((kernel) => kernel.sayAnything({ kind: "copy", reply_to: command?.id, data }));
      expect(outputs.list[1]).toEqual({ output_type: "display_data", data, metadata: {} });
    }
    expect(panel.kernel.commands("copy")).toHaveLength(2);
    expect(outputs.list[2]).toEqual(copy("other", []));
  });

  it("is not written when another page asked for it", () => {
    const outputs = notebook.run("c", copy(MARK, []));
    const panel = open();
    panel.when((kernel) => kernel.sayAnything({ kind: "copy", reply_to: "another page's", data: {} }));
    expect(outputs.list).toEqual([copy(MARK, [])]);
  });

  it("is of no concern where there is no notebook to see", () => {
    for (const manager of [{}, { context: null }, { context: { path: "a", model: {}, sessionContext: {} } }]) {
      const panel = open(MARK, [], manager);
      panel.when((kernel) => kernel.sayAnything({ kind: "saved" }));
      expect(panel.kernel.commands("copy")).toHaveLength(0);
    }
  });
});

describe("a kernel that is gone", () => {
  it.each(["restarting", "autorestarting", "dead", "terminating"])("is told at once when it is %s", (status) => {
    const panel = open();
    notebook.say("busy");
    expect(panel.has("alert", "The kernel was restarted: run this cell again.")).toBe(false);
    panel.when(() => notebook.say(status));
    expect(panel.has("alert", "The kernel was restarted: run this cell again.")).toBe(true);
    expect(panel.find("log", "Conversation").textContent).toContain("Hello");
  });

  it("is told at once where ipywidgets marks the view", async () => {
    const panel = open(MARK, [], {});
    panel.element.classList.add("jupyter-widgets-disconnected");
    await vi.waitFor(() => expect(panel.has("alert", "The kernel was restarted: run this cell again.")).toBe(true));
  });

  it("leaves no answer streaming, and gives back what it had not taken up", () => {
    const panel = open();
    panel.when((kernel) => {
      kernel.say({ kind: "turn_started", turn: 2, user: "And?", parent: 1 });
      kernel.delta(2, 1, "We");
    });
    panel.type("next");
    panel.press("Enter");
    panel.when(() => notebook.say("autorestarting"));
    expect(panel.has("button", "Send")).toBe(true);
    expect(panel.has("button", "Stop")).toBe(false);
    expect(panel.box.value).toBe("next");
    expect(panel.find("log", "Conversation").textContent).toContain("stopped");
  });

  it("leaves its conversation, the unsaved end too, to the next panel in that cell", () => {
    notebook.run("c", copy(MARK, SAVED));
    const panel = open();
    panel.when((kernel) => {
      kernel.say({ kind: "turn_started", turn: 2, user: "And?", parent: 1 });
      kernel.say({ kind: "part", turn: 2, seq: 0, broke: "a/b broke off." });
    });
    panel.when(() => notebook.say("restarting"));
    panel.close();
    notebook.run("c", copy("gptrouter-2", []));
    const next = open("gptrouter-2", []);
    snapshot(next, []);
    next.click("Go on with the 2 messages that were here");
    const [command] = next.kernel.commands("import");
    expect(JSON.parse(command?.file ?? "")).toEqual({
      version: 1,
      models: ["a/b"],
      turns: [
        ...SAVED,
        {
          id: 2,
          parent: 1,
          is_active: true,
          user: "And?",
          images: [],
          answer: { reason: "stopped", parts: [{ text: "", broke: "a/b broke off." }, { text: "" }] },
        },
      ],
    });
    snapshot(next);
    snapshot(next, []);
    expect(next.find("log", "Conversation").textContent).not.toContain("Go on");
  });

  it("leaves nothing to a panel in another cell", () => {
    notebook.run("c", copy(MARK, SAVED));
    const panel = open();
    panel.when(() => notebook.say("restarting"));
    notebook.run("d", copy("gptrouter-2", []));
    const next = open("gptrouter-2", []);
    snapshot(next, []);
    expect(next.find("log", "Conversation").textContent).not.toContain("Go on");
  });

  it("is not listened for by a panel that is closed", () => {
    open().close();
    expect(notebook.slots.size).toBe(0);
  });
});

describe("files", () => {
  beforeEach(() => {
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x", revokeObjectURL: () => undefined }));
  });

  it("are saved as what was asked for, once, by the page that asked", async () => {
    const clicked: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
      clicked.push(this.download);
    });
    const panel = open();
    panel.click("Save or load");
    panel.click("Save as LangChain messages");
    const [command] = panel.kernel.commands("export");
    expect(command?.form).toBe("langchain");
    const file = { kind: "exported", name: "chat.langchain.json", mime: "application/json", text: "[]" };
    panel.when((kernel) => kernel.sayAnything({ ...file, reply_to: "another" }));
    panel.when((kernel) => kernel.sayAnything({ ...file, reply_to: command?.id }));
    panel.when((kernel) => kernel.sayAnything({ ...file, reply_to: command?.id }));
    expect(clicked).toEqual(["chat.langchain.json"]);
    await vi.waitFor(() => expect(panel.element.textContent).toContain("Saved chat.langchain.json"));
  });

  it("are loaded from a file the person chooses", async () => {
    const panel = open(MARK, []);
    panel.click("Save or load");
    expect(panel.has("button", "Save as JSON")).toBe(false);
    const input = panel.element.querySelector<HTMLInputElement>('input[type="file"]');
    Object.defineProperty(input, "files", { value: [{ text: () => Promise.resolve("[1]") }] });
    panel.when(() => input?.dispatchEvent(new Event("change")));
    await vi.waitFor(() => expect(panel.kernel.commands("import")).toMatchObject([{ file: "[1]" }]));
  });
});
