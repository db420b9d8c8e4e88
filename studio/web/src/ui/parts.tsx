/** The small parts that every page is made of. */
import { type ReactNode, useEffect, useRef } from "react";

import { ApiError } from "../api/client";
import { toast } from "./toast";

export function State({ value, text }: { value: string; text?: string }) {
  return <span className={`state ${value}`}>{text ?? value.replaceAll("_", " ")}</span>;
}

export function Panel(props: { title: ReactNode; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="panel">
      <header>
        <h2>{props.title}</h2>
        <span style={{ flex: 1 }} />
        {props.aside}
      </header>
      <div className="body">{props.children}</div>
    </section>
  );
}

/** The command that does in a terminal what this page does; a click copies it. */
export function Command({ text }: { text: string }) {
  const copy = () =>
    navigator.clipboard?.writeText(text).then(() => toast("Copied to the clipboard"));
  return (
    <button className="command" title={`In a terminal: ${text} (click to copy)`} onClick={copy}>
      $ {text}
    </button>
  );
}

export function Failed({ error }: { error: unknown }) {
  const hint = error instanceof ApiError ? error.hint : "";
  return (
    <div className="problem" role="alert">
      <div>{error instanceof Error ? error.message : String(error)}</div>
      {hint && <div className="muted">{hint}</div>}
    </div>
  );
}

export function Loading() {
  return (
    <div className="empty" aria-busy="true">
      Loading…
    </div>
  );
}

/** A modal dialog; Escape closes it. */
export function Modal(props: { title: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-label={props.title} onClose={props.onClose}>
      {props.children}
    </dialog>
  );
}

export function complain(error: unknown): void {
  const hint = error instanceof ApiError && error.hint ? ` ${error.hint}` : "";
  toast((error instanceof Error ? error.message : String(error)) + hint, true);
}
