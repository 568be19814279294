"use strict";
const tip = document.getElementById("tip");
for (const title of document.querySelectorAll("svg title")) {
  title.parentNode.dataset.tip = title.textContent;
  title.remove();
}
const light = (entry, on) => {
  if (entry) for (const one of document.querySelectorAll(`[data-e="${entry}"]`)) one.classList.toggle("hot", on);
};
const entry = (event) => event.target.closest("[data-e]")?.dataset.e;
document.addEventListener("pointerover", (event) => light(entry(event), true));
document.addEventListener("pointerout", (event) => { light(entry(event), false); tip.hidden = true; });
document.addEventListener("focusin", (event) => light(entry(event), true));
document.addEventListener("focusout", (event) => light(entry(event), false));
document.addEventListener("pointermove", (event) => {
  const text = event.target.closest("[data-tip]")?.dataset.tip;
  tip.hidden = !text;
  if (!text) return;
  if (tip.textContent !== text) tip.textContent = text;
  const x = event.clientX + 16, y = event.clientY + 18;
  tip.style.left = `${Math.max(4, Math.min(x, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${y + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : y}px`;
});
const open = () => {
  const details = document.getElementById(location.hash.slice(1))?.querySelector("details");
  if (details) details.open = true;
};
addEventListener("hashchange", open);
open();
