/** The quiet line under an answer: who, how fast, how much; opened, the way it took. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { answeredBy, hopLabel, hopOutcome, money, seconds, tokens, usageAndCost } from "../format";
import type { Hop, Meta, ModelRef } from "../protocol";
import type { ChatStore } from "../store";
import { CopyButton } from "./CopyButton";
import { RegenerateButton } from "./RegenerateButton";

interface Props {
  readonly store: ChatStore;
  readonly meta: Meta | null;
  readonly text: string;
  /** Null where an answer cannot be asked for again. */
  readonly onRegenerate: ((model: ModelRef | null) => void) | null;
}

export function RouteLine({ store, meta, text, onRegenerate }: Props) {
  const isOpen = useSignal(false);
  const routeId = useId();
  const route = meta?.route ?? [];
  return (
    <>
      <div class="gptr-meta">
        {meta !== null && text !== "" && <Facts meta={meta} />}
        <span class="gptr-actions">
          {route.length > 0 && (
            <button
              type="button"
              class="gptr-quiet"
              aria-expanded={isOpen.value}
              aria-controls={isOpen.value ? routeId : undefined}
              onClick={() => {
                isOpen.value = !isOpen.value;
              }}
            >
              {isOpen.value ? "Hide route" : "Show route"}
            </button>
          )}
          {text !== "" && <CopyButton label="Copy answer" text={text} />}
          {onRegenerate && <RegenerateButton store={store} onRegenerate={onRegenerate} />}
        </span>
      </div>
      {isOpen.value && (
        <div id={routeId}>
          <Route hops={route} />
          {meta !== null && <p class="gptr-usage">{usageAndCost(meta)}</p>}
        </div>
      )}
    </>
  );
}

function Facts({ meta }: { readonly meta: Meta }) {
  return (
    <span class="gptr-facts">
      <span class="gptr-who">{answeredBy(meta)}</span>
      <span>first token {seconds(meta.latency?.first_token)}</span>
      <span>total {seconds(meta.latency?.total)}</span>
      <span>{tokens(meta)}</span>
      {meta.cost != null && <span>{money(meta.cost)}</span>}
    </span>
  );
}

function Route({ hops }: { readonly hops: readonly Hop[] }) {
  return (
    <ol class="gptr-route" aria-label="Route">
      {hops.map((hop, index) => (
        // A model can be tried twice, and a route never changes: the place is the key.
        <li key={index} class={`gptr-hop gptr-hop-${hop.outcome}`}>
          <span class="gptr-hop-mark" aria-hidden="true" />
          <span class="gptr-hop-who">{hopLabel(hop)}</span>
          {hop.inferred ? (
            <em class="gptr-hop-why">{hopOutcome(hop)}</em>
          ) : (
            <span class="gptr-hop-why">{hopOutcome(hop)}</span>
          )}
          <span class="gptr-hop-time">{hop.seconds == null ? "–" : seconds(hop.seconds)}</span>
        </li>
      ))}
    </ol>
  );
}
