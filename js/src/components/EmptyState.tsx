/** What there is to see before anything was said: three beginnings instead of a blank. */
const SUGGESTIONS = [
  "Explain what a pandas groupby does, with a small example",
  "Write a function that parses an ISO date, and a test for it",
  "Compare CSV, Parquet and SQLite in a table",
];

export function EmptyState({ onSuggest }: { readonly onSuggest: (text: string) => void }) {
  return (
    <div class="gptr-empty">
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
