/** How models are asked: system prompt, temperature, longest answer, stop sequences; empty leaves it to the model. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { ChatStore } from "../store";

export function SettingsForm({ store }: { readonly store: ChatStore }) {
  const settings = store.settings.value;
  return (
    <details class="gptr-settings">
      <summary>Settings</summary>
      <div class="gptr-settings-grid">
        <Field label="System prompt" isWide>
          {(id) => (
            <textarea
              id={id}
              class="gptr-field"
              rows={2}
              placeholder="None"
              value={settings.system_prompt}
              onChange={(event) => store.writeSettings({ system_prompt: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label="Temperature">
          {(id) => (
            <input
              id={id}
              class="gptr-field"
              type="number"
              min="0"
              max="2"
              step="0.1"
              placeholder="The model's own"
              value={settings.temperature ?? ""}
              onChange={(event) => store.writeSettings({ temperature: number(event.currentTarget) })}
            />
          )}
        </Field>
        <Field label="Longest answer, in tokens">
          {(id) => (
            <input
              id={id}
              class="gptr-field"
              type="number"
              min="1"
              step="1"
              placeholder="The model's own"
              value={settings.max_tokens ?? ""}
              onChange={(event) => store.writeSettings({ max_tokens: number(event.currentTarget) })}
            />
          )}
        </Field>
        <Field label="Stop sequences, one per line" isWide>
          {(id) => (
            <textarea
              id={id}
              class="gptr-field"
              rows={1}
              placeholder="None"
              value={settings.stop_sequences.join("\n")}
              onChange={(event) => store.writeSettings({ stop_sequences: lines(event.currentTarget.value) })}
            />
          )}
        </Field>
      </div>
    </details>
  );
}

interface FieldProps {
  readonly label: string;
  readonly isWide?: boolean;
  readonly children: (id: string) => ComponentChildren;
}

function Field({ label, isWide = false, children }: FieldProps) {
  const id = useId();
  return (
    <div class={isWide ? "gptr-is-wide" : ""}>
      <label for={id}>{label}</label>
      {children(id)}
    </div>
  );
}

/** Null for an empty field, and for what is no number; the kernel says what is out of bounds. */
function number(input: HTMLInputElement): number | null {
  return Number.isFinite(input.valueAsNumber) ? input.valueAsNumber : null;
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
