/** Ctrl+K: go anywhere by typing. */
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useState } from "react";
import { useLocation } from "wouter";

import { search } from "../api/hooks";
import { Modal } from "./parts";

const PAGES = ["pipelines", "runs", "deploy", "triggers", "secrets", "console"].map((name) => ({
  kind: "page",
  title: name[0]!.toUpperCase() + name.slice(1),
  path: `/${name}`,
}));

export function Palette() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      setOpen(true);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  return (
    <>
      <button className="button small" onClick={() => setOpen(true)}>
        Search <span className="muted">Ctrl K</span>
      </button>
      {open && <Finder onClose={() => setOpen(false)} />}
    </>
  );
}

function Finder({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [, go] = useLocation();
  const found = useQuery({
    queryKey: ["search", text],
    queryFn: () => search(text),
    enabled: text.length > 0,
  });
  const pages = PAGES.filter((page) => page.title.toLowerCase().includes(text.toLowerCase()));
  const items = [...(text ? (found.data ?? []) : []), ...pages];
  const choose = (path: string | undefined) => {
    if (!path) return;
    onClose();
    go(path);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt((index) => Math.min(index + 1, items.length - 1));
    else if (event.key === "ArrowUp") setAt((index) => Math.max(index - 1, 0));
    else if (event.key === "Enter") choose(items[at]?.path);
    else return;
    event.preventDefault();
  };
  return (
    <Modal title="Search" onClose={onClose}>
      <div className="palette">
        <input
          autoFocus
          aria-label="Search pipelines, blocks and pages"
          placeholder="Pipelines, blocks, pages…"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={press}
        />
        <ul role="listbox" aria-label="Found">
          {items.map((item, index) => (
            <li
              key={item.kind + item.path + item.title}
              role="option"
              aria-selected={index === at}
              onMouseEnter={() => setAt(index)}
              onClick={() => choose(item.path)}
            >
              <span className="badge">{item.kind}</span>
              {item.title}
            </li>
          ))}
        </ul>
      </div>
    </Modal>
  );
}
