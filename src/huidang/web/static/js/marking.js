// marking.js: select words in a bubble to hide them, or a mask that hides by mistake to show it. The message's own page
// does the same without a script. Places are code points of the text, as the server counts them.
const bar = () => document.querySelector('[data-marking]');
const length = (text) => Array.from(text).length;

function chosen() {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const holder = range.commonAncestorContainer;
  const element = holder.nodeType === Node.ELEMENT_NODE ? holder : holder.parentElement;
  const text = element?.closest('.bubble > .text');
  const message = text?.closest('[data-marks]');
  if (!message) return null;
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const start = length(before.toString());
  const seen = range.toString();
  const masked = [...text.querySelectorAll('.mask')].some((mask) => range.intersectsNode(mask));
  return { message, range, start, end: start + length(seen), seen, masked };
}

function offer() {
  const form = bar();
  if (!form) return;
  if (form.contains(document.activeElement)) return;
  const found = chosen();
  form.hidden = !found;
  if (!found) return;
  const [hide, clear] = form.querySelectorAll('[data-step]');
  for (const button of [hide, clear]) button.formAction = `${found.message.dataset.marks}/${button.dataset.step}`;
  clear.hidden = !found.masked;
  for (const name of ['start', 'end', 'seen']) form.elements[name].value = found[name];
  const at = found.range.getBoundingClientRect();
  form.style.insetBlockStart = `${Math.min(at.bottom + 6, innerHeight - form.offsetHeight - 8)}px`;
  form.style.insetInlineStart = `${Math.max(8, Math.min(at.left, innerWidth - form.offsetWidth - 8))}px`;
}

let waiting = 0;
document.addEventListener('selectionchange', () => {
  clearTimeout(waiting);
  waiting = setTimeout(offer, 200);
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && bar() && !bar().hidden) bar().hidden = true;
});
document.addEventListener('scroll', () => { if (bar()) bar().hidden = true; }, true);
