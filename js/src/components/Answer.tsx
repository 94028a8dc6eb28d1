/** An answer: its parts, why it failed if it did, and the line that says who gave it. */
import type { AnswerView, Failure, ModelRef, Part } from "../protocol";
import { modelLabel } from "../protocol";
import { answerText, type Turn } from "../state";
import type { ChatStore } from "../store";
import { Extras } from "./Extras";
import { Markdown } from "./Markdown";
import { RouteLine } from "./RouteLine";
import { TooLong } from "./TooLong";

interface Props {
  readonly store: ChatStore;
  readonly turn: Turn;
  readonly answer: AnswerView;
  readonly onRegenerate: (turn: number, model: ModelRef | null) => void;
}

export function Answer({ store, turn, answer, onRegenerate }: Props) {
  const isStreaming = answer.reason === "streaming";
  const again = (model: ModelRef | null) => onRegenerate(turn.turn, model);
  return (
    <div class="gptr-answer" aria-busy={isStreaming}>
      <span class="gptr-unseen">Answer: </span>
      {answer.parts.map((part, index) => (
        // A part never moves: parts are only added after it.
        <PartView key={index} part={part} isStreaming={isStreaming && index === answer.parts.length - 1} />
      ))}
      {answer.extras && <Extras extras={answer.extras} />}
      {answer.reason === "stopped" && <p class="gptr-stopped">stopped</p>}
      {answer.error && <FailureNote failure={answer.error} onRetry={() => again(null)} isBusy={store.isBusy.value} />}
      {answer.error?.is_too_long && <TooLong store={store} turn={turn} onRetry={() => again(null)} />}
      {isStreaming ? (
        <Progress store={store} turn={turn} answer={answer} />
      ) : (
        <RouteLine
          store={store}
          meta={answer.meta}
          text={answerText(answer)}
          onRegenerate={answer.error ? null : again}
        />
      )}
    </div>
  );
}

function PartView({ part, isStreaming }: { readonly part: Part; readonly isStreaming: boolean }) {
  if (part.broke === null || part.broke === undefined) {
    return part.text === "" ? null : <Markdown text={part.text} isStreaming={isStreaming} />;
  }
  return (
    <>
      <div class="gptr-broken">
        <Markdown text={part.text} isStreaming={false} />
      </div>
      <div class="gptr-note" role="note">
        {part.broke}
      </div>
    </>
  );
}

interface FailureProps {
  readonly failure: Failure;
  readonly onRetry: () => void;
  readonly isBusy: boolean;
}

function FailureNote({ failure, onRetry, isBusy }: FailureProps) {
  return (
    <div class="gptr-note gptr-note-error">
      {failure.message}{" "}
      <button type="button" class="gptr-link" disabled={isBusy} onClick={onRetry}>
        Retry
      </button>
    </div>
  );
}

function Progress({ store, turn, answer }: Omit<Props, "onRegenerate">) {
  const first = turn.asked[0];
  const hasText = answerText(answer) !== "";
  let doing = "Asking the gateway";
  if (store.isStopping.value) doing = "Stopping";
  else if (hasText) doing = "Answering";
  else if (first) doing = `Asking ${modelLabel(first)}`;
  return (
    <p class="gptr-progress">
      {!hasText && <span class="gptr-caret" aria-hidden="true" />}
      {doing} …
      {store.isStopping.value && (
        <span class="gptr-late"> when the running cell ends; interrupt the kernel to stop at once</span>
      )}
    </p>
  );
}
