// What the course adds to JupyterLab, Notebook and JupyterLite: names for screen readers, and the
// life of a lesson (begin it, see how far it is, find its pictures again tomorrow), and a word where
// a check has answered about old code. An extension that is written as it is loaded: there is nothing
// to build.

"use strict";

(() => {
  // Names, where ipywidgets gives none: without this a slider for a learning rate of 0.1 is read out
  // as "slider, minus 1.00", and the play button as nothing. Here: "learning rate η, slider, 0.100".

  const BUTTONS = {
    "fa-play": "play",
    "fa-pause": "pause",
    "fa-stop": "back to the start",
    "fa-retweet": "repeat",
  };

  function set(element, attribute, value) {
    if (element && value && element.getAttribute(attribute) !== value) {
      element.setAttribute(attribute, value);
    }
  }

  function nameAll() {
    for (const handle of document.getElementsByClassName("noUi-handle")) {
      const row = handle.closest(".widget-inline-hbox");
      const label = row?.querySelector(".widget-label")?.textContent.trim();
      const readout = row?.querySelector(".widget-readout");
      set(handle, "aria-label", label);
      set(handle, "aria-valuetext", readout?.textContent.trim());
      if (readout?.isContentEditable) {
        set(readout, "role", "textbox");
        set(readout, "aria-label", label && `${label}, as a number`);
      }
    }
    for (const icon of document.querySelectorAll(".widget-play button i")) {
      const known = Object.keys(BUTTONS).find((name) => icon.classList.contains(name));
      set(icon.parentElement, "aria-label", BUTTONS[known]);
    }
  }

  // The page changes many times while a slider is dragged; once a frame is enough.
  function whenThePageChanges(act) {
    let waiting = false;
    new MutationObserver(() => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        act();
      });
    }).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributeFilter: ["class", "contenteditable"],
    });
  }

  // The life of a lesson. A live picture needs the kernel that made it. Its output holds a still
  // picture as well, and that is what is shown as soon as the kernel is gone, and all that is ever
  // written to the file: so whatever is done with a file, it always has its pictures.

  const VIEW = "application/vnd.jupyter.widget-view+json";
  const LIVE = "live picture"; // in the metadata of an output: this picture can be made live
  const HEADING = /^#{1,2} /;
  const LESSON = /(^|[/:])\d\d_\w+\.ipynb$/;

  // An output without its widget, if something else in it can stand for that.
  function still(output) {
    if (!output.data || !(VIEW in output.data) || Object.keys(output.data).length < 2) return output;
    const { [VIEW]: _, ...data } = output.data;
    return { ...output, data };
  }

  function stillNotebook(content) {
    const cells = content.cells.map((cell) =>
      cell.outputs ? { ...cell, outputs: cell.outputs.map(still) } : cell,
    );
    const { widgets: _, ...metadata } = content.metadata; // the state of all widgets: megabytes
    return { ...content, cells, metadata };
  }

  class Life {
    constructor(panel, context, { NotebookActions, Widget }) {
      Object.assign(this, { panel, context, NotebookActions, veils: new WeakMap() });
      const written = context.model.toJSON.bind(context.model);
      context.model.toJSON = () => stillNotebook(written());
      context.ready.then(() => this.sleep());
      const session = panel.sessionContext;
      session.statusChanged.connect((_, status) => this.kernelIs(status));
      session.kernelChanged.connect(() => this.sleep());
      const folder = context.path.split("/").at(-2) ?? "";
      const isLesson = LESSON.test(context.path) && !/^\d\d_/.test(folder); // exercises have folders
      if (isLesson) panel.contentHeader.addWidget(this.bar(Widget));
    }

    get codeCells() {
      return this.panel.content.widgets.filter(
        (cell) => cell.model.type === "code" && cell.model.sharedModel.getSource().trim(),
      );
    }

    // All pictures are still ones from now on. This is no change of the student's.
    sleep() {
      const { model } = this.context;
      const wasDirty = model.dirty;
      for (const cell of model.cells) {
        for (let i = 0; i < (cell.outputs?.length ?? 0); i++) {
          const output = cell.outputs.get(i).toJSON();
          if (still(output) !== output) cell.outputs.set(i, still(output));
        }
      }
      model.dirty = wasDirty;
      this.dress();
    }

    kernelIs(status) {
      if (["restarting", "autorestarting", "dead", "terminating"].includes(status)) this.sleep();
      this.tell();
    }

    // A button below each sleeping picture, where its sliders will be.
    dress() {
      this.gate();
      for (const cell of this.codeCells) {
        const rows = cell.outputArea.node.querySelectorAll(":scope > .jp-OutputArea-child");
        for (let i = 0; i < cell.model.outputs.length && i < rows.length; i++) {
          const { data, metadata } = cell.model.outputs.get(i);
          const asleep = !(VIEW in data) && metadata[LIVE];
          const veil = this.veils.get(rows[i]);
          if (asleep && veil?.parentNode !== rows[i]) this.veil(rows[i]);
          if (!asleep) veil?.remove();
          rows[i].classList.toggle("course-asleep", Boolean(asleep));
        }
      }
    }

    // What follows an open prediction would give the answer away: it and the next section are covered.
    gate() {
      let open = false;
      let covered = 0;
      let headings = 0;
      for (const cell of this.panel.content.widgets) {
        const { type, sharedModel } = cell.model;
        if (open && type === "markdown" && HEADING.test(sharedModel.getSource())) headings += 1;
        if (headings > 1) open = false;
        cell.node.classList.toggle("course-covered", open);
        cell.node.classList.toggle("course-first-covered", open && !covered);
        if (open) covered += 1;
        if (cell.node.querySelector(".course-open-question")) [open, covered, headings] = [true, 0, 0];
      }
    }

    veil(row) {
      const button = document.createElement("button");
      button.className = "course-veil";
      button.textContent = "▶ Wake this lesson";
      button.title = "Runs the lesson; then this picture follows your hand";
      button.onclick = () => this.run();
      row.append(button);
      this.veils.set(row, button);
    }

    // The bar above a lesson: begins it, and says how far it is. It stays, so nothing moves.
    bar(Widget) {
      const bar = new Widget();
      bar.addClass("course-bar");
      bar.node.innerHTML =
        '<button class="course-start">▶ Start lesson</button>' +
        '<progress hidden aria-label="cells run"></progress><span role="status"></span>';
      [this.button, this.progress, this.words] = bar.node.children;
      this.button.onclick = () => this.run();
      this.tell();
      return bar;
    }

    tell(words) {
      if (!this.words) return;
      const status = this.panel.sessionContext.session?.kernel?.status;
      const starts = !status || ["unknown", "starting", "connecting"].includes(status);
      if (words) this.said = words;
      const idle = this.said ?? "Makes its pictures live. You stay where you are.";
      this.words.textContent = this.running && starts ? "Python is starting …" : idle;
    }

    async run() {
      if (this.running) return;
      this.running = true;
      const { content, sessionContext } = this.panel;
      const cells = this.codeCells;
      const all = cells.length;
      let done = 0;
      if (this.progress) {
        Object.assign(this.progress, { max: all, value: 0, hidden: false });
        this.button.disabled = true;
      }
      this.tell(`0 of ${all}`);
      const count = (_, { cell }) => {
        if (!cells.includes(cell)) return;
        done += 1;
        if (this.progress) this.progress.value = done;
        this.tell(`${done} of ${all}`);
      };
      this.NotebookActions.executed.connect(count);
      try {
        await sessionContext.ready;
        const well = await this.NotebookActions.runCells(content, cells, sessionContext);
        this.tell(
          well
            ? "Alive: drag in the pictures, move the sliders."
            : `Stopped with an error after ${done} of ${all} cells. It stands below its cell.`,
        );
      } finally {
        this.NotebookActions.executed.disconnect(count);
        this.running = false;
        if (this.progress) {
          this.progress.hidden = true;
          this.button.disabled = false;
          this.button.textContent = "▶ Start again";
        }
        this.dress();
      }
    }
  }

  // A check knows what the kernel knows. Where an answer has been changed and not run since, or its
  // cell failed, that is the answer before: the check is told so, with a button that runs both.

  const CHECK = /\bcheck\.\w+\(([^)]*)\)/;

  function defines(source, name) {
    return new RegExp(`^(?:def ${name}\\b|${name}\\s*=[^=])`, "m").test(source);
  }

  class OldCode {
    constructor(panel, { NotebookActions }) {
      Object.assign(this, { panel, NotebookActions, begun: new WeakMap(), ran: new WeakMap() });
      const begins = (_, { cell }) => this.begun.set(cell.model, sourceOf(cell));
      const ends = (_, { cell, success }) => this.cellRan(cell, success);
      NotebookActions.executionScheduled.connect(begins);
      NotebookActions.executed.connect(ends);
      panel.disposed.connect(() => {
        NotebookActions.executionScheduled.disconnect(begins);
        NotebookActions.executed.disconnect(ends);
      });
    }

    cellRan(cell, success) {
      const { widgets } = this.panel.content;
      if (!widgets.includes(cell)) return;
      this.ran.set(cell.model, { source: this.begun.get(cell.model), success });
      cell.node.querySelector(".course-old-code")?.remove();
      const names = CHECK.exec(sourceOf(cell))?.[1].match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? [];
      for (const name of names) {
        const old = widgets.find((one) => one !== cell && this.isOld(one, name));
        if (old) return this.tell(cell, old, name);
      }
    }

    // Whether a cell that gives this name has been run, but not well, or not as it stands now.
    isOld(cell, name) {
      const ran = this.ran.get(cell.model);
      const now = sourceOf(cell);
      return Boolean(ran && defines(now, name) && !(ran.success && ran.source === now));
    }

    tell(check, answer, name) {
      const note = document.createElement("div");
      note.className = "course-old-code";
      note.setAttribute("role", "status");
      const failed = this.ran.get(answer.model).source === sourceOf(answer);
      note.append(
        "This is about the ",
        Object.assign(document.createElement("code"), { textContent: name }),
        failed
          ? " from before: the cell that gives it failed when you ran it last. "
          : " from before: you have changed its cell and not run it since. ",
      );
      const both = document.createElement("button");
      both.className = "course-start";
      both.textContent = "▶ Run it, and check again";
      both.onclick = () =>
        this.NotebookActions.runCells(
          this.panel.content,
          [answer, check],
          this.panel.sessionContext,
        );
      note.append(both);
      // a cell out of sight has no output on the page
      const output = check.node.querySelector(".jp-Cell-outputWrapper");
      if (output) output.after(note);
      else check.node.append(note);
    }
  }

  function sourceOf(cell) {
    return cell.model.sharedModel.getSource();
  }

  function addStyle() {
    const style = document.createElement("style");
    style.textContent = `
      .course-bar { display: flex; align-items: center; gap: 12px; min-height: 40px; padding: 4px 12px;
        box-sizing: border-box; background: var(--jp-layout-color1); color: var(--jp-ui-font-color1);
        border-bottom: 1px solid var(--jp-border-color2); font-size: 14px; }
      .course-bar progress { width: 120px; flex: none; }
      .course-start, .course-veil { min-height: 32px; padding: 0 14px; border: none; border-radius: 16px;
        font-size: 14px; font-weight: 600; white-space: nowrap; cursor: pointer;
        background: #1f5fa8; color: #fff; }
      .course-start:disabled { opacity: 0.6; cursor: default; }
      .course-start:focus-visible, .course-veil:focus-visible { outline: 3px solid #ffb000; }
      .jp-OutputArea-child.course-asleep { position: relative; padding-bottom: 44px; }
      .course-veil { position: absolute; bottom: 6px; left: calc(var(--jp-cell-prompt-width) + 12px); }
      .course-old-code { margin: 4px 0 8px calc(var(--jp-cell-prompt-width) + 12px); padding: 8px 12px;
        border-left: 4px solid #d55e00; font-size: 14px; line-height: 2.2;
        background: var(--jp-layout-color2); color: var(--jp-ui-font-color1); }
      .course-covered { position: relative; }
      .course-covered > * { visibility: hidden; }
      .course-covered::before { content: ""; position: absolute; inset: 0 8px 0 72px;
        background: var(--jp-layout-color2); opacity: 0.6; }
      .course-first-covered::after { content: "Your guess first. Commit, or skip: then this opens.";
        position: absolute; left: 92px; top: 12px; color: var(--jp-ui-font-color1); font-size: 14px; }
      @media print { .course-bar, .course-veil { display: none; } }
    `;
    document.head.append(style);
  }

  function lives(app, modules) {
    const open = new Set();
    addStyle();
    app.docRegistry.addWidgetExtension("Notebook", {
      createNew(panel, context) {
        const life = new Life(panel, context, modules);
        open.add(life);
        panel.disposed.connect(() => open.delete(life));
        new OldCode(panel, modules);
      },
    });
    whenThePageChanges(() => open.forEach((life) => life.dress()));
  }

  // What JupyterLab asks of an extension that brings its own code: a module-federation container.
  let shared;

  async function fromJupyter(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  async function plugins() {
    const { NotebookActions } = await fromJupyter("@jupyterlab/notebook");
    const { Widget } = await fromJupyter("@lumino/widgets");
    return [
      {
        id: "gradient-descent-course:names",
        description: "Names for the sliders and play buttons of ipywidgets, for screen readers.",
        autoStart: true,
        activate: () => whenThePageChanges(nameAll),
      },
      {
        id: "gradient-descent-course:lessons",
        description:
          "Starts a lesson, shows its still pictures while no kernel runs, and says when a check " +
          "has seen old code.",
        autoStart: true,
        activate: (app) => lives(app, { NotebookActions, Widget }),
      },
    ];
  }

  globalThis._JUPYTERLAB ??= {};
  globalThis._JUPYTERLAB["gradient-descent-course"] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const all = await plugins();
      return () => ({ __esModule: true, default: all });
    },
  };
})();
