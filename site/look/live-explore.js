const digits = (v) => String(+v.toPrecision(3)).replace("e+", "e");
const words = (v) => (Math.abs(v) < 1e-15 ? "0 (to rounding)" : digits(v));

class LiveExplore extends HTMLElement {
  connectedCallback() {
    const find = (what) => this.querySelector(what);
    this.rule = rules[this.dataset.rule];
    this.on = landscapes[this.dataset.landscape];
    this.window = JSON.parse(this.dataset.window);
    this.start = [...this.on.start];
    [this.svg, this.loss, this.handle, this.says] = [".ground svg", ".loss", ".start", ".says"].map(find);
    [this.line, this.marks, this.reach] = [".ground polyline", ".steps", ".reach"].map(find);
    this.who = this.says.textContent.split(/[:]| diverged/)[0];
    this.sliders = [...this.querySelectorAll("input")];
    for (const slider of this.sliders) {
      const value = Number(slider.dataset.value);
      slider.grid = JSON.parse(slider.dataset.grid ?? "null");
      slider.value = slider.grid ? slider.grid.indexOf(value) : "log" in slider.dataset ? Math.log10(value) : value;
      slider.addEventListener("input", () => this.later());
    }
    for (const part of this.querySelectorAll("[hidden]")) part.removeAttribute("hidden");
    const { handle } = this;
    for (const [name, value] of Object.entries({ tabindex: 0, role: "slider", "aria-label": "Start of the path, x; the arrow keys move it",
      "aria-valuemin": this.window[0][0], "aria-valuemax": this.window[0][1] })) handle.setAttribute(name, value);
    handle.addEventListener("keydown", (event) => this.key(event));
    this.svg.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" && event.target !== this.reach) return; // a finger may scroll
      this.svg.setPointerCapture(event.pointerId);
      this.drag(event);
    });
    this.svg.addEventListener("click", (event) => this.drag(event)); // a tap
    this.svg.addEventListener("pointermove", (event) => this.svg.hasPointerCapture(event.pointerId) && this.drag(event));
    this.draw();
  }

  key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!way) return;
    event.preventDefault();
    this.move(this.start.map((v, i) => v + way[i] * (event.shiftKey ? 0.05 : 0.01) * (this.window[i][1] - this.window[i][0])));
  }

  drag(event) {
    const box = this.svg.getBoundingClientRect(), [[x0, x1], [y0, y1]] = this.window;
    this.move([x0 + (event.clientX - box.left) / box.width * (x1 - x0), y1 - (event.clientY - box.top) / box.height * (y1 - y0)]);
  }

  move(to) {
    this.start = to.map((v, i) => Math.min(Math.max(v, this.window[i][0]), this.window[i][1]));
    this.later();
  }

  later() {
    this.asked ??= requestAnimationFrame(() => { this.asked = null; this.draw(); });
  }

  draw() {
    const settings = JSON.parse(this.dataset.fixed);
    for (const slider of this.sliders) {
      const value = slider.grid ? slider.grid[slider.value] : "log" in slider.dataset ? 10 ** slider.value : Number(slider.value);
      settings[slider.dataset.name] = value;
      slider.nextElementSibling.textContent = digits(value);
      slider.setAttribute("aria-valuetext", digits(value));
    }
    const path = descend(this.rule, this.on, this.start, Number(this.dataset.steps), settings);
    const [[x0, x1], [y0, y1]] = this.window;
    const held = (v) => Math.min(Math.max(v, -1e5), 1e5);
    const at = path.points.map(([x, y]) => [held((x - x0) / (x1 - x0) * 800), held((y1 - y) / (y1 - y0) * 400)]);
    this.line.setAttribute("points", at.join(" "));
    this.marks.innerHTML = at.slice(1).map(([x, y]) => `<circle cx="${x}" cy="${y}" r="4"/>`).join("");
    for (const circle of [this.handle, this.reach]) {
      circle.setAttribute("cx", at[0][0]);
      circle.setAttribute("cy", at[0][1]);
    }
    this.handle.setAttribute("aria-valuenow", this.start[0]);
    this.handle.setAttribute("aria-valuetext", `x ${words(this.start[0])}, y ${words(this.start[1])}`);
    const gap = path.values.map((v) => v - (this.on.lowest ?? 0));
    const height = gap.map((v) => Math.log10(Math.min(Math.max(v, 1e-8), 1e4)));
    this.loss.firstElementChild.setAttribute("points", height.map((v, t) => [t / this.dataset.steps * 800, 145 - (v + 8) / 12 * 140]).join(" "));
    const [first, last, n] = [gap[0], gap.at(-1), gap.length - 1];
    const verb = last < first ? "falls" : last > first ? "grows" : "stays";
    this.says.textContent = path.undefined ? `${this.who} is not a number (0/0) from step ${path.diverged} on.`
      : path.diverged ? `${this.who} diverged at step ${path.diverged}.`
        : `${this.who}: f ${verb} from ${words(first)} to ${words(last)} in ${n} steps.`;
  }
}
customElements.define("live-explore", LiveExplore);
