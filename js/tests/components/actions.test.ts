// @vitest-environment jsdom
import { afterEach, describe, expect, it } from "vitest";
import { A, B, Panel, turn } from "./panel";

let panel: Panel;

afterEach(() => panel.close());

const log = () => panel.find("log", "Conversation");

describe("a message of the person", () => {
  it("is edited where it stands, and sent in its own place", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "One?")] } });
    panel.click("Edit");
    const box = panel.find("textbox", "Edit message");
    expect(document.activeElement).toBe(box);
    panel.type("Two?", box);
    panel.press("Enter", {}, box);
    expect(panel.kernel.commands("edit")).toMatchObject([{ turn: 1, text: "Two?" }]);
    expect(panel.has("textbox", "Edit message")).toBe(false);
    expect(document.activeElement).toBe(panel.box);
  });

  it("stays as it was when editing is given up", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "One?")] } });
    panel.click("Edit");
    panel.type("Two?", panel.find("textbox", "Edit message"));
    panel.press("Escape", {}, panel.find("textbox", "Edit message"));
    expect(panel.kernel.commands("edit")).toEqual([]);
    expect(log().textContent).toContain("One?");
  });

  it("keeps what was written when there is no kernel to hear it", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "One?")] } });
    panel.click("Edit");
    const box = panel.find("textbox", "Edit message");
    panel.type("Two?", box);
    panel.kernel.restart();
    panel.click("Send edited");
    expect(panel.find("textbox", "Edit message")).toHaveProperty("value", "Two?");
    expect(panel.findAll("alert")[0]?.textContent).toContain("restarted");
  });

  it("is deleted after a second click", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "One?")] } });
    panel.click("Delete");
    expect(panel.kernel.commands("delete")).toEqual([]);
    panel.click("Really delete this?");
    expect(panel.kernel.commands("delete")).toMatchObject([{ turn: 1 }]);
  });

  it("has a switch for its versions, which ends at both ends", () => {
    const two = { ...turn(2, "One!"), branch: [1, 2, 3] };
    panel = new Panel({ conversation: { turns: [two] } });
    expect(panel.find("group", "Versions of this message").textContent).toBe("‹2/3›");
    panel.click("Previous version");
    panel.click("Next version");
    expect(panel.kernel.commands("show")).toMatchObject([{ turn: 1 }, { turn: 3 }]);
    panel.when((kernel) => kernel.write("conversation", { turns: [{ ...turn(3, "One."), branch: [1, 2, 3] }] }));
    expect(panel.find("button", "Next version").getAttribute("aria-disabled")).toBe("true");
    panel.click("Next version");
    expect(panel.kernel.commands("show")).toHaveLength(2);
  });

  it("without other versions has no switch", () => {
    panel = new Panel({ conversation: { turns: [{ ...turn(1, "One?"), branch: [1] }] } });
    expect(panel.has("group", "Versions of this message")).toBe(false);
  });

  it("shows its pictures", () => {
    const images = ["data:image/png;base64,AAAA"];
    panel = new Panel({ conversation: { turns: [{ ...turn(1, "What?"), images }] } });
    expect(panel.find("img", "Sent by you, 1").getAttribute("src")).toBe(images[0]);
  });

  it("that models are not told says so, and can be told again", () => {
    panel = new Panel({ conversation: { turns: [{ ...turn(1, "One?"), is_left_out: true }] } });
    expect(log().textContent).toContain("Models are not told this.");
    panel.click("Tell them again");
    expect(panel.kernel.commands("leave_out")).toMatchObject([{ turns: [1], is_left_out: false }]);
  });
});

describe("a conversation that is too long", () => {
  const error = { message: "The context length is exceeded.", kind: "NoModelAvailable", is_too_long: true };
  const failed = turn(3, "Three?", { reason: "failed", parts: [{ text: "", broke: null }], error });

  it("is asked again without what the person chose to leave out", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "One?"), turn(2, "Two?"), failed] } });
    const [first, second] = panel.findAll("checkbox");
    expect([first, second].map((box) => (box as HTMLInputElement).checked)).toEqual([true, false]);
    first?.click();
    panel.when(() => second?.click());
    panel.click("Retry without 1 message");
    expect(panel.kernel.commands("leave_out")).toMatchObject([{ turns: [2], is_left_out: true }]);
    expect(panel.kernel.commands("regenerate")).toMatchObject([{ turn: 3 }]);
  });

  it("of one message offers nothing to leave out", () => {
    panel = new Panel({ conversation: { turns: [failed] } });
    expect(panel.findAll("checkbox")).toEqual([]);
    expect(panel.has("button", "Retry")).toBe(true);
  });
});

describe("messages that wait", () => {
  const queue = [{ item: 4, text: "And then?" }];

  it("are shown while an answer is on its way, and can be taken back", () => {
    panel = new Panel();
    panel.when((kernel) => {
      kernel.say({ kind: "turn_started", turn: 1, user: "Hi?", asked: [A] });
      kernel.say({ kind: "queue", queue });
    });
    expect(panel.find("list", "Waiting messages").textContent).toContain("And then?");
    expect(panel.has("button", "Send now")).toBe(false);
    panel.click("Take back");
    expect(panel.box.value).toBe("And then?");
    expect(panel.kernel.commands("unqueue")).toMatchObject([{ item: 4 }]);
  });

  it("are shown before the kernel has heard of them", () => {
    panel = new Panel();
    panel.when((kernel) => kernel.say({ kind: "turn_started", turn: 1, user: "Hi?", asked: [A] }));
    panel.type("And then?");
    panel.press("Enter");
    expect(panel.find("list", "Waiting messages").textContent).toBe("And then?");
    expect(panel.box.value).toBe("");
  });

  it("are sent by hand after a failure", () => {
    panel = new Panel();
    panel.when((kernel) => kernel.say({ kind: "queue", queue }));
    expect(panel.element.textContent).toContain("the answer before failed");
    panel.click("Send now");
    expect(panel.kernel.commands("send_now")).toMatchObject([{ item: 4 }]);
  });

  it("leave the button Stop what it is, and have one of their own", () => {
    panel = new Panel();
    panel.when((kernel) => kernel.say({ kind: "turn_started", turn: 1, user: "Hi?", asked: [A] }));
    expect(panel.has("button", "Queue")).toBe(false);
    panel.type("And then?");
    panel.click("Queue");
    expect(panel.kernel.commands("send")).toMatchObject([{ text: "And then?" }]);
    panel.click("Stop");
    expect(panel.kernel.commands("stop")).toHaveLength(1);
  });
});

describe("what was sent before", () => {
  it("comes back by the arrows, and goes again", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "One?"), turn(2, "Two?")] } });
    panel.press("ArrowUp");
    expect(panel.box.value).toBe("Two?");
    panel.press("ArrowUp");
    expect(panel.box.value).toBe("One?");
    expect(panel.press("ArrowUp")).toBe(true);
    panel.press("ArrowDown");
    panel.press("ArrowDown");
    expect(panel.box.value).toBe("");
    expect(panel.press("ArrowDown")).toBe(true);
  });

  it("does not take the arrows from a person who writes", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "One?")] } });
    panel.press("ArrowUp");
    panel.type("One? And two?");
    expect(panel.press("ArrowUp")).toBe(true);
    expect(panel.box.value).toBe("One? And two?");
  });
});

describe("totals", () => {
  const meta = (total_tokens: number) => ({ usage: { total_tokens } });

  it("are said from the second answer on, and what nobody counted is not taken for nothing", () => {
    panel = new Panel({ conversation: { turns: [turn(1, "One?", { meta: meta(1_200) })] } });
    expect(panel.element.querySelector(".gptr-totals")).toBeNull();
    const turns = [turn(1, "One?", { meta: meta(1_200) }), turn(2, "Two?", { meta: meta(34) })];
    panel.when((kernel) => kernel.write("conversation", { turns }));
    expect(panel.element.querySelector(".gptr-totals")?.textContent).toBe("2 answers · 1,234 tokens");
    panel.when((kernel) => kernel.write("conversation", { turns: [...turns, turn(3, "Three?", { meta: {} })] }));
    expect(panel.element.querySelector(".gptr-totals")?.textContent).toBe("3 answers · 1,234+ tokens");
    panel.when((kernel) => kernel.say({ kind: "priced", turn: 1, cost: 0.0012 }));
    expect(panel.element.querySelector(".gptr-totals")?.textContent).toBe("3 answers · 1,234+ tokens · $0.0012+");
  });
});

describe("settings", () => {
  it("are written when a field is left, and empty leaves it to the model", () => {
    panel = new Panel({ models_priority_list: [A], temperature: 0.5 });
    panel.click("Models");
    panel.type("Be short.", panel.find("textbox", "System prompt"));
    const fields = [...panel.element.querySelectorAll<HTMLInputElement>('input[type="number"]')];
    expect(fields.map((field) => field.value)).toEqual(["0.5", ""]);
    panel.type("", fields[0]);
    panel.type("100", fields[1]);
    panel.type("END\n\nSTOP", panel.find("textbox", "Stop sequences, one per line"));
    expect(panel.kernel.traits).toMatchObject({
      system_prompt: "Be short.",
      temperature: null,
      max_tokens: 100,
      stop_sequences: ["END", "STOP"],
    });
  });
});

describe("checking the health of all models", () => {
  it("asks first, since it costs tokens, and says what came of it", () => {
    panel = new Panel({ models_priority_list: [A] });
    panel.when((kernel) =>
      kernel.say({ kind: "catalog", models: [A, B].map((m) => ({ ...m, state: "up" as const })) }),
    );
    panel.click("Models");
    panel.click("Check health now");
    expect(panel.kernel.commands("check_health")).toEqual([]);
    panel.click("Ask all 2 models now? This costs tokens");
    const [command] = panel.kernel.commands("check_health");
    expect(panel.element.querySelector("progress")).not.toBeNull();
    panel.when((kernel) => {
      kernel.say({ kind: "health_check", reply_to: command?.id ?? "", is_running: false, error: "It took too long." });
    });
    expect(panel.element.textContent).toContain("It took too long.");
    expect(panel.has("button", "Check health now")).toBe(true);
  });
});
