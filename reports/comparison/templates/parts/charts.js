"use strict";
(() => {
  const PAPER_WIDTH = 690; // pixels between the margins of A4 and Letter
  const { days, figures } = JSON.parse(document.getElementById("chart-data").textContent);
  const touch = matchMedia("(pointer: coarse)").matches;
  const divs = [];
  for (const [key, figure] of Object.entries(figures)) {
    const div = document.getElementById("chart-" + key);
    for (const trace of figure.data) trace.x = days;
    figure.layout.dragmode = touch ? false : "zoom"; // a finger scrolls the page
    Plotly.newPlot(div, figure.data, figure.layout, { displayModeBar: false, responsive: true });
    divs.push(div);
  }

  let following = false; // charts follow the one that was zoomed, not each other
  for (const div of divs) {
    div.on("plotly_relayout", (change) => {
      const whole = change["xaxis.autorange"];
      const from = change["xaxis.range[0]"];
      if (following || (!whole && from === undefined)) return;
      following = true;
      const update = whole ? { "xaxis.autorange": true } : { "xaxis.range": [from, change["xaxis.range[1]"]] };
      Promise.all(divs.filter((other) => other !== div).map((other) => Plotly.relayout(other, update)))
        .finally(() => { following = false; });
    });
  }

  for (const button of document.querySelectorAll(".key button")) {
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(shown));
      for (const div of divs) {
        const lines = div.data.flatMap((trace, i) => (trace.meta === button.dataset.result ? [i] : []));
        Plotly.restyle(div, { visible: shown }, lines);
      }
    });
  }

  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("#july details, #months details, #metrics details")) part.open = true;
    for (const div of divs) Plotly.relayout(div, { width: PAPER_WIDTH });
  });
  addEventListener("afterprint", () => {
    for (const div of divs) Plotly.relayout(div, { width: null, autosize: true });
  });
})();
