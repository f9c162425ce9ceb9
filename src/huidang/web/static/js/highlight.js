// highlight.js: words selected in an excerpt's message fill its form, by their place in code points.
document.addEventListener('selectionchange', () => {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  const bubble = range.commonAncestorContainer.parentElement?.closest('[data-words]')
    ?? range.commonAncestorContainer.closest?.('[data-words]');
  const form = bubble?.closest('[data-pin]')?.querySelector('[data-highlight]');
  const text = bubble?.querySelector('.text');
  if (!form || !text) return;
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const first = [...before.toString()].length;
  form.elements.first.value = first;
  form.elements.end.value = first + [...range.toString()].length;
  form.elements.words.value = range.toString().slice(0, 200);
});

document.addEventListener('input', (event) => {
  const form = event.target.closest('[data-highlight]');
  if (form) form.elements.first.value = form.elements.end.value = '';
});
