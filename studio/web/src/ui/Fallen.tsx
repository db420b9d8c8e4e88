/** What is shown instead of a page that cannot be shown; the frame around it stays. */
import { Component, type ReactNode } from "react";

import { Failed } from "./parts";

/** A new version of Studio has other files: a tab that still shows the old one asks for those. */
const LATELY = "blocklift reloaded";
const PAUSE = 60_000;

export class Fallen extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="fallen">
        <h1>This page cannot be shown</h1>
        <Failed error={this.state.error} />
        <p className="muted">What was typed and is not saved is kept in this tab.</p>
        <button className="button primary" onClick={() => location.reload()}>Load it again</button>
      </div>
    );
  }
}

/** Once, and only from a server that answers: else what is on the screen would be lost to view. */
export function followNewVersions(): void {
  window.addEventListener("vite:preloadError", () => {
    if (Date.now() - Number(sessionStorage.getItem(LATELY) ?? 0) < PAUSE) return;
    sessionStorage.setItem(LATELY, String(Date.now()));
    void fetch("/api/project").then((answer) => answer.ok && location.reload(), () => undefined);
  });
}
