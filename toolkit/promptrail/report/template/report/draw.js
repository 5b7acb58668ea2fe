"use strict";
/* Inflates plotly.js from the page itself and draws each figure live over its still picture. No request, no eval;
   where anything is missing, the still picture stays. Print always shows the still one where there is one. */
(function () {
  var figures = Array.prototype.slice.call(document.querySelectorAll("figure[data-figure]"));
  var dark = matchMedia("(prefers-color-scheme: dark)");
  var LEAST = 600;

  function draw(figure) {
    var spec = JSON.parse(document.getElementById(figure.dataset.figure).textContent), layout = spec.layout;
    layout.font.color = dark.matches ? "#e6e8eb" : "#1b1f24";
    layout.paper_bgcolor = dark.matches ? "#14171b" : "#ffffff";
    layout.width = Math.max(LEAST, figure.clientWidth);
    return Plotly.react(figure.querySelector(".plot"), spec.data, layout, {
      displayModeBar: false, responsive: false, showTips: false
    });
  }

  function all() { return Promise.all(figures.map(draw)); }

  function unpack(text) {
    var packed = atob(text.trim()), bytes = new Uint8Array(packed.length);
    for (var i = 0; i < packed.length; i++) { bytes[i] = packed.charCodeAt(i); }
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  if (!window.DecompressionStream) { return; }
  unpack(document.getElementById("plotly-gz").textContent).then(function (library) {
    var script = document.createElement("script");
    script.textContent = library;
    document.head.appendChild(script);
    if (!window.Plotly) { throw new Error("the policy of this page refused the library"); }
    document.documentElement.dataset.drawn = "yes";
    return all();
  }).then(function () {
    var timer;
    addEventListener("resize", function () { clearTimeout(timer); timer = setTimeout(all, 120); });
    dark.addEventListener("change", function () { all(); });
  }).catch(function (error) {
    delete document.documentElement.dataset.drawn;
    console.warn("still pictures kept: " + error.message);
  });
})();
