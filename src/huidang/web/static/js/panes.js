// panes.js: keeps the list in step with the transcript that htmx put beside it.
document.addEventListener('htmx:afterSwap', (event) => {
  const { target, requestConfig } = event.detail;
  if (target.id !== 'reader' || !requestConfig.elt.matches('.row-link')) return;
  document.querySelector('.row-link[aria-current]')?.removeAttribute('aria-current');
  requestConfig.elt.setAttribute('aria-current', 'true');
  document.querySelector('.sheet-3').dataset.pane = 'reader';
  if (!matchMedia('(min-width: 48em)').matches) document.getElementById('reader').focus({ preventScroll: true });
});

// A refusal is an answer too: show its sentence in the pane.
document.addEventListener('htmx:beforeSwap', (event) => {
  if (event.detail.xhr.status >= 400) event.detail.shouldSwap = true;
});

// A menu filled by htmx closes like one that is native: Escape, or a press elsewhere.
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll('.menu-pop:not(:empty)')) {
    if (!except || !menu.parentElement.contains(except)) menu.replaceChildren();
  }
};
document.addEventListener('pointerdown', (event) => closeMenus(event.target));
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') closeMenus(); });
