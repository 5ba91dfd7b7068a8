// Names for screen readers, where ipywidgets gives none: without this a slider for a learning rate
// of 0.1 is read out as "slider, minus 1.00", and the play button as nothing. Here it says
// "learning rate η, slider, 0.100". An extension of JupyterLab, Notebook and JupyterLite that is
// written as it is loaded: there is nothing to build.

"use strict";

(() => {
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

  const plugin = {
    id: "gradient-descent-course:names",
    description: "Names for the sliders and play buttons of ipywidgets, for screen readers.",
    autoStart: true,
    activate: () => whenThePageChanges(nameAll),
  };

  // What JupyterLab asks of an extension that brings its own code: a module-federation container.
  globalThis._JUPYTERLAB ??= {};
  globalThis._JUPYTERLAB["gradient-descent-course"] = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
