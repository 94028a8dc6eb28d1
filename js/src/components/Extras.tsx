/** What came beside the text, folded away: how the model reasoned, what it cites, which tools it would call. */
import { hostOf } from "../markdown/policy";
import type { Extras as ExtrasView } from "../protocol";

export function Extras({ extras }: { readonly extras: ExtrasView }) {
  const { reasoning, citations, tool_calls: calls } = extras;
  return (
    <>
      {reasoning !== "" && (
        <details class="gptr-extra">
          <summary>Reasoning</summary>
          <div class="gptr-reasoning">{reasoning}</div>
        </details>
      )}
      {calls.map((call, index) => (
        // Two calls may be the same: the place is the key.
        <details key={index} class="gptr-extra">
          <summary>
            Tool call: <code>{call.name}</code>
          </summary>
          <pre class="gptr-arguments">{call.arguments}</pre>
        </details>
      ))}
      {citations.length > 0 && (
        <details class="gptr-extra">
          <summary>{citations.length === 1 ? "1 citation" : `${citations.length} citations`}</summary>
          <ol class="gptr-citations">
            {citations.map((citation, index) => (
              <li key={index}>
                <Citation {...citation} />
              </li>
            ))}
          </ol>
        </details>
      )}
    </>
  );
}

/** A model's words are a stranger's: only an address on the web becomes a link, and its host is seen. */
function Citation({ url, title }: ExtrasView["citations"][number]) {
  const host = hostOf(url);
  if (host === null) return <>{title || url}</>;
  return (
    <>
      <a href={url} target="_blank" rel="noopener noreferrer nofollow">
        {title || url}
      </a>{" "}
      {title !== "" && <small>{host}</small>}
    </>
  );
}
