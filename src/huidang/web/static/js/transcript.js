// transcript.js: opens at the named message or the latest one, and keeps the place when older ones are put on top.
function open(talk) {
  if (!talk || talk.dataset.opened) return;
  talk.dataset.opened = '';
  const named = talk.querySelector('[data-at]');
  if (named) named.scrollIntoView({ block: 'center' });
  else if (!talk.hasAttribute('data-from-start')) talk.scrollTop = talk.scrollHeight;
}

const talkIn = (root) => root.querySelector('.pane-reader .talk');
open(talkIn(document));
document.addEventListener('htmx:afterSettle', () => open(talkIn(document)));

let fromBottom = null;
document.addEventListener('htmx:beforeSwap', (event) => {
  const talk = event.target.closest?.('.talk');
  if (talk && event.target.matches('[data-older]')) fromBottom = talk.scrollHeight - talk.scrollTop;
});
document.addEventListener('htmx:afterSwap', () => {
  if (fromBottom === null) return;
  const talk = talkIn(document);
  if (talk) talk.scrollTop = talk.scrollHeight - fromBottom;
  fromBottom = null;
});
