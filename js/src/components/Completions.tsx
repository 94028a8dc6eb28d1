/** Names of the notebook that may be meant by what is being typed; the message box keeps the focus. */
import type { Completion } from "../protocol";

interface Props {
  readonly id: string;
  readonly found: readonly Completion[];
  readonly active: number;
  readonly onChoose: (name: string) => void;
}

export function Completions({ id, found, active, onChoose }: Props) {
  if (found.length === 0) return null;
  return (
    <div
      id={id}
      class="gptr-options gptr-completions"
      role="listbox"
      aria-label="Values of the notebook"
      onMouseDown={(event) => event.preventDefault()}
    >
      {found.map((completion, index) => (
        // Keys reach an option through the box, which keeps the focus.
        // biome-ignore lint/a11y/useKeyWithClickEvents: see above
        <div
          key={completion.name}
          id={`${id}-${index}`}
          ref={(element) => {
            if (index === active) element?.scrollIntoView?.({ block: "nearest" });
          }}
          class={`gptr-option ${index === active ? "gptr-is-active" : ""}`}
          role="option"
          aria-selected={index === active}
          tabIndex={-1}
          onClick={() => onChoose(completion.name)}
        >
          <code class="gptr-option-name">{completion.name}</code>{" "}
          <span class="gptr-latency">{[completion.kind, completion.summary].filter(Boolean).join(" · ")}</span>
        </div>
      ))}
    </div>
  );
}
