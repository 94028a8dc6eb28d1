/**
 * Hides the readable copy of the conversation that the kernel puts below the panel, so that nothing is seen twice.
 *
 * The rule stands in the panel itself and so lives exactly as long: with the panel gone, the copy is there.
 */
const MARK = /^[\w-]+$/;

/** `mark` is what the copy is known by; anything but a mark hides nothing. */
export function HiddenTranscript({ mark }: { readonly mark: string }) {
  if (!MARK.test(mark)) return null;
  const copy = `[data-gptr-chat="${mark}"]`;
  return (
    // Two rules: a browser that does not know :has drops the whole rule it stands in.
    <style>{`${copy}{display:none}.jp-OutputArea-child:has(${copy}){display:none}`}</style>
  );
}
