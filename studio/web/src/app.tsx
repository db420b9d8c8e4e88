/** The frame around every page, and the whole surface in one list. */
import { lazy, Suspense, useEffect } from "react";
import { Link, Redirect, Route, Switch, useLocation, useRoute } from "wouter";

import { useProject } from "./api/hooks";
import { useLine } from "./api/online";
import { PipelinesPage } from "./pages/PipelinesPage";
import { RunsPage } from "./pages/RunsPage";
import { Fallen } from "./ui/Fallen";
import { Palette } from "./ui/Palette";
import { Loading } from "./ui/parts";
import { Toasts } from "./ui/toast";

const editor = () => import("./pages/PipelinePage");
const PipelinePage = lazy(editor);
const RunPage = lazy(() => import("./pages/RunPage"));
const BackfillPage = lazy(() => import("./pages/BackfillPage"));
const ComparePage = lazy(() => import("./pages/ComparePage"));
const DeployPage = lazy(() => import("./pages/DeployPage"));
const TriggersPage = lazy(() => import("./pages/TriggersPage"));
const SecretsPage = lazy(() => import("./pages/SecretsPage"));
const ConsolePage = lazy(() => import("./pages/ConsolePage"));

const RAIL = [
  ["/pipelines", "▤", "Pipelines"],
  ["/runs", "▷", "Runs"],
  ["/deploy", "⇪", "Deploy"],
  ["/triggers", "◷", "Triggers"],
  ["/secrets", "✱", "Secrets"],
  ["/console", "▦", "Local cloud"],
] as const;

/** Whoever looks at the pipelines opens one next: its page is fetched while nothing else is. */
function useEditorSoon() {
  useEffect(() => {
    const id = requestIdleCallback(() => void editor().then(() => import("./editor/CodeMirror")));
    return () => cancelIdleCallback(id);
  }, []);
}

/** Several tabs can be told apart: `daily_trips · Pipelines · Blocklift`. */
function useTitle() {
  const [path] = useLocation();
  useEffect(() => {
    const [page = "", ...rest] = path.split("/").filter(Boolean);
    const title = RAIL.find(([route]) => route === `/${page}`)?.[2] ?? page;
    document.title = [...rest.map(decodeURIComponent).map((part) => part.slice(0, 40)), title, "Blocklift"].filter(Boolean).join(" · ");
  }, [path]);
}

export function App() {
  useEditorSoon();
  useTitle();
  const [path] = useLocation();
  return (
    <div className="shell">
      <a className="skip" href="#main">Skip to the page</a>
      <TopBar />
      <nav className="rail" aria-label="Main">
        {RAIL.map(([path, icon, title]) => (
          <RailLink key={path} path={path} icon={icon} title={title} />
        ))}
      </nav>
      <main className="main" id="main" tabIndex={-1}>
        <Fallen key={path.split("/")[1]}>
          <Suspense fallback={<Loading />}>
            <Pages />
          </Suspense>
        </Fallen>
      </main>
      <Toasts />
    </div>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/pipelines" component={PipelinesPage} />
      <Route path="/pipelines/:pipeline" component={PipelinePage} />
      <Route path="/runs" component={RunsPage} />
      <Route path="/backfill/:pipeline" component={BackfillPage} />
      <Route path="/compare/:pipeline/:before/:after" component={ComparePage} />
      <Route path="/runs/:pipeline/:run" component={RunPage} />
      <Route path="/deploy" component={DeployPage} />
      <Route path="/triggers" component={TriggersPage} />
      <Route path="/secrets" component={SecretsPage} />
      <Route path="/console" component={ConsolePage} />
      <Route>
        <Redirect to="/pipelines" replace />
      </Route>
    </Switch>
  );
}

function RailLink({ path, icon, title }: { path: string; icon: string; title: string }) {
  const [here] = useRoute(`${path}/*?`);
  return (
    <Link href={path} aria-current={here ? "page" : undefined} title={title}>
      <b aria-hidden="true">{icon}</b>
      <span>{title}</span>
    </Link>
  );
}

const SILENCE = {
  open: "",
  lost: "Studio's server does not answer. Trying again…",
  ended: "This session is over. Open the address that Studio printed; unsaved code is kept in this tab.",
};

function Heard() {
  const line = useLine();
  return <span role="status" className={line === "open" ? "" : "silence"}>{SILENCE[line]}</span>;
}

function TopBar() {
  const project = useProject();
  return (
    <header className="topbar">
      <Link href="/pipelines" className="brand">
        <img src="/favicon.svg" alt="" width="22" height="22" /> Blocklift
      </Link>
      <span className="muted">{project.data?.name}</span>
      {project.data && <span className="badge">target: {project.data.target}</span>}
      <span className="grow" />
      <Heard />
      <Palette />
    </header>
  );
}
