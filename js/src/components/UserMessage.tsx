/** What the person wrote, as they wrote it. */

export function UserMessage({ text }: { readonly text: string }) {
  return (
    <div class="gptr-user">
      <span class="gptr-unseen">You: </span>
      {text}
    </div>
  );
}
