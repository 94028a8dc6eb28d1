/** Files for the person: text that the browser saves where it saves what is downloaded. */

/** Hands a file to the browser. */
export function download({ name, mime, text }: { name: string; mime: string; text: string }): void {
  const address = URL.createObjectURL(new Blob([text], { type: `${mime};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  // JupyterLab follows links of its page itself; this one is never in the page.
  link.click();
  // The browser takes the address up in a moment of its own.
  setTimeout(() => URL.revokeObjectURL(address));
}
