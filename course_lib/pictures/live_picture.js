// The live picture in the browser: it shows the pictures that the kernel draws, and tells the
// kernel where they are touched. An anywidget module, written as it is loaded.
//
// A picture has a ground, which seldom changes, and a frame drawn over it, which does: `ground` is
// {number, file}, `frame` {of, x, y, file}, with the number of the ground it belongs to and its
// place there in pixels. `areas` are the parts that can be touched, {box, label, cursor}; the box is
// (left, top, width, height) in percent of the picture. Events go to the kernel as {n, kind, area,
// x, y}: x and y are shares of the area, from its lower left corner. The answer is {done: n}.

const MOST_UNDERWAY = 16;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };

// The way to the kernel. Moves are held back while too many are underway, and then the newest goes.
// How many may be is found as in TCP Vegas: the shortest round trip says how long a move takes that
// waits for no other; a longer one, how many wait in line. About one should: so the kernel has
// always something to do, and no picture comes late.
class Line {
  constructor(model) {
    this.model = model;
    this.sent = 0;
    this.underway = new Map(); // number: when it was sent
    this.allowed = 1;
    this.shortest = Infinity;
    this.held = null;
  }

  send(event) {
    if (this.held && !this.#replaces(event)) this.#post(this.held);
    this.held = null;
    if (event.kind === "move" || event.kind === "hover" || event.kind === "key") {
      this.held = event;
      this.#pump();
    } else {
      this.#post(event);
    }
  }

  done(number) {
    const took = performance.now() - this.underway.get(number);
    const waited = this.underway.size;
    this.underway.delete(number);
    if (!(took > 0)) return;
    this.shortest = Math.min(took, this.shortest * 1.005);
    const inLine = waited * (1 - this.shortest / took);
    if (inLine < 0.6 && this.held) this.allowed = Math.min(this.allowed + 0.5, MOST_UNDERWAY);
    if (inLine > 1.2) this.allowed = Math.max(this.allowed - 0.5, 1);
    this.#pump();
  }

  // Whether this event makes the held one needless. Key presses add up.
  #replaces(event) {
    if (this.held.area !== event.area) return false;
    if (this.held.kind === "key") {
      if (event.kind !== "key") return false;
      event.x += this.held.x;
      event.y += this.held.y;
    }
    return true;
  }

  #pump() {
    if (this.held && this.underway.size < Math.floor(this.allowed)) {
      this.#post(this.held);
      this.held = null;
    }
  }

  #post(event) {
    this.underway.set(++this.sent, performance.now());
    this.model.send({ n: this.sent, ...event });
  }
}

// Draws what has been decoded, so nothing flickers; what comes late is not drawn any more.
class Screen {
  constructor(canvas) {
    this.canvas = canvas;
    this.asked = 0;
    this.shown = 0;
    this.ground = {};
  }

  async show({ number, file }, frame) {
    if (!file || !frame.file || frame.of !== number) return;
    const turn = ++this.asked;
    this.canvas.dataset.asked = turn;
    if (this.ground.number !== number) this.ground = { number, picture: decoded(file) };
    const [ground, over] = await Promise.all([this.ground.picture, decoded(frame.file)]);
    if (turn < this.shown) return;
    this.shown = turn;
    const { canvas } = this;
    if (canvas.width !== ground.width || canvas.height !== ground.height) {
      canvas.width = ground.width;
      canvas.height = ground.height;
    }
    const pen = canvas.getContext("2d");
    pen.drawImage(ground, 0, 0);
    if (over) pen.drawImage(over, frame.x, frame.y);
    over?.close();
    canvas.dataset.frames = turn;
    canvas.dispatchEvent(new CustomEvent("painted", { bubbles: true }));
  }
}

async function decoded(file) {
  return file.byteLength ? createImageBitmap(new Blob([file])) : null;
}

function isDark() {
  const theme = document.body.dataset.jpThemeLight ?? document.body.dataset.vscodeThemeKind;
  if (theme !== undefined) return theme === "false" || theme === "vscode-dark";
  return document.documentElement.matches("[theme=dark]"); // Colab
}

function render({ model, el }) {
  const line = new Line(model);
  const picture = document.createElement("div");
  const canvas = document.createElement("canvas");
  const told = document.createElement("div");
  const screen = new Screen(canvas);
  picture.className = "live-picture";
  told.className = "live-told";
  told.setAttribute("aria-hidden", "true"); // the read-out under the picture is what is read
  canvas.setAttribute("role", "img");
  picture.append(canvas, told);
  el.append(picture);

  const show = () => screen.show(model.get("ground"), model.get("frame"));
  const size = () => {
    const [width, height] = model.get("size");
    picture.style.maxWidth = `${width}px`;
    picture.style.aspectRatio = `${width} / ${height}`;
    canvas.setAttribute("aria-label", model.get("alt"));
  };
  const lay = () => {
    const areas = model.get("areas");
    const there = [...picture.querySelectorAll(".live-area")];
    there.slice(areas.length).forEach((area) => area.remove());
    areas.forEach(({ box: [left, top, width, height], label, cursor }, i) => {
      const area = there[i] ?? touchable(i, line, told);
      Object.assign(area.style, {
        left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%`, cursor,
      });
      area.setAttribute("aria-label", label);
      if (!there[i]) picture.insertBefore(area, told);
    });
  };
  const hear = (message) => {
    if (message.done === undefined) return;
    if (message.told !== undefined) {
      told.textContent = message.told;
      told.hidden = !message.told;
    }
    line.done(message.done);
  };
  const changes = {
    "change:ground": show, "change:frame": show, "change:areas": lay, "change:size": size,
    "change:alt": size, "msg:custom": hear,
  };
  for (const [event, act] of Object.entries(changes)) model.on(event, act);

  // What this screen is like: the kernel draws as sharp as can be seen.
  let reported = "";
  const report = () => {
    picture.classList.toggle("live-dark", isDark());
    const view = { width: Math.round(picture.clientWidth), ratio: window.devicePixelRatio };
    if (!view.width || reported === JSON.stringify(view)) return;
    reported = JSON.stringify(view);
    line.send({ kind: "view", ...view });
  };
  const sized = new ResizeObserver(report);
  const themed = new MutationObserver(report);
  sized.observe(picture);
  themed.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });

  told.hidden = true;
  size();
  lay();
  show();
  return () => {
    for (const [event, act] of Object.entries(changes)) model.off(event, act);
    sized.disconnect();
    themed.disconnect();
  };
}

// A part of the picture that the pointer, a finger or the arrow keys move something on.
function touchable(index, line, told) {
  const area = document.createElement("div");
  area.className = "live-area";
  area.tabIndex = 0;
  area.setAttribute("role", "application");
  area.dataset.lmSuppressShortcuts = "true"; // the arrow keys are not JupyterLab's here
  const tell = (kind, event) => {
    const box = area.getBoundingClientRect();
    const share = (at, from, length) => Math.min(Math.max((at - from) / length, 0), 1);
    const x = share(event.clientX, box.left, box.width);
    const y = 1 - share(event.clientY, box.top, box.height);
    line.send({ kind, area: index, x, y });
    const room = area.parentElement.getBoundingClientRect();
    told.style.left = `${event.clientX - room.left}px`;
    told.style.top = `${event.clientY - room.top}px`;
    told.classList.toggle("live-leftwards", event.clientX - room.left > room.width / 2);
  };
  let pointer = null; // the one that drags
  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return;
    pointer = event.pointerId;
    area.setPointerCapture(pointer);
    area.classList.add("live-dragged");
    told.hidden = true;
    tell("down", event);
  });
  area.addEventListener("pointermove", (event) => {
    if (event.pointerId === pointer) tell("move", event);
    else if (event.pointerType === "mouse" && pointer === null) tell("hover", event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    area.addEventListener(end, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      area.classList.remove("live-dragged");
      tell("up", event);
    });
  }
  area.addEventListener("pointerleave", () => {
    if (pointer !== null) return;
    line.held = null; // where the pointer no longer is, nothing is to be told
    line.send({ kind: "leave", area: index });
  });
  area.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const [x, y] = arrow.map((way) => way * (event.shiftKey ? 10 : 1));
    line.send({ kind: "key", area: index, x, y });
  });
  return area;
}

export default { render };
