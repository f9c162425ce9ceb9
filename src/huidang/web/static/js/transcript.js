// transcript.js: opens at the named message or the latest one, and keeps the place when older ones are put on top.
function open(talk) {
  if (!talk || 'opened' in talk.dataset) return;
  talk.dataset.opened = '';
  const named = talk.querySelector('[data-at]');
  if (named) named.scrollIntoView({ block: 'center' });
  else if (!talk.hasAttribute('data-from-start')) talk.scrollTop = talk.scrollHeight;
}

const talkIn = (root) => root.querySelector('.pane-reader .talk');
open(talkIn(document));
document.addEventListener('htmx:afterSettle', () => open(talkIn(document)));

// The browser's own anchoring does nothing at the very top and something everywhere else, so it rests meanwhile.
let kept = null;
document.addEventListener('htmx:beforeSwap', (event) => {
  const talk = event.target.closest?.('.talk');
  if (!talk || !event.target.matches('[data-older]')) return;
  const below = talk.querySelector('.msg, .sys');
  talk.style.overflowAnchor = 'none';
  kept = below && { talk, below, top: below.getBoundingClientRect().top };
});
document.addEventListener('htmx:afterSwap', () => {
  if (!kept) return;
  const { talk, below, top } = kept;
  kept = null;
  talk.scrollTop += below.getBoundingClientRect().top - top;
  requestAnimationFrame(() => { talk.style.overflowAnchor = ''; });
});
