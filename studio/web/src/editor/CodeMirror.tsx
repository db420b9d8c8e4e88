/** CodeMirror for Python, SQL, R and YAML; Ctrl+S saves, Shift+Enter runs. */
import { autocompletion, closeBrackets, completeAnyWord } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { sql } from "@codemirror/lang-sql";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentOnInput, indentUnit, StreamLanguage } from "@codemirror/language";
import { r } from "@codemirror/legacy-modes/mode/r";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";

import { followColours, looking } from "./look";

export interface Mark {
  line: number;
  message: string;
}

export interface Props {
  label: string;
  language: string;
  text: string;
  marks?: Mark[];
  readOnly?: boolean;
  onChange?: (text: string) => void;
  onSave?: () => void;
  onRun?: () => void;
}

const LANGUAGES: Record<string, () => Extension> = {
  python,
  sql: () => sql({ upperCaseKeywords: true }),
  yaml,
  r: () => StreamLanguage.define(r),
};

export default function CodeMirror(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const made = new EditorView({
      state: EditorState.create({ doc: props.text, extensions: extensions(latest) }),
      parent: place.current!,
    });
    view.current = made;
    const stop = followColours(made);
    return () => {
      stop();
      made.destroy();
    };
  }, [props.language, props.readOnly]);

  useEffect(() => {
    const shown = view.current;
    if (!shown || shown.state.doc.toString() === props.text) return;
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: props.text } });
  }, [props.text]);

  useEffect(() => {
    const shown = view.current;
    if (shown) shown.dispatch(setDiagnostics(shown.state, diagnostics(shown.state, props.marks ?? [])));
  }, [props.marks, props.text]);

  return <div className="code" ref={place} />;
}

function extensions(latest: { current: Props }): Extension[] {
  const { language, readOnly, label } = latest.current;
  const run = (action: "onSave" | "onRun") => () => {
    latest.current[action]?.();
    return true;
  };
  return [
    Prec.highest(keymap.of([{ key: "Escape", run: letOut }])), // before the completion's own
    lineNumbers(),
    history(),
    drawSelection(),
    indentOnInput(),
    indentUnit.of("    "),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ override: language === "sql" ? undefined : [completeAnyWord] }),
    highlightActiveLine(),
    highlightSelectionMatches(),
    lintGutter(),
    looking(),
    EditorView.contentAttributes.of({ "aria-label": label, "aria-description": "Escape, then Tab, leaves the editor" }),
    EditorState.readOnly.of(readOnly ?? false),
    LANGUAGES[language]?.() ?? [],
    keymap.of([
      { key: "Mod-s", run: run("onSave"), preventDefault: true },
      { key: "Shift-Enter", run: run("onRun") },
      indentWithTab,
      ...defaultKeymap,
      ...historyKeymap,
      ...searchKeymap,
    ]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
    }),
  ];
}

const LETTING_OUT = 5000;

/** The next Tab leaves the editor instead of indenting, whatever else Escape closes (WCAG 2.1.2). */
function letOut(view: EditorView): boolean {
  view.setTabFocusMode(LETTING_OUT);
  return false;
}

function diagnostics(state: EditorState, marks: Mark[]): Diagnostic[] {
  return marks
    .filter((mark) => mark.line >= 1 && mark.line <= state.doc.lines)
    .map((mark) => {
      const line = state.doc.line(mark.line);
      return { from: line.from, to: line.to, severity: "error", message: mark.message };
    });
}
