/** Pictures that are pasted or dropped, as `data:` addresses. */

const KINDS = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
export const MOST_BYTES = 5_000_000;

/** Whether something that is dragged holds a file, as far as a browser tells before it is dropped. */
export function holdsFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes("Files") ?? false;
}

/** The pictures among what was pasted or dropped. */
export function picturesIn(transfer: DataTransfer | null): File[] {
  return [...(transfer?.files ?? [])].filter((file) => KINDS.has(file.type));
}

/** The picture's address; null when it is too large or cannot be read. */
export async function pictureAddress(file: File): Promise<string | null> {
  if (file.size > MOST_BYTES) return null;
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === "string" ? reader.result : null);
    reader.onerror = () => resolve(null);
    reader.readAsDataURL(file);
  });
}
