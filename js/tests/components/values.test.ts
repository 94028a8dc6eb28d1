// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from "vitest";
import { Panel, turn } from "./panel";

let panel: Panel;

afterEach(() => panel.close());

const FOUND = [
  { name: "df", kind: "DataFrame", summary: "3 rows × 2 columns" },
  { name: "dfs", kind: "list", summary: "2 items" },
];

/** Types, and lets the kernel answer with these names. */
function typeWith(text: string, found = FOUND): void {
  panel.type(text);
  const asked = panel.kernel.commands("complete").at(-1);
  panel.when((kernel) => kernel.say({ kind: "completions", reply_to: asked?.id ?? "", found }));
}

describe("a name of the notebook", () => {
  it("is offered on @, and written out by Enter, which then does not send", () => {
    panel = new Panel();
    typeWith("What is @d");
    expect(panel.kernel.commands("complete")).toMatchObject([{ prefix: "@d" }]);
    const options = panel.findAll("option");
    expect(options.map((option) => option.textContent)).toEqual([
      "df DataFrame · 3 rows × 2 columns",
      "dfs list · 2 items",
    ]);
    panel.press("ArrowDown");
    expect(panel.box.getAttribute("aria-activedescendant")).toBe(options[1]?.id);
    panel.press("Enter");
    expect(panel.box.value).toBe("What is @dfs ");
    expect(panel.kernel.commands("send")).toEqual([]);
    expect(panel.has("listbox", "Values of the notebook")).toBe(false);
    panel.press("Enter");
    expect(panel.kernel.commands("send")).toMatchObject([{ text: "What is @dfs" }]);
  });

  it("that stands there whole leaves Enter to send", () => {
    panel = new Panel();
    typeWith("What is @df", FOUND.slice(0, 1));
    expect(panel.has("listbox", "Values of the notebook")).toBe(false);
    panel.press("Enter");
    expect(panel.kernel.commands("send")).toHaveLength(1);
  });

  it("is chosen by a click, and refused by Esc, which then stops nothing", () => {
    panel = new Panel();
    panel.when((kernel) => kernel.say({ kind: "turn_started", turn: 1, user: "Hi?" }));
    typeWith("{d");
    panel.press("Escape");
    expect(panel.has("listbox", "Values of the notebook")).toBe(false);
    expect(panel.kernel.commands("stop")).toEqual([]);
    typeWith("{d");
    panel.when(() => panel.find("option", "df DataFrame · 3 rows × 2 columns").click());
    expect(panel.box.value).toBe("{df}");
  });
});

describe("what goes with a message", () => {
  it("is shown before it goes, with its size", async () => {
    panel = new Panel();
    panel.type("See @df and @text");
    await vi.waitFor(() => expect(panel.kernel.commands("preview")).toHaveLength(1));
    const inserted = [
      { name: "df", kind: "DataFrame", length: 812, is_cut: false },
      { name: "text", kind: "str", length: 8_000, is_cut: true },
    ];
    const reply_to = panel.kernel.commands("preview")[0]?.id ?? "";
    panel.when((kernel) => kernel.say({ kind: "preview", reply_to, inserted }));
    const items = [...panel.find("list", "Sent with the message").children].map((item) => item.textContent);
    expect(items).toEqual(["dfDataFrame812 characters", "textstrfirst 8,000 characters"]);
    panel.type("");
    expect(panel.has("list", "Sent with the message")).toBe(false);
  });

  it("stays beside it when it has gone", () => {
    const inserted = [{ name: "df", kind: "DataFrame", length: 812, is_cut: false }];
    panel = new Panel({ conversation: { turns: [{ ...turn(1, "See @df"), inserted }] } });
    expect(panel.find("log", "Conversation").textContent).toContain("dfDataFrame812 characters");
  });

  it("can be a picture that was pasted, until it is removed", async () => {
    panel = new Panel();
    paste(new File([new Uint8Array([1, 2, 3])], "a.png", { type: "image/png" }));
    await vi.waitFor(() => expect(panel.has("img", "To be sent, 1")).toBe(true));
    panel.click("Send");
    expect(panel.kernel.commands("send")).toMatchObject([{ text: "", images: ["data:image/png;base64,AQID"] }]);
    paste(new File([new Uint8Array([1])], "b.png", { type: "image/png" }));
    await vi.waitFor(() => expect(panel.has("img", "To be sent, 1")).toBe(true));
    panel.click("Remove picture 1");
    expect(panel.has("img", "To be sent, 1")).toBe(false);
  });

  it("is not a picture that is too large, which is said, nor another file, which is left alone", async () => {
    panel = new Panel();
    paste(new File([new Uint8Array(5_000_001)], "a.png", { type: "image/png" }));
    await vi.waitFor(() => expect(panel.findAll("alert")[0]?.textContent).toContain("5 MB at most"));
    expect(paste(new File(["x"], "a.txt", { type: "text/plain" }))).toBe(true);
  });
});

/** Pastes a file; false when the panel has taken it. */
function paste(file: File): boolean {
  const event = new Event("paste", { bubbles: true, cancelable: true });
  Object.assign(event, { clipboardData: { files: [file], types: ["Files"] } });
  let isUnhandled = true;
  panel.when(() => {
    isUnhandled = panel.box.dispatchEvent(event);
  });
  return isUnhandled;
}
