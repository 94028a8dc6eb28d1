// @vitest-environment jsdom
import { afterEach, describe, expect, it } from "vitest";
import { A, Panel, turn } from "./panel";

let panel: Panel;

afterEach(() => panel.close());

const start = () => panel.when((kernel) => kernel.say({ kind: "turn_started", turn: 5, user: "Hi?", asked: [A] }));

describe("keys in the message box", () => {
  it("Enter sends, and empties the box", () => {
    panel = new Panel();
    panel.type("Hi?");
    panel.press("Enter");
    expect(panel.kernel.commands("send")).toMatchObject([{ text: "Hi?" }]);
    expect(panel.box.value).toBe("");
    expect(panel.find("log", "Conversation").textContent).toContain("Hi?");
  });

  it("Shift+Enter is left to the box", () => {
    panel = new Panel();
    panel.type("Hi?");
    expect(panel.press("Enter", { shiftKey: true })).toBe(true);
    expect(panel.kernel.commands("send")).toEqual([]);
  });

  it("Enter that ends a composed word does not send", () => {
    panel = new Panel();
    panel.type("日本");
    panel.press("Enter", { isComposing: true });
    expect(panel.kernel.commands("send")).toEqual([]);
  });

  it("Enter on nothing but blanks sends nothing", () => {
    panel = new Panel();
    panel.type("  ");
    panel.press("Enter");
    panel.click("Send");
    expect(panel.kernel.commands("send")).toEqual([]);
  });

  it("↑ in an empty box brings the last message back, in a full one moves the caret", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "One?"), turn(2, "Two?")] } });
    panel.press("ArrowUp");
    expect(panel.box.value).toBe("Two?");
    panel.type("Two? And more");
    expect(panel.press("ArrowUp")).toBe(true);
  });

  it("Esc stops", () => {
    panel = new Panel();
    start();
    panel.press("Escape");
    expect(panel.kernel.commands("stop")).toMatchObject([{ turn: 5 }]);
  });
});

describe("while an answer is on its way", () => {
  it("Send is Stop, and one click stops", () => {
    panel = new Panel();
    start();
    expect(panel.has("button", "Send")).toBe(false);
    panel.click("Stop");
    expect(panel.kernel.commands("stop")).toMatchObject([{ turn: 5 }]);
    expect(panel.find("log", "Conversation").textContent).toContain("Stopping");
    panel.when((kernel) => kernel.say({ kind: "turn_ended", turn: 5, seq: 0, reason: "stopped" }));
    expect(panel.has("button", "Send")).toBe(true);
  });

  it("the second half of a double click on Send does not stop it", () => {
    panel = new Panel();
    start();
    for (const kind of ["mousedown", "mouseup", "click"])
      panel.find("button", "Stop").dispatchEvent(new MouseEvent(kind, { bubbles: true, detail: 2 }));
    expect(panel.kernel.commands("stop")).toEqual([]);
  });

  const mouse = (kind: string, values: MouseEventInit = {}) => new MouseEvent(kind, { bubbles: true, ...values });

  it("a press on it counts though its button has gone elsewhere meanwhile, once", () => {
    panel = new Panel();
    start();
    const button = panel.find("button", "Stop");
    button.dispatchEvent(mouse("mousedown", { detail: 1, clientX: 5, clientY: 5 }));
    expect(panel.kernel.commands("stop")).toEqual([]);
    document.body.dispatchEvent(mouse("mouseup", { detail: 1, clientX: 8, clientY: 5 }));
    expect(panel.kernel.commands("stop")).toMatchObject([{ turn: 5 }]);
    button.dispatchEvent(mouse("click", { detail: 1 }));
    expect(panel.kernel.commands("stop")).toHaveLength(1);
  });

  it("a pointer that is moved away before it is let go has changed its mind", () => {
    panel = new Panel();
    start();
    panel.find("button", "Stop").dispatchEvent(mouse("mousedown", { detail: 1, clientX: 5, clientY: 5 }));
    document.body.dispatchEvent(mouse("mouseup", { detail: 1, clientX: 50, clientY: 5 }));
    expect(panel.kernel.commands("stop")).toEqual([]);
  });

  it("a click that no pointer made counts, with or without a count of clicks", () => {
    panel = new Panel();
    start();
    panel.find("button", "Stop").dispatchEvent(mouse("click", { detail: 1 }));
    expect(panel.kernel.commands("stop")).toHaveLength(1);
    panel.find("button", "Stop").dispatchEvent(mouse("click", { detail: 0 }));
    expect(panel.kernel.commands("stop")).toHaveLength(2);
  });

  it("what is typed and sent goes to the kernel, which lets it wait", () => {
    panel = new Panel();
    start();
    panel.type("And then?");
    panel.press("Enter");
    expect(panel.box.value).toBe("");
    expect(panel.kernel.commands("send")).toMatchObject([{ text: "And then?" }]);
  });
});

describe("a kernel that is gone", () => {
  it("is told, and text and conversation stay", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "One?")] } });
    panel.kernel.restart();
    panel.type("Hi?");
    panel.press("Enter");
    expect(panel.find("alert", "The kernel was restarted: run this cell again.")).toBeTruthy();
    expect(panel.box.value).toBe("Hi?");
    expect(panel.find("log", "Conversation").textContent).toContain("Bonjour.");
  });
});

describe("a refusal", () => {
  it("gives the message back, and says why until something else is tried", () => {
    panel = new Panel();
    panel.type("Hi?");
    panel.press("Enter");
    const id = panel.kernel.commands("send")[0]?.id ?? "";
    panel.when((kernel) => kernel.say({ kind: "refused", reply_to: id, message: "No model is set.", text: "Hi?" }));
    expect(panel.box.value).toBe("Hi?");
    expect(panel.has("alert", "No model is set.")).toBe(true);
    panel.press("Enter");
    expect(panel.has("alert", "No model is set.")).toBe(false);
  });
});

describe("Clear", () => {
  it("asks once more before it forgets", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "One?")] } });
    panel.click("Clear");
    expect(panel.kernel.commands("clear")).toEqual([]);
    panel.click("Really clear everything?");
    expect(panel.kernel.commands("clear")).toHaveLength(1);
    panel.when((kernel) => kernel.write("conversation", { turns: [] }));
    expect(panel.find("log", "Conversation").textContent).not.toContain("One?");
  });
});
