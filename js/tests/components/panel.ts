/** A panel on a page, with a kernel of paper behind it; found and used by what it is called, as a person would. */
import { act } from "preact/test-utils";
import { FakeKernel } from "../../dev/fake-kernel";
import type { AnswerView, TurnView } from "../../src/protocol";
import widget from "../../src/widget";

export const A = { provider_name: "anthropic", name: "claude-2" };
export const B = { provider_name: "chat_openai", name: "gpt-4" };

type RenderProps = Parameters<NonNullable<ReturnType<typeof widget>["render"]>>[0];

export class Panel {
  readonly kernel: FakeKernel;
  readonly element = document.createElement("div");
  readonly #model = new AbortController();
  readonly #view = new AbortController();

  constructor(...kernel: ConstructorParameters<typeof FakeKernel>) {
    this.kernel = new FakeKernel(...kernel);
    document.body.append(this.element);
    const { initialize, render } = widget();
    act(() => {
      void initialize?.(this.#props(this.#model.signal));
      void render?.(this.#props(this.#view.signal));
    });
  }

  /** What anywidget does when the cell's output goes away. */
  close(): void {
    act(() => {
      this.#view.abort();
      this.#model.abort();
    });
    this.element.remove();
  }

  /** The kernel does something. */
  when(happens: (kernel: FakeKernel) => void): void {
    act(() => happens(this.kernel));
  }

  /** What is not painted before the next frame is drawn by then. */
  async drawn(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
  }

  find(role: string, name: string): HTMLElement {
    const found = this.findAll(role).filter((element) => nameOf(element) === name);
    if (found.length !== 1 || !found[0]) {
      const names = this.findAll(role).map(nameOf);
      throw new Error(`${found.length} of role ${role} are called "${name}"; there are: ${names.join(", ")}`);
    }
    return found[0];
  }

  has(role: string, name: string): boolean {
    return this.findAll(role).some((element) => nameOf(element) === name);
  }

  findAll(role: string): HTMLElement[] {
    const tag = NATIVE[role];
    const selector = tag ? `${tag}:not([role]),[role="${role}"]` : `[role="${role}"]`;
    return [...this.element.querySelectorAll<HTMLElement>(selector)].filter((element) => !element.closest("[hidden]"));
  }

  get box(): HTMLTextAreaElement {
    const box = this.find("textbox", "Message");
    if (!(box instanceof HTMLTextAreaElement)) throw new Error("no text box");
    return box;
  }

  click(name: string): void {
    act(() => this.find("button", name).click());
  }

  /** Picks an option of a drop-down, as a keyboard would: the focus comes first. */
  choose(name: string, option: string): void {
    const select = this.find("combobox", name);
    act(() => {
      select.dispatchEvent(new FocusEvent("focus"));
    });
    act(() => {
      if (select instanceof HTMLSelectElement) select.value = option;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  type(text: string, into: HTMLElement = this.box): void {
    act(() => {
      if (into instanceof HTMLTextAreaElement || into instanceof HTMLInputElement) into.value = text;
      into.dispatchEvent(new InputEvent("input", { bubbles: true }));
      into.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  /** Presses a key; false when the panel has taken it for itself. */
  press(key: string, options: KeyboardEventInit = {}, on: HTMLElement = this.box): boolean {
    let isUnhandled = true;
    act(() => {
      isUnhandled = on.dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options }),
      );
    });
    return isUnhandled;
  }

  #props(signal: AbortSignal): RenderProps {
    // anywidget hands over more than this; the panel asks for no more.
    return { model: this.kernel.model, el: this.element, signal } as unknown as RenderProps;
  }
}

/** A turn that was answered, or what else is said of it. */
export function turn(id: number, user: string, answer: Partial<AnswerView> = {}): TurnView {
  const whole: AnswerView = {
    seq: 1,
    reason: "complete",
    parts: [{ text: "Bonjour.", broke: null }],
    error: null,
    meta: null,
  };
  return { turn: id, user, answer: { ...whole, ...answer } };
}

const NATIVE: Readonly<Record<string, string>> = {
  region: "section[aria-label]",
  textbox: "textarea",
  button: "button",
  list: ":is(ol,ul)",
  listitem: "li",
  combobox: "select",
  checkbox: 'input[type="checkbox"]',
  img: "img",
  group: "fieldset",
};

function nameOf(element: HTMLElement): string {
  const label = element.id && document.querySelector(`label[for="${element.id}"]`)?.textContent;
  return (
    element.getAttribute("aria-label") ?? element.getAttribute("alt") ?? (label || element.textContent?.trim()) ?? ""
  );
}
