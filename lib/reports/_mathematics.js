// Runs in the report page: draws the formulas between dollar signs.
globalThis.renderMathInElement(document.body, {
  output: "mathml",
  throwOnError: false,
  delimiters: [
    { left: "$$", right: "$$", display: true },
    { left: "$", right: "$", display: false },
  ],
});
