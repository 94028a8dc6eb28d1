/** The conversation as a file: a quiet button that opens a row of what can be done. */
import { useId, useRef } from "preact/hooks";
import type { ExportForm } from "../protocol";
import type { ChatStore } from "../store";

const FORMS: readonly (readonly [form: ExportForm, label: string])[] = [
  ["markdown", "Markdown"],
  ["html", "HTML"],
  ["json", "JSON"],
  ["langchain", "LangChain messages"],
];

export function FileMenuButton({ isOpen, rowId, onToggle }: ButtonProps) {
  return (
    <button type="button" class="gptr-quiet" aria-expanded={isOpen} aria-controls={rowId} onClick={onToggle}>
      Save or load
    </button>
  );
}

interface ButtonProps {
  readonly isOpen: boolean;
  readonly rowId: string;
  readonly onToggle: () => void;
}

export function FileMenu({ store, id }: { readonly store: ChatStore; readonly id: string }) {
  const chooser = useRef<HTMLInputElement>(null);
  const noteId = useId();
  const isBusy = store.isBusy.value;
  const hasTurns = store.turnIds.value.length > 0;
  const load = (input: HTMLInputElement) => {
    const file = input.files?.[0];
    if (file) void store.keeping.files.load(file);
    input.value = ""; // else the same file could not be chosen twice
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring its own look
    <div id={id} class="gptr-files" role="group" aria-label="Save or load the conversation">
      {hasTurns && (
        <>
          <button type="button" class="gptr-quiet" onClick={() => store.keeping.files.copy()}>
            Copy all
          </button>
          {FORMS.map(([form, label]) => (
            <button
              key={form}
              type="button"
              class="gptr-quiet"
              aria-label={`Save as ${label}`}
              onClick={() => store.keeping.files.save(form)}
            >
              {label}
            </button>
          ))}
        </>
      )}
      <button
        type="button"
        class="gptr-quiet"
        disabled={isBusy}
        aria-describedby={noteId}
        onClick={() => chooser.current?.click()}
      >
        Load …
      </button>
      <span id={noteId} class="gptr-unseen">
        A chat saved as JSON or as LangChain messages, or a notebook with one. What is here stays, as another version.
      </span>
      <input
        ref={chooser}
        type="file"
        hidden
        accept=".json,.ipynb,application/json"
        onChange={(event) => load(event.currentTarget)}
      />
      <span class="gptr-files-said">{store.keeping.files.said.value}</span>
    </div>
  );
}
