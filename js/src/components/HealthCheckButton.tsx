/** Has the gateway ask every one of its models now. That costs tokens, so it asks first. */
import type { ChatStore } from "../store";
import { ConfirmButton } from "./ConfirmButton";

export function HealthCheckButton({ store }: { readonly store: ChatStore }) {
  const { isRunning } = store.healthCheck.value;
  const count = store.catalog.value?.models.length ?? 0;
  return (
    <>
      <ConfirmButton
        label="Check health now"
        question={`Ask all ${count} models now? This costs tokens`}
        isDisabled={count === 0 || isRunning}
        onConfirm={() => store.checkHealth()}
      />
      {isRunning && (
        <span class="gptr-checking">
          <progress class="gptr-progress-bar" aria-label="Checking health" />
          Asking {count} models …
        </span>
      )}
    </>
  );
}
