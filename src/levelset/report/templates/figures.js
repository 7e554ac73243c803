(function () {
  "use strict";
  const NARROW = 560; // pixels; below, a figure takes its narrow layout
  const PAPER = 810; // pixels; a figure's width in print, where the style makes it smaller
  const root = document.documentElement;
  const plots = Array.from(document.querySelectorAll(".plot"));

  // Figures name colors by CSS variable; only entries that are colors are looked up, so that
  // no name that a user gave can be taken for one.
  function colored(value, css, isColor) {
    if (typeof value === "string") {
      return isColor && value.startsWith("--") ? css.getPropertyValue(value).trim() : value;
    }
    if (Array.isArray(value)) return value.map((item) => colored(item, css, isColor));
    if (value === null || typeof value !== "object") return value;
    const copy = {};
    for (const key of Object.keys(value)) copy[key] = colored(value[key], css, key.endsWith("color") || key === "colorscale");
    return copy;
  }

  function draw(plot, paper) {
    const figure = JSON.parse(plot.querySelector("script").textContent);
    const canvas = plot.querySelector(".canvas");
    const width = paper ? PAPER : plot.clientWidth;
    if (!width) return;
    const narrow = width < NARROW;
    const css = getComputedStyle(root);
    const layout = Object.assign(figure.layout, narrow ? figure.narrow : {}, { width: width });
    const shown = plot.dataset.legend;
    plot.classList.toggle("named", shown === "never" || (shown === "narrow" && !narrow));
    plot.classList.remove("waiting");
    plot.dataset.width = width;
    // From nothing, rather than by an update: narrow and wide differ in what they contain.
    Plotly.purge(canvas);
    Plotly.newPlot(canvas, colored(figure.data, css, false), colored(layout, css, false), {
      displayModeBar: false,
      showTips: false,
      doubleClick: false,
      scrollZoom: false,
    });
  }

  function drawAll(paper) {
    root.classList.toggle("printing", paper);
    plots.forEach((plot) => draw(plot, paper));
  }

  drawAll(false);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(false));
  addEventListener("beforeprint", () => drawAll(true));
  addEventListener("afterprint", () => drawAll(false));
  let waiting = 0;
  addEventListener("resize", () => {
    if (root.classList.contains("printing")) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      plots.filter((plot) => plot.clientWidth !== Number(plot.dataset.width)).forEach((plot) => draw(plot, false));
    }, 120);
  });

  for (const box of document.querySelectorAll(".command")) {
    // A line breaks between words only: a hyphen would be a place to break otherwise.
    const code = box.querySelector("code");
    code.replaceChildren(...code.textContent.split(/( )/).map((word) => {
      if (word === " ") return word;
      const span = document.createElement("span");
      span.textContent = word;
      return span;
    }));
    if (!navigator.clipboard) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    box.append(button);
  }
})();
