// tabs.js: where tabs are wider than the page, the current one is brought into view.
const here = document.querySelector('.tabs [aria-current]');
if (here) {
  const row = here.parentElement;
  row.scrollLeft = here.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
}
