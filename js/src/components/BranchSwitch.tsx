/** ‹2/3›: which of the turns that stand in one place is shown; nothing where there is only one. */
import type { Turn } from "../state";

interface Props {
  readonly turn: Turn;
  readonly isBusy: boolean;
  readonly onShow: (turn: number) => void;
}

export function BranchSwitch({ turn, isBusy, onShow }: Props) {
  const at = turn.branch.indexOf(turn.turn);
  if (turn.branch.length < 2 || at < 0) return null;
  const step = (by: number, label: string, mark: string) => {
    const other = turn.branch[at + by];
    return (
      <button
        type="button"
        class="gptr-quiet"
        aria-label={label}
        // Not `disabled`: pressed twice, it would take the focus away.
        aria-disabled={other === undefined || isBusy}
        onClick={() => other !== undefined && !isBusy && onShow(other)}
      >
        {mark}
      </button>
    );
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <span class="gptr-branch" role="group" aria-label="Versions of this message">
      {step(-1, "Previous version", "‹")}
      <span>
        {at + 1}/{turn.branch.length}
      </span>
      {step(1, "Next version", "›")}
    </span>
  );
}
