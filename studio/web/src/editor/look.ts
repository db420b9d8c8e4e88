/** The colours of code: the system's, also while an editor is open. */
import { defaultHighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { darkHighlight } from "./dark";

const DARK = window.matchMedia("(prefers-color-scheme: dark)");
const place = new Compartment();

const FRAME = {
  ".cm-gutters": { backgroundColor: "var(--ground)", color: "var(--muted)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--here)" },
};

const lookOf = (dark: boolean): Extension => [
  syntaxHighlighting(dark ? darkHighlight : defaultHighlightStyle, { fallback: true }),
  EditorView.theme(FRAME, { dark }),
];

export const looking = (): Extension => place.of(lookOf(DARK.matches));

/** Until the function that it gives is called. */
export function followColours(...views: EditorView[]): () => void {
  const change = () =>
    views.forEach((view) => view.dispatch({ effects: place.reconfigure(lookOf(DARK.matches)) }));
  DARK.addEventListener("change", change);
  return () => DARK.removeEventListener("change", change);
}
