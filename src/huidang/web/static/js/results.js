// results.js: who comes back from a hit finds the list where it was: the address names the hit that was opened, and this
// window remembers how high on the screen it stood.
const hits = document.querySelector('[data-hits]');
const KEY = 'hit-top';

hits?.addEventListener('click', (event) => {
  const hit = event.target.closest('[data-hit]');
  if (!hit) return;
  const here = new URL(location.href);
  here.searchParams.set('seen', hit.dataset.hit);
  here.searchParams.set('noted', hits.dataset.noted);
  const place = new URL(hit.href).searchParams.get('place');
  if (place) here.searchParams.set('place', place);
  here.searchParams.delete('beyond');
  here.searchParams.delete('offset');
  history.replaceState(history.state, '', here);
  const top = hit.getBoundingClientRect().top - hits.getBoundingClientRect().top;
  sessionStorage.setItem(KEY, JSON.stringify({ id: hit.dataset.hit, top }));
});

// The browser goes to the fragment of the address by itself, at the latest when all is loaded.
const seen = hits?.querySelector('.hit-seen');
function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEY) || '{}');
  const top = kept.id === seen.dataset.hit ? kept.top : hits.clientHeight / 3;
  hits.scrollTop += seen.getBoundingClientRect().top - hits.getBoundingClientRect().top - top;
}
if (seen) {
  restore();
  addEventListener('load', () => requestAnimationFrame(restore), { once: true });
}
