/** A table of any length: only what is seen is fetched and drawn. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";

import type { Column, Json, Page } from "../api/messages.gen";
import { cell } from "../ui/format";
import { Failed } from "../ui/parts";

const CHUNK = 200;
const ROW = 27;

interface Props {
  columns: Column[];
  total: number;
  /** Changes when the stored table changes. */
  stamp: string;
  read: (offset: number, limit: number) => Promise<Page>;
}

export function TableGrid({ columns, total, stamp, read }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const asked = useRef(new Set<number>());
  const [rows, setRows] = useState<Map<number, Json[]>>(new Map());
  const [error, setError] = useState<unknown>(null);
  const window = useVirtualizer({ count: total, getScrollElement: () => frame.current, estimateSize: () => ROW, overscan: 12 });
  const items = window.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? 0;

  useEffect(() => {
    asked.current = new Set();
    setRows(new Map());
  }, [stamp]);

  useEffect(() => {
    for (let chunk = Math.floor(first / CHUNK); chunk <= Math.floor(last / CHUNK); chunk++) {
      if (total === 0 || asked.current.has(chunk)) continue;
      asked.current.add(chunk);
      read(chunk * CHUNK, CHUNK).then((page) => setRows((old) => merged(old, page)), setError);
    }
  }, [first, last, total, stamp, read]);

  const template = { gridTemplateColumns: `64px repeat(${columns.length}, minmax(110px, 190px))` };
  return (
    <>
      {error !== null && <Failed error={error} />}
      <div className="grid" ref={frame} role="table" aria-rowcount={total} aria-label="Table" tabIndex={0}>
        <div className="head" style={{ ...template, width: "max-content" }} role="row">
          <div className="cell muted">#</div>
          {columns.map((column) => (
            <div className="cell" role="columnheader" key={column.name}>
              {column.name}
              <small>{column.type}</small>
            </div>
          ))}
        </div>
        <div style={{ height: window.getTotalSize(), position: "relative" }}>
          {items.map((item) => (
            <div className="line" role="row" key={item.key} style={{ ...template, transform: `translateY(${item.start}px)`, height: ROW, width: "max-content" }}>
              <div className="cell muted">{item.index + 1}</div>
              {columns.map((column, index) => (
                <Cell key={column.name} value={rows.get(item.index)?.[index]} waiting={!rows.has(item.index)} />
              ))}
            </div>
          ))}
        </div>
      </div>
    </>
  );
}

function Cell({ value, waiting }: { value: Json; waiting: boolean }) {
  const text = waiting ? "…" : cell(value);
  const empty = !waiting && (value === null || value === undefined);
  return (
    <div className={`cell ${empty ? "null" : ""}`} role="cell" title={text}>
      {text}
    </div>
  );
}

function merged(old: Map<number, Json[]>, page: Page): Map<number, Json[]> {
  const all = new Map(old);
  page.rows.forEach((row, index) => all.set(page.offset + index, row));
  return all;
}
