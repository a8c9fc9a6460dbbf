"use strict";
const search = document.getElementById("search");
const found = document.getElementById("found");
const base = document.body.dataset.base;
const button = document.getElementById("menu-button");
button.addEventListener("click", () => {
  const isOpen = document.getElementById("menu").classList.toggle("open");
  button.setAttribute("aria-expanded", isOpen);
});
/** A word in a page's or section's name counts for more than one in its text. */
function rank(page, words) {
  let sum = 0;
  for (const word of words) {
    const [, title, heading, text] = page.map((part) => part.toLowerCase());
    const points = (heading.includes(word) ? 8 : 0) + (title.includes(word) ? 4 : 0) + (text.includes(word) ? 1 : 0);
    if (!points) return 0;
    sum += points;
  }
  return sum;
}
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter((word) => word.length > 1);
  const hits = !words.length ? [] : pages.map((page) => [rank(page, words), page]).filter(([points]) => points)
    .sort((a, b) => b[0] - a[0]).slice(0, 12).map(([, page]) => page);
  found.replaceChildren(...hits.map(([address, title, heading, text]) => {
    const link = document.createElement("a");
    link.href = base + address;
    link.textContent = heading === title ? title : `${title}: ${heading}`;
    const small = document.createElement("small");
    small.textContent = text.slice(0, 120);
    link.append(small);
    const line = document.createElement("li");
    line.append(link);
    return line;
  }));
  if (words.length && !hits.length) {
    const line = document.createElement("li");
    line.textContent = "Nothing was found.";
    found.append(line);
  }
  found.hidden = !words.length;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.closest("input, textarea")) { event.preventDefault(); search.focus(); }
  if (event.key === "Escape") { found.hidden = true; search.blur(); }
});
