/** What only some answers need, and a document asks for when it does: each a part that may not have come yet. */

export type Colour = "comment" | "string" | "number" | "keyword" | "title" | "attribute" | "added" | "removed";

/** A run of code, and the colour it has. */
export interface Piece {
  readonly text: string;
  readonly colour: Colour | null;
}

/** Parts by name. */
export interface Extras {
  math: {
    /** The formula as MathML, not to be trusted; null when it cannot be read. */
    toMathML(tex: string, isDisplay: boolean): string | null;
  };
  highlight: {
    /** The code in pieces; null when it shall stay plain. */
    highlight(code: string, language: string): readonly Piece[] | null;
  };
}

/** A part, or null as long as it is not there; then it is on its way. */
export type Need = <Name extends keyof Extras>(name: Name) => Extras[Name] | null;
