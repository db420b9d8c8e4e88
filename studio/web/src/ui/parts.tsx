/** The small parts that every page is made of. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";

import { ApiError } from "../api/client";
import { toast } from "./toast";

const WORDS: Record<string, string> = { not_run: "did not run", active: "running" };
const WHY: Record<string, string> = {
  skipped: "The condition of this block, or of one above it, was not met",
  upstream_failed: "A block above it failed",
  not_run: "The run ended before it began",
};

export function State({ value, text, why }: { value: string; text?: string; why?: string }) {
  return <span className={`state ${value}`} title={why || WHY[value]}>{text ?? WORDS[value] ?? value.replaceAll("_", " ")}</span>;
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

export function Loading({ text = "Loading…" }: { text?: string }) {
  return (
    <div className="empty" aria-busy="true" role="status">
      {text}
    </div>
  );
}

interface TabsProps<Name extends string> {
  label: string;
  tabs: readonly (readonly [Name, string])[];
  chosen: Name;
  onChoose: (name: Name) => void;
}

/** Arrows go from one to the next (WAI-ARIA: tabs pattern). */
export function Tabs<Name extends string>({ label, tabs, chosen, onChoose }: TabsProps<Name>) {
  const step = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const at = tabs.findIndex(([name]) => name === chosen);
    const next = (at + by + tabs.length) % tabs.length;
    onChoose(tabs[next]![0]);
    (event.currentTarget.children[next] as HTMLElement).focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} onKeyDown={step}>
      {tabs.map(([name, title]) => (
        <button key={name} role="tab" aria-selected={chosen === name} tabIndex={chosen === name ? 0 : -1} onClick={() => onChoose(name)}>{title}</button>
      ))}
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
