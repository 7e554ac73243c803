// Figures are pictures without this script; it adds what a pointer or a key can ask of them.
(function () {
  "use strict";
  const REACH = 24; // pixels from a symbol that still ask for its name

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status"); // read aloud when it changes
  tip.hidden = true;
  document.body.append(tip);

  function show(content, x, y) {
    tip.replaceChildren(...content);
    tip.hidden = false;
    const room = document.documentElement.clientWidth;
    const left = x + 16 + tip.offsetWidth > room ? x - 16 - tip.offsetWidth : x + 16;
    tip.style.left = Math.max(4, Math.min(left, room - tip.offsetWidth - 4)) + scrollX + "px";
    tip.style.top = Math.max(4, y - tip.offsetHeight - 12) + scrollY + "px";
  }

  let ruler = null; // of the curves that are being read
  function hide() {
    tip.hidden = true;
    if (ruler) ruler.hidden = true;
  }

  function asked(box, answer) {
    box.addEventListener("pointermove", answer);
    box.addEventListener("pointerdown", answer);
    // A finger leaves when it is lifted, before its answer is read; that goes with its next touch.
    box.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") hide(); });
  }
  addEventListener("pointerdown", hide, true);

  function element(name, text, className) {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function nearest(values, wanted) {
    let best = 0;
    values.forEach((value, at) => {
      if (Math.abs(value - wanted) < Math.abs(values[best] - wanted)) best = at;
    });
    return best;
  }

  // Curves: a rule follows the pointer or the arrow keys, and a box says what every line is there.
  function readable(plot) {
    const data = JSON.parse(plot.querySelector('script[type="application/json"]').textContent);
    const [canvas, box] = [".canvas", ".box"].map((name) => plot.querySelector(name));
    if (!data.x.length) return;
    const rule = element("i", "", "ruler");
    rule.hidden = true;
    box.append(rule);
    let at = 0;
    function read(x, y) {
      rule.style.left = 100 * data.x[at] + "%";
      hide();
      ruler = rule;
      rule.hidden = false;
      const lines = data.rows.filter((row) => row.texts[at]).map((row) => {
        const line = element("p", row.name + ": ");
        line.append(element("b", row.texts[at]));
        const swatch = element("i", "", "swatch");
        swatch.style.background = "var(" + row.color + ")";
        line.prepend(swatch);
        return line;
      });
      show([element("p", data.labels[at], "where"), ...lines], x, y);
    }
    asked(box, (event) => {
      const place = box.getBoundingClientRect();
      at = nearest(data.x, (event.clientX - place.left) / place.width);
      read(event.clientX, event.clientY);
    });
    canvas.tabIndex = 0;
    canvas.addEventListener("keydown", (event) => {
      const last = data.x.length - 1;
      const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
      if (next === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      at = rule.hidden && event.key.startsWith("Arrow") ? at : Math.max(0, Math.min(next, last));
      const place = box.getBoundingClientRect();
      read(place.left + data.x[at] * place.width, place.top + place.height / 2);
    });
    canvas.addEventListener("blur", () => { if (ruler === rule) hide(); });
  }

  // Symbols and areas that carry a text: the nearest to the pointer says it.
  function telling(box) {
    const spots = Array.from(box.querySelectorAll("use[data-tip]"));
    asked(box, (event) => {
      let found = event.target.closest("[data-tip]");
      let least = REACH;
      for (const spot of spots) {
        const place = spot.getBoundingClientRect();
        const away = Math.hypot(
          place.left + place.width / 2 - event.clientX, place.top + place.height / 2 - event.clientY);
        if (away < least) { least = away; found = spot; }
      }
      if (found) show([element("p", found.dataset.tip)], event.clientX, event.clientY);
      else hide();
    });
  }

  // Level sets over steps: one step at a time, moved by pointer, keys or by themselves.
  function sliding(slides) {
    const steps = Array.from(slides.querySelectorAll(".step"));
    const controls = slides.querySelector(".controls");
    const [range, output, button] = ["input", "output", "button"].map((name) => controls.querySelector(name));
    let playing = 0;
    function go() {
      const at = Number(range.value);
      steps.forEach((step, number) => step.classList.toggle("current", number === at));
      output.textContent = steps[at].dataset.name;
      range.setAttribute("aria-valuetext", steps[at].dataset.name);
    }
    function stop() {
      clearInterval(playing);
      playing = 0;
      button.textContent = "Play";
    }
    range.addEventListener("input", () => { stop(); go(); });
    button.addEventListener("click", () => {
      if (playing) return stop();
      if (range.value === range.max) range.value = 0;
      go();
      button.textContent = "Pause";
      playing = setInterval(() => {
        range.value = Number(range.value) + 1;
        go();
        if (range.value === range.max) stop();
      }, 700);
    });
    controls.hidden = steps.length < 2;
    slides.classList.add("moving");
    go();
  }

  document.querySelectorAll(".plot:has(> script)").forEach(readable);
  document.querySelectorAll(".box:has([data-tip])").forEach(telling);
  document.querySelectorAll(".slides").forEach(sliding);
  addEventListener("scroll", hide, { passive: true });
  addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });

  // What a report folds away: opened at once, for print, and by a link that leads into it.
  const folds = Array.from(document.querySelectorAll("details.more"));
  const opener = document.querySelector(".open-all");
  if (opener && folds.length) {
    const tell = () => {
      const open = folds.every((fold) => fold.open);
      opener.textContent = open ? "Close all studies" : "Open all studies";
      opener.setAttribute("aria-pressed", String(open));
    };
    opener.hidden = false;
    opener.addEventListener("click", () => {
      const open = !folds.every((fold) => fold.open);
      for (const fold of folds) fold.open = open;
      tell();
    });
    for (const fold of folds) fold.addEventListener("toggle", tell);
    tell();
  }

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = folds.filter((fold) => !fold.open);
    for (const fold of opened) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of opened) fold.open = false;
    opened = [];
  });

  function follow() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = target && target.closest("details.more");
    if (!fold || fold.open) return;
    fold.open = true;
    target.scrollIntoView();
  }
  addEventListener("hashchange", follow);
  follow();

  for (const box of document.querySelectorAll(".command")) {
    if (!navigator.clipboard) continue;
    const code = box.querySelector("code");
    const button = element("button", "Copy");
    button.type = "button";
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
