// A slider with a field for its value: written as it is loaded, an anywidget module.
//
// The handle and the arrow keys go along the grid; the field takes any number between the ends, and
// shows it as it was typed. Both have names for screen readers, and the handle says the number that
// the field shows, not a place along the slider.

const PAGE = 10; // how many steps of the grid Page Up and Page Down go

function gridOf(model) {
  const own = model.get("grid");
  if (own.length) return own;
  const [min, max, step] = ["min", "max", "step"].map((name) => model.get(name));
  const base = model.get("base"); // of a logarithmic slider: min, max and step are exponents
  const count = Math.round((max - min) / step);
  const along = Array.from({ length: count + 1 }, (_, i) => Math.min(min + i * step, max));
  if (along.at(-1) < max) along.push(max);
  return base ? along.map((exponent) => base ** exponent) : along.map((x) => +x.toFixed(12));
}

// A short number as it is; a long one, such as 0.10232929922807542, with three digits.
function inDigits(value) {
  const short = +value.toPrecision(6);
  return String(Math.abs(short - value) <= 1e-11 * Math.abs(value) ? short : +value.toPrecision(3));
}

// How far along the grid a value is; between two of its places if it stands in none.
function placeOf(value, grid) {
  const above = grid.findIndex((x) => x >= value);
  if (above < 0) return grid.length - 1;
  if (above === 0) return 0;
  return above - (grid[above] - value) / (grid[above] - grid[above - 1]);
}

function render({ model, el }) {
  const row = document.createElement("div");
  const label = document.createElement("span");
  const range = document.createElement("input");
  const field = document.createElement("input");
  row.className = "live-slider";
  label.setAttribute("aria-hidden", "true"); // it is the name of the other two
  range.type = "range";
  range.min = 0;
  range.step = "any";
  field.type = "text";
  field.inputMode = "decimal";
  field.autocomplete = "off";
  for (const part of [range, field]) part.dataset.lmSuppressShortcuts = "true";
  row.append(label, range, field);
  el.append(row);

  let grid = [];
  const lay = () => {
    grid = gridOf(model);
    range.max = grid.length - 1;
    const name = model.get("description");
    label.textContent = name;
    range.setAttribute("aria-label", name);
    field.setAttribute("aria-label", `${name}, as a number`);
    show();
  };
  const show = () => {
    const told = inDigits(model.get("value"));
    range.value = placeOf(model.get("value"), grid);
    range.setAttribute("aria-valuetext", told);
    if (field !== document.activeElement || !field.classList.contains("live-typing")) {
      field.value = told;
    }
  };
  const put = (value) => {
    if (value === model.get("value")) return show();
    model.set("value", value);
    model.save_changes();
  };
  const step = (by) => {
    const place = placeOf(model.get("value"), grid);
    const next = by > 0 ? Math.floor(place + 1e-9) + by : Math.ceil(place - 1e-9) + by;
    put(grid[Math.min(Math.max(next, 0), grid.length - 1)]);
  };
  const dragged = (event) => {
    const value = grid[Math.round(range.value)];
    range.setAttribute("aria-valuetext", inDigits(value));
    if (event.type === "change" || model.get("continuous_update")) put(value);
    else field.value = inDigits(value);
  };
  const type = () => {
    if (!field.classList.contains("live-typing")) return;
    field.classList.remove("live-typing");
    const value = Number(field.value.trim().replace(",", ".").replace("−", "-"));
    const inside = Math.min(Math.max(value, grid[0]), grid.at(-1));
    put(field.value.trim() === "" || Number.isNaN(value) ? model.get("value") : inside);
  };
  range.addEventListener("input", dragged);
  range.addEventListener("change", dragged);
  range.addEventListener("keydown", (event) => {
    const by = {
      ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: PAGE, PageDown: -PAGE,
      Home: -grid.length, End: grid.length,
    }[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    step(by);
  });
  field.addEventListener("input", () => field.classList.add("live-typing"));
  field.addEventListener("change", type);
  field.addEventListener("focus", () => field.select());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") type();
    event.stopPropagation();
  });
  const changes = { "change:value": show };
  for (const name of ["min", "max", "step", "description"]) changes[`change:${name}`] = lay;
  for (const [event, act] of Object.entries(changes)) model.on(event, act);
  lay();
  return () => {
    for (const [event, act] of Object.entries(changes)) model.off(event, act);
  };
}

export default { render };
