/** What there is to see before anything was said: three beginnings instead of a blank. */
import type { LostChat } from "../lost-chats";

const SUGGESTIONS = [
  "Explain what a pandas groupby does, with a small example",
  "Write a function that parses an ISO date, and a test for it",
  "Compare CSV, Parquet and SQLite in a table",
];

interface Props {
  readonly onSuggest: (text: string) => void;
  /** A conversation that lost its kernel in this cell. */
  readonly lost: LostChat | null;
  readonly onGoOn: () => void;
}

export function EmptyState({ onSuggest, lost, onGoOn }: Props) {
  return (
    <div class="gptr-empty">
      {lost !== null && (
        <p class="gptr-empty-say">
          The kernel was restarted.{" "}
          <button type="button" class="gptr-link" onClick={onGoOn}>
            {lost.messages === 1
              ? "Go on with the message that was here"
              : `Go on with the ${lost.messages} messages that were here`}
          </button>
        </p>
      )}
      <p class="gptr-empty-say">Ask anything. The first healthy model of your list answers.</p>
      <div class="gptr-suggestions">
        {SUGGESTIONS.map((text) => (
          <button key={text} type="button" class="gptr-suggestion" onClick={() => onSuggest(text)}>
            {text}
          </button>
        ))}
      </div>
    </div>
  );
}
